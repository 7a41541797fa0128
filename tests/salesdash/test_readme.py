"""The README tells of what there is."""

import re

from salesdash import embedded
from tests.salesdash.test_containers import READ_ELSEWHERE, variables_read

README = (embedded.PROJECT / "README.md").read_text()
# Set by one part of the project for another, or for the tests; nobody else's business.
INTERNAL = {"SALESDASH_THROWAWAY", "DJANGO_SETTINGS_MODULE"}


def test_every_variable_is_listed_and_nothing_else() -> None:
    table = re.findall(r"^\| (`.*?) \|", README, re.MULTILINE)
    listed = set(re.findall(r"`([A-Z_]+)`", " ".join(table)))
    assert variables_read() - listed == INTERNAL
    assert listed - variables_read() <= READ_ELSEWHERE | {"SALESDASH_DEMO_PASSWORD"}


def test_every_command_that_it_names_is_one() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", README))
    existing = {file.stem for file in embedded.PROJECT.glob("*/management/commands/*.py")}
    assert named <= existing
    targets = (embedded.PROJECT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", README):
        assert re.search(rf"^{target}:", targets, re.MULTILINE), target
