"""The Korean subject particle, whose form follows the sound a word ends in."""

FIRST, LAST, FINALS = 0xAC00, 0xD7A3, 28
# Digits and letters whose Korean reading ends in a consonant: 영 일 삼 육 칠 팔, 엘 엠 엔 알.
CLOSED = frozenset("013678lmnr")


def subject(word: str) -> str:
    """The word with 이 after a consonant and 가 after a vowel: "1팀이", "민수가"."""
    return word + ("이" if _ends_closed(word) else "가")


def _ends_closed(word: str) -> bool:
    last = next((sign for sign in reversed(word.lower()) if sign.isalnum()), "")
    if last and FIRST <= ord(last) <= LAST:
        return (ord(last) - FIRST) % FINALS > 0
    return last in CLOSED
