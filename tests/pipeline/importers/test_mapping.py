"""A wrong mapping is refused before anything is read, and the message says what to write."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.importers.errors import ImportRefused
from pipeline.importers.mapping import PRESETS, parse_mapping, read_mapping

DEALS = {"external_id": "id", "owner": "owner", "stage": "stage"}


def refusal(content: dict[str, Any]) -> str:
    with pytest.raises(ImportRefused) as refused:
        parse_mapping(content, name="my.toml")
    return str(refused.value)


def test_an_unknown_table_is_named_with_the_nearest() -> None:
    message = refusal({"deal": {}})
    assert message.startswith("my.toml: unknown key “deal”; there are activities, contracts,")
    assert message.endswith("Did you mean “deals”?")


def test_an_unknown_setting_of_a_table_is_named_with_its_table() -> None:
    message = refusal({"deals": {"colums": DEALS}})
    assert message.startswith("my.toml: deals: unknown key “colums”")
    assert message.endswith("Did you mean “columns”?")


def test_an_unknown_field_is_named_with_the_nearest() -> None:
    message = refusal({"deals": {"columns": {**DEALS, "amout": "x"}}})
    assert message.startswith("my.toml: deals: columns: unknown key “amout”")
    assert message.endswith("Did you mean “amount”?")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, "my.toml: names no table; write one of [teams], [processes]"),
        ({"deals": 3}, "my.toml: deals: must be a table"),
        ({"deals": {}}, "my.toml: deals: needs [deals.columns]"),
        (
            {"deals": {"columns": {"external_id": "id", "owner": "o"}}},
            "my.toml: deals: columns: “stage” is required",
        ),
        (
            {"deals": {"columns": {**DEALS, "amount": 3}}},
            "my.toml: deals: columns: amount: must be a table",
        ),
        (
            {"deals": {"columns": {**DEALS, "amount": {"format": "x"}}}},
            "my.toml: deals: columns: amount: needs a column, columns, or a default",
        ),
        (
            {"deals": {"columns": {**DEALS, "amount": {"column": "a", "colum": "b"}}}},
            "my.toml: deals: columns: amount: unknown key “colum”",
        ),
        (
            {"deals": {"columns": {**DEALS, "amount": {"column": "a", "values": {"x": True}}}}},
            "my.toml: deals: columns: amount: values: x must be a text in quotes, not True",
        ),
        (
            {"deals": {"columns": DEALS, "create_missing": "customer"}},
            "my.toml: deals: create_missing must be a list of texts, not 'customer'",
        ),
        (
            {"deals": {"columns": DEALS, "create_missing": ["team"]}},
            "my.toml: deals: create_missing: unknown kind “team”",
        ),
        (
            {"deals": {"columns": DEALS, "distinct": "yes"}},
            "my.toml: deals: distinct must be true or false, not 'yes'",
        ),
        ({"process": {"name": "P"}}, "my.toml: process: needs a name and stages"),
        (
            {"process": {"name": "P", "stages": [{"name": "A"}]}},
            "my.toml: process: stages: probability must be from 0 to 1, not “”",
        ),
        (
            {"process": {"name": "P", "stages": [{"name": "A", "probability": 7}]}},
            "my.toml: process: stages: probability must be from 0 to 1, not “7”",
        ),
        (
            {"process": {"name": "P", "stages": [{"name": "A", "outcome": "win"}]}},
            "my.toml: process: stages: outcome: unknown value “win”",
        ),
        (
            {"process": {"name": "P", "stages": [{"name": "A", "probability": 0.1}]}},
            "my.toml: process: has no stage of outcome “won”",
        ),
    ],
)
def test_what_is_wrong_and_where_is_said(content: dict[str, Any], expected: str) -> None:
    assert refusal(content).startswith(expected)


def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[deals]\nfile = deals.csv\n")
    with pytest.raises(ImportRefused, match=r"my\.toml: .*line 2"):
        read_mapping(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"none\.toml cannot be read"):
        read_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize("preset", sorted(PRESETS.glob("*.toml")), ids=lambda path: path.stem)
def test_presets_are_right(preset: Path) -> None:
    assert read_mapping(preset).tables


def test_tables_are_loaded_in_the_order_in_which_they_refer_to_each_other() -> None:
    content = {
        "deals": {"columns": DEALS},
        "people": [{"columns": {"name": "a"}}, {"columns": {"name": "b"}}],
        "teams": {"columns": {"name": "c"}},
    }
    tables = parse_mapping(content, name="my.toml").tables
    assert [table.table for table in tables] == ["teams", "people", "people", "deals"]
