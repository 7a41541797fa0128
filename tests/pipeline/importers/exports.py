"""Small exports for tests: written to files, loaded, and what became of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

from pipeline.importers.loading import load
from pipeline.importers.mapping import read_mapping
from pipeline.importers.report import Report

PROCESS = """
[process]
name = "Simple"

[[process.stages]]
name = "Talking"
probability = 0.3

[[process.stages]]
name = "Offer"
probability = 0.6

[[process.stages]]
name = "Won"
outcome = "won"

[[process.stages]]
name = "Lost"
outcome = "lost"
"""

PEOPLE = """
[teams]
file = "people.csv"
distinct = true
columns = { name = "team" }

[people]
file = "people.csv"
columns = { name = "name", team = "team" }
"""

DEALS = """
[deals]
file = "deals.csv"
create_missing = ["customer", "product"]

[deals.columns]
external_id = "id"
name = "name"
customer = "customer"
owner = "owner"
stage = "stage"
amount = "amount"
created_at = "created"
closed_at = "closed"
"""

PEOPLE_CSV = "name,team\nMin,North\nJi,South\n"
DEALS_HEADER = "id,name,customer,owner,stage,amount,created,closed\n"


class Export:
    """A folder of files and a mapping for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mapping = folder / "mapping.toml"
        self.write(people=PEOPLE_CSV).map(PROCESS + PEOPLE + DEALS)

    def write(self, **files: str) -> Export:
        """Write NAME.csv for each."""
        for name, content in files.items():
            (self.folder / f"{name}.csv").write_text(content, "utf-8")
        return self

    def map(self, mapping: str) -> Export:
        self.mapping.write_text(textwrap.dedent(mapping), "utf-8")
        return self

    def add(self, mapping: str) -> Export:
        """Behind what is mapped already."""
        return self.map(self.mapping.read_text("utf-8") + "\n" + textwrap.dedent(mapping))

    def deals(self, *lines: str) -> Export:
        return self.write(deals=DEALS_HEADER + "\n".join(lines) + "\n")

    def load(self, *, dry_run: bool = False, currency: str = "") -> Report:
        report = Report(rejected_folder=self.folder / "rejected", stamp="now")
        mapping = read_mapping(self.mapping)
        load(self.folder, mapping, report, dry_run=dry_run, currency=currency)
        return report


def reasons(report: Report) -> list[tuple[int, str, str, str]]:
    """Line, column, value and what was expected, of each rejected cell."""
    return [(r.line, r.column, r.value, r.expected) for r in report.rejections]
