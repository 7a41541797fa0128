"""The forecast of a company with fifty thousand open deals: the model, the grid, what changed.

Open deals of the company are repeated with their past, within a transaction that is taken back.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Company, User
from benchmarks.results import note
from benchmarks.serving import person
from benchmarks.timing import in_turns, milliseconds
from forecasting.accuracy.horizons import Horizon
from forecasting.actions.replays import replay_period
from forecasting.actions.runs import learn_period
from history import version_model
from pipeline.bulk.tables import tracked_columns
from pipeline.models import Deal

OPEN = 50_000
PAGES = {
    "the grid of the company": "/forecast/?scope=company",
    "the grid of the company a month ago": "/forecast/?scope=company&as_of={month_ago}",
    "what changed since last week": "/forecast/changes/?scope=company",
    "what changed since last week, in a line": "/forecast/changes/line/?scope=company",
}


def measure(rounds: int) -> None:
    """Print what learning and the pages take, in milliseconds."""
    with transaction.atomic():
        made = repeat_open_deals(OPEN)
        print(f"{Deal.objects.filter(outcome='open').count():,} open deals, {made:,} repeated")
        _print_model()
        _print_pages(rounds)
        transaction.set_rollback(True)


def repeat_open_deals(wanted: int) -> int:
    """Bring the open deals to about so many, each copy with the versions of its original."""
    versions = version_model(Deal)._meta.db_table
    own = [
        field.column
        for field in Deal._meta.concrete_fields
        if field.column not in ("id", "external_id")
    ]
    past = ["valid_from", "valid_to", "recorded_from", "recorded_to", "deleted", "changed_by"]
    past += tracked_columns(Deal)
    columns, states = (", ".join(f'"{name}"' for name in names) for names in (own, past))
    with connection.cursor() as cursor:
        # Triggers stay out of it, as in any bulk write.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_COPIES, [wanted, wanted])
        made = int(cursor.rowcount)
        cursor.execute(
            f"INSERT INTO pipeline_deal (id, {columns}) SELECT copies.id, {columns} "
            "FROM pipeline_deal deal JOIN copies ON copies.original = deal.id"
        )
        cursor.execute(
            f"INSERT INTO {versions} (row_id, {states}) SELECT copies.id, {states} "
            f"FROM {versions} state JOIN copies ON copies.original = state.row_id"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(f"ANALYZE pipeline_deal, {versions}")
    return made


_COPIES = """
CREATE TEMPORARY TABLE copies ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('pipeline_deal', 'id')) AS id, deal.id AS original
FROM pipeline_deal deal CROSS JOIN generate_series(1, %s) repeated
WHERE outcome = 'open' ORDER BY repeated, deal.id
LIMIT greatest(%s - (SELECT count(*) FROM pipeline_deal WHERE outcome = 'open'), 0)
"""


def _print_model() -> None:
    now, calendar = timezone.now(), Company.current().calendar
    period = calendar.parse("this-quarter", at=now)
    before = period.previous()
    ways = {
        "learning, and a thousand ends of the quarter": lambda: learn_period(period=period, at=now),
        "replaying a quarter at its start": lambda: replay_period(
            period=before, horizon=Horizon.START, at=now
        ),
    }
    for name, way in ways.items():
        _say(name, milliseconds(way))


def _print_pages(rounds: int) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(pk=person("executive").pk))
    month_ago = (timezone.now() - timedelta(days=30)).date().isoformat()
    ways = {
        name: partial(_open, client, path.format(month_ago=month_ago))
        for name, path in PAGES.items()
    }
    for name, taken in in_turns(ways, rounds).items():
        _say(name, taken)


def _open(client: Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {answer.status_code}")


def _say(name: str, taken: float) -> None:
    print(f"{name:52}{taken:9.0f} ms", flush=True)
    note(f"{name}, 50,000 open", "ms", taken)
