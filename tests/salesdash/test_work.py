"""From an edit to everybody's open page, through a real worker."""

from pathlib import Path

import pytest

from pipeline.actions.deals import edit_deal
from tests.cast import Cast, make_deal
from tests.conftest import Site
from tests.salesdash.test_live import listening, session_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("site"),
]


def test_an_edit_reaches_the_executives_page(site: Site, worker: Path, cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu)
    with listening(site, session_of(cast.eunji), seconds=10) as stream:
        stream.wait_until_open()
        edit_deal(deal=deal, by=cast.minsu, revision=deal.revision, changes={"name": "Renamed"})
        assert "deal" in stream.facts()
