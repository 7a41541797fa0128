"""The tidy rows that figures are drawn from: one row a mark, values in units of their KPI.

None is "nothing measured" and leaves a gap. `hover` is a ready-made sentence; without one a
plain "label: value" is written. `href` is where a click on the mark leads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Style:
    """For whom a figure is drawn: language code, ISO 4217 currency, and the dark palette."""

    language: str
    currency: str
    dark: bool = False


@dataclass(frozen=True)
class Point:
    """A period of a trend; `running` while it has not ended."""

    label: str
    value: Decimal | None
    last_year: Decimal | None = None
    target: Decimal | None = None
    running: bool = False
    hover: str = ""
    href: str = ""


@dataclass(frozen=True)
class Series:
    """One part of a figure over time."""

    label: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Bullet:
    """An actual value against its target; `pace` is where it should be by now."""

    label: str
    value: Decimal | None
    target: Decimal | None
    pace: Decimal | None = None
    note: str = ""
    hover: str = ""
    href: str = ""


@dataclass(frozen=True)
class Stage:
    """What is in a stage: its `count` of deals, where that is another figure; `conversion` is
    the share that passes to the next one.
    """

    label: str
    value: Decimal | None
    count: int | None = None
    conversion: Decimal | None = None
    bottleneck: bool = False
    hover: str = ""
    href: str = ""


@dataclass(frozen=True)
class Stay:
    """How long deals stayed in a stage, and how long they did `before`."""

    label: str
    value: Decimal | None
    before: Decimal | None = None
    bottleneck: bool = False
    hover: str = ""
    href: str = ""


@dataclass(frozen=True)
class Dot:
    """One person or team in a comparison; `ramping` if new."""

    label: str
    value: Decimal | None
    ramping: bool = False
    hover: str = ""
    href: str = ""


@dataclass(frozen=True)
class Segment:
    """What a segment brought, and its margin in the same unit where that is known."""

    label: str
    value: Decimal | None
    margin: Decimal | None = None
    hover: str = ""
    href: str = ""


@dataclass(frozen=True)
class Step:
    """A bar of a waterfall: a change, or a total that stands on the zero line."""

    label: str
    value: Decimal
    total: bool = False
    hover: str = ""
    href: str = ""


Row = Point | Bullet | Stage | Stay | Dot | Segment | Step
