"""The few words that figures say themselves; everything else comes from the caller."""

from charts.language import is_korean

# key: Korean, English
_WORDS = {
    "last_year": ("작년", "Last year"),
    "target": ("목표", "Target"),
    "pace": ("진도", "Pace"),
    "margin": ("이익", "Margin"),
    "median": ("팀 중앙값 {value}", "Team median {value}"),
    "whole": ("전체 {value}", "All {value}"),
    "ramping": ("{name} (적응 중)", "{name} (ramping)"),
    "bottleneck": ("병목", "bottleneck"),
    "deals": ("{count}건", "{count} deals"),
    "deal": ("{count}건", "{count} deal"),
    "others": ("그 외 {count}개", "{count} others"),
    "nothing": ("아직 보여 드릴 데이터가 없어요.", "Nothing to show here yet."),
}


def word(key: str, language: str, **values: str) -> str:
    """The word or phrase for `key`, its places filled; KeyError for an unknown key."""
    korean, english = _WORDS[key]
    return (korean if is_korean(language) else english).format(**values)
