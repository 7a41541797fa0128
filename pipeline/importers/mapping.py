"""A mapping: which file and column each field comes from, read from TOML and checked."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.text import slugify
from django.utils.translation import gettext as _

from pipeline.importers.errors import ImportRefused
from pipeline.importers.references import CALLED
from pipeline.importers.tables import TABLES
from pipeline.models import Category, Outcome

PRESETS = Path(__file__).parent / "presets"
# The fields whose unknown names may be made, with the kind of row that each refers to.
CREATABLE = {
    "customer": "customer",
    "product": "product",
    "source": "source",
    "owner": "person",
    "person": "person",
    "process": "process",
    "stage": "stage",
}
_TABLE_KEYS = frozenset({"file", "sheet", "delimiter", "columns", "create_missing"})
_TABLE_KEYS |= {"distinct", "optional", "only"}
_COLUMN_KEYS = frozenset({"column", "columns", "join", "format", "values", "default", "empty"})
_COLUMN_KEYS |= {"decimal_comma", "zone", "percent", "lenient", "optional"}
_STAGE_KEYS = frozenset({"name", "name_ko", "probability", "category", "outcome"})


@dataclass(frozen=True)
class FieldMapping:
    """Where the value of one field comes from.

    Several `columns` are joined; `values` are read as others; `empty` texts count as none;
    `default` stands in for none. `zone` is that of times which name none, `percent` tells that
    40 means 0.4. What a `lenient` one cannot read counts as none, and is told. The columns of
    an `optional` one may be missing from the file.
    """

    columns: tuple[str, ...] = ()
    join: str = " "
    format: str = ""
    values: tuple[tuple[str, str], ...] = ()
    default: str = ""
    empty: tuple[str, ...] = ()
    decimal_comma: bool = False
    zone: ZoneInfo | None = None
    percent: bool = False
    lenient: bool = False
    optional: bool = False

    @cached_property
    def corrected(self) -> dict[str, str]:
        """What each of `values` is read as."""
        return dict(self.values)


@dataclass(frozen=True)
class TableMapping:
    """One file (or sheet) that rows of a table come from. With `distinct`, equal keys repeat.

    `only` names columns with the texts (in small letters) that a row must have there to count.
    """

    table: str
    file: str
    sheet: str
    delimiter: str
    fields: Mapping[str, FieldMapping]
    create_missing: tuple[str, ...]
    distinct: bool
    optional: bool
    options: Mapping[str, str]
    only: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class StageMapping:
    """One stage of the process, as the mapping describes it."""

    name: str
    name_ko: str
    probability: Decimal
    category: str
    outcome: str


@dataclass(frozen=True)
class ProcessMapping:
    """The sales process that the file's stages belong to; made or brought up to date."""

    slug: str
    name: str
    stages: tuple[StageMapping, ...]


@dataclass(frozen=True)
class ImportMapping:
    """All that an import reads, its tables in the order in which they are loaded."""

    process: ProcessMapping | None
    tables: tuple[TableMapping, ...]


