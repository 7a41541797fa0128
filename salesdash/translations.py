"""The Korean catalogs: found in the sources, kept in `locale/`, compiled for Django.

Each app keeps its own catalog; the project's holds what the rest says. Done with Babel, so that
no gettext programs are needed.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
LANGUAGE = "ko"
# Said by the project's catalog: these have no catalog of their own.
SHARED = ("salesdash", "charts", "periods", "history", "templates")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
# Dates would make every change of any text touch the same lines; the rest says nothing.
UNSAID = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team'
    rb"|Generated-By):.*\n",
    re.MULTILINE,
)

PLACEHOLDER = re.compile(r"%\(\w+\)|\{\w+\}")
Key = tuple[str, str]


@dataclass(frozen=True)
class Home:
    """The sources that one catalog speaks for."""

    name: str
    sources: tuple[Path, ...]
    locale: Path

    @property
    def po(self) -> Path:
        return self.locale / LANGUAGE / "LC_MESSAGES" / "django.po"

    def wanted(self) -> Catalog:
        """What the sources say now, not yet translated."""
        catalog = Catalog(locale=LANGUAGE, domain="django", project="SalesDash", fuzzy=False)
        for file in self._files():
            for _line, message, _comments, context in _messages(file):
                catalog.add(
                    message, locations=[(str(file.relative_to(PROJECT)), 0)], context=context
                )
        return catalog

    def kept(self) -> Catalog:
        """What is translated so far; empty where there is no catalog yet."""
        if not self.po.exists():
            return Catalog(locale=LANGUAGE, domain="django")
        with self.po.open("rb") as file:
            return read_po(file, locale=LANGUAGE, domain="django")

    def _files(self) -> Iterator[Path]:
        for source in self.sources:
            for file in sorted(source.rglob("*")):
                if file.suffix in {".py", ".html", ".txt"} and "migrations" not in file.parts:
                    yield file


def homes() -> list[Home]:
    """Every catalog of the project."""
    own = [
        Home(config.label, (Path(config.path),), Path(config.path) / "locale")
        for config in apps.get_app_configs()
        if Path(config.path).parent == PROJECT and config.label not in SHARED
    ]
    shared = Home("project", tuple(PROJECT / name for name in SHARED), PROJECT / "locale")
    return [*own, shared]


def update() -> None:
    """Write each catalog anew: keeps translations, adds new texts, drops those no longer said."""
    everywhere = {key: m for home in homes() for key, m in _by_key(home.kept()).items()}
    for home in homes():
        known, wanted = _by_key(home.kept()), home.wanted()
        for message in wanted:
            found = known.get(_key(message)) or everywhere.get(_key(message))
            if message.id and found and _plural(found) == _plural(message):
                message.string, message.flags = found.string, found.flags | message.flags
        if len(wanted):
            _write(home, wanted)


def complaints() -> list[str]:
    """What `check` finds wrong, a line each: missing, fuzzy, obsolete, wrong placeholders."""
    return [complaint for home in homes() for complaint in _complaints(home)]


def compile_all() -> int:
    """Compile the catalogs that changed since they were last compiled; how many those were."""
    changed = [home for home in homes() if home.po.exists() and _is_newer(home.po)]
    for home in changed:
        # Replaced whole: another process may be reading it, or compiling it too.
        unfinished = home.po.with_suffix(f".{os.getpid()}.mo")
        with unfinished.open("wb") as file:
            write_mo(file, home.kept())
        unfinished.replace(home.po.with_suffix(".mo"))
    return len(changed)


def _complaints(home: Home) -> Iterator[str]:
    wanted, kept = _by_key(home.wanted()), _by_key(home.kept())
    for key in wanted.keys() - kept.keys():
        yield f"{home.name}: missing: {key[1]!r}"
    for key in kept.keys() - wanted.keys():
        yield f"{home.name}: no longer said: {key[1]!r}"
    for key in wanted.keys() & kept.keys():
        yield from (f"{home.name}: {fault}: {key[1]!r}" for fault in _faults(kept[key]))


def _faults(message: Message) -> Iterator[str]:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
    if not all(texts):
        yield "not translated"
    elif message.fuzzy:
        yield "fuzzy"
    elif any(_placeholders(text) != _placeholders(_longest(message)) for text in texts):
        yield "other placeholders"


def _longest(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[-1]


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _messages(file: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = file.read_text()
    if file.suffix != ".py":
        if "{%" not in text:
            return
        # Read as Python, where the template's indentation would be an error.
        lines = templatize(text, origin=str(file)).splitlines()
        text = "\n".join(line.lstrip() for line in lines)
    yield from extract(
        "python", BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
    )


def _by_key(catalog: Catalog) -> dict[Key, Message]:
    return {_key(message): message for message in catalog if message.id}


def _key(message: Message) -> Key:
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", singular


def _plural(message: Message) -> bool:
    return not isinstance(message.id, str)


def _is_newer(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns


def _write(home: Home, catalog: Catalog) -> None:
    catalog.header_comment = f"# SalesDash, {home.name}: Korean."
    text = BytesIO()
    write_po(text, catalog, width=100, sort_by_file=True, include_lineno=False)
    home.po.parent.mkdir(parents=True, exist_ok=True)
    home.po.write_bytes(UNSAID.sub(b"", text.getvalue()))