def read_mapping(path: Path) -> ImportMapping:
    """A mapping file. ImportRefused says what is wrong with it, and where."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(
            _("The mapping %(path)s cannot be read: %(error)s") % {"path": path, "error": error}
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ImportRefused(f"{path.name}: {error}") from error
    return parse_mapping(content, name=path.name)


def parse_mapping(content: Mapping[str, Any], *, name: str) -> ImportMapping:
    """The content of a mapping file called `name`. ImportRefused as above."""
    top = _Section(name, content)
    top.check_keys({"process", *TABLES})
    process = _process(top) if "process" in content else None
    tables = tuple(_table(kind, part) for kind in TABLES for part in top.sections(kind))
    if not tables:
        raise top.refuse(
            _("names no table; write one of %(tables)s")
            % {"tables": ", ".join(f"[{kind}]" for kind in TABLES)}
        )
    return ImportMapping(process, tables)


class _Section:
    """A part of the file, which knows its place for messages."""

    def __init__(self, place: str, content: object) -> None:
        self.place = place
        if not isinstance(content, Mapping):
            raise self.refuse(_("must be a table"))
        self.content: Mapping[str, Any] = content

    def refuse(self, message: str) -> ImportRefused:
        return ImportRefused(f"{self.place}: {message}")

    def check_keys(self, allowed: Collection[str]) -> None:
        for key in self.content:
            if key not in allowed:
                raise self.refuse(unknown(_("key"), key, allowed))

    def section(self, key: str) -> _Section:
        return _Section(f"{self.place}: {key}", self.content[key])

    def sections(self, key: str) -> Iterator[_Section]:
        """One table, or each of an array of tables."""
        value = self.content.get(key, [])
        for part in value if isinstance(value, list) else [value]:
            yield _Section(f"{self.place}: {key}", part)

    def text(self, key: str, default: str = "") -> str:
        value = self.content.get(key, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        return str(self._of_type(key, value, str, _("a text in quotes")))

    def flag(self, key: str) -> bool:
        return bool(self._of_type(key, self.content.get(key, False), bool, _("true or false")))

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._of_type(key, self.content.get(key, []), list, _("a list of texts"))
        for item in value:
            self._of_type(key, item, str, _("a list of texts"))
        return tuple(value)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        if key not in self.content:
            return ()
        values = self.section(key)
        return tuple((source, values.text(source)) for source in values.content)

    def one_of(self, key: str, allowed: Collection[str], default: str) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self.refuse(f"{key}: {unknown(_('value'), value, allowed)}")
        return value

    def _of_type(self, key: str, value: Any, wanted: type, words: str) -> Any:
        if not isinstance(value, wanted):
            raise self.refuse(
                _("%(key)s must be %(words)s, not %(value)r")
                % {"key": key, "words": words, "value": value}
            )
        return value


def unknown(what: str, name: str, allowed: Collection[str]) -> str:
    """The complaint about a name that is not one of those allowed, with the nearest of them."""
    near = difflib.get_close_matches(name, sorted(allowed), n=1)
    hint = _(" Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
    return _("unknown %(what)s “%(name)s”; there are %(allowed)s.%(hint)s") % {
        "what": what,
        "name": name,
        "allowed": ", ".join(sorted(allowed)),
        "hint": hint,
    }


def _table(kind: str, section: _Section) -> TableMapping:
    table = TABLES[kind]
    section.check_keys(_TABLE_KEYS | table.options)
    if "columns" not in section.content:
        raise section.refuse(_("needs [%(kind)s.columns]") % {"kind": kind})
    columns = section.section("columns")
    columns.check_keys(set(table.fields))
    for required in table.required:
        if required not in columns.content:
            raise columns.refuse(_("“%(field)s” is required") % {"field": required})
    return TableMapping(
        table=kind,
        file=section.text("file"),
        sheet=section.text("sheet"),
        delimiter=section.text("delimiter"),
        fields={field: _field(field, columns) for field in columns.content},
        create_missing=_creatable(section),
        distinct=section.flag("distinct"),
        optional=section.flag("optional"),
        options={key: section.text(key) for key in table.options if key in section.content},
        only=_only(section),
    )


def _only(section: _Section) -> dict[str, frozenset[str]]:
    if "only" not in section.content:
        return {}
    wanted = section.section("only")
    return {
        column: frozenset(text.casefold() for text in wanted.texts(column))
        for column in wanted.content
    }


def _creatable(section: _Section) -> tuple[str, ...]:
    names = section.texts("create_missing")
    for name in names:
        if name not in CREATABLE:
            raise section.refuse(f"create_missing: {unknown(_('kind'), name, CREATABLE)}")
    assert set(CREATABLE.values()) <= set(CALLED)
    return names


def _field(name: str, columns: _Section) -> FieldMapping:
    if isinstance(columns.content[name], str):
        return FieldMapping(columns=(columns.content[name],))
    section = columns.section(name)
    section.check_keys(_COLUMN_KEYS)
    several = section.texts("columns")
    one = section.text("column")
    if not (one or several or "default" in section.content) or (one and several):
        raise section.refuse(_("needs a column, columns, or a default"))
    return FieldMapping(
        columns=several or ((one,) if one else ()),
        join=section.text("join", " "),
        format=section.text("format"),
        values=section.pairs("values"),
        default=section.text("default"),
        empty=section.texts("empty"),
        decimal_comma=section.flag("decimal_comma"),
        zone=_zone(section),
        percent=section.flag("percent"),
        lenient=section.flag("lenient"),
        optional=section.flag("optional"),
    )


def _zone(section: _Section) -> ZoneInfo | None:
    name = section.text("zone")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = _("zone: there is no time zone “%(name)s”") % {"name": name}
        raise section.refuse(message) from error


def _process(top: _Section) -> ProcessMapping:
    section = top.section("process")
    section.check_keys({"slug", "name", "stages"})
    name = section.text("name")
    stages = tuple(_stage(part) for part in section.sections("stages"))
    from_file = "stages" in top.content
    if not name or not (stages or from_file):
        raise section.refuse(_("needs a name and stages"))
    for outcome in Outcome.values:
        if outcome not in {stage.outcome for stage in stages} and not from_file:
            raise section.refuse(_("has no stage of outcome “%(outcome)s”") % {"outcome": outcome})
    return ProcessMapping(section.text("slug") or slugify(name), name, stages)


def _stage(section: _Section) -> StageMapping:
    section.check_keys(_STAGE_KEYS)
    outcome = section.one_of("outcome", Outcome.values, Outcome.OPEN)
    usual = {Outcome.WON: (Category.CLOSED, "1"), Outcome.LOST: (Category.OMITTED, "0")}
    category, probability = usual.get(Outcome(outcome), (Category.PIPELINE, ""))
    return StageMapping(
        name=section.text("name"),
        name_ko=section.text("name_ko"),
        probability=_probability(section, probability),
        category=section.one_of("category", Category.values, category),
        outcome=outcome,
    )


def _probability(section: _Section, default: str) -> Decimal:
    text = section.text("probability", default)
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value <= 1:
        raise section.refuse(_("probability must be from 0 to 1, not “%(text)s”") % {"text": text})
    return value
