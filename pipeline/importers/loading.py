"""One import from first to last: all of it in one transaction, or none of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from accounts.models import Company, Team
from pipeline.actions.closed import ReasonNeeded, hold_import, reasoned, refusals_told
from pipeline.bulk import BulkWriter, bulk_writing
from pipeline.importers import deals, deletions, facts, lines, people, stage_history, stages
from pipeline.importers.errors import ImportRefused
from pipeline.importers.files import Source, find_source
from pipeline.importers.mapping import ImportMapping, TableMapping
from pipeline.importers.missing import create_missing
from pipeline.importers.past import make_room, write_past
from pipeline.importers.process import write_process
from pipeline.importers.references import References
from pipeline.importers.report import Report
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, Teams
from pipeline.models import Customer, Stage

Progress = Callable[[str, int], None]
_LOCK = 7_205_001  # any number that only imports lock

# How each table is loaded, and what kind of reference its rows are found by afterwards.
_LOADERS: dict[str, tuple[Callable[[Rows, Session], None], str]] = {
    "teams": (people.load_teams, "team"),
    "people": (people.load_people, "person"),
    "memberships": (people.load_memberships, ""),
    "processes": (stages.load_processes, "process"),
    "stages": (stages.load_stages, "stage"),
    "deals": (deals.load_deals, "deal"),
    "deal_customers": (lines.load_customers, ""),
    "lines": (lines.load_lines, ""),
    "stage_history": (stage_history.load_history, ""),
    "products": (facts.load_fact, "product"),
    "customers": (facts.load_fact, "customer"),
    "leads": (facts.load_fact, "lead"),
    "contracts": (facts.load_fact, "contract"),
    "activities": (facts.load_fact, ""),
    "costs": (facts.load_fact, ""),
    "visits": (facts.load_fact, ""),
    "targets": (facts.load_fact, ""),
    "rates": (facts.load_fact, ""),
}


class _Undone(Exception):
    """Ends the transaction of an import that is not to stay."""


def load(
    path: Path,
    mapping: ImportMapping,
    report: Report,
    *,
    currency: str = "",
    dry_run: bool = False,
    progress: Progress = lambda _table, _rows: None,
) -> None:
    """Load everything that `mapping` names from `path`, and tell of it in `report`.

    Nothing stays if a row is rejected, or of a dry run. ImportRefused if the files cannot be
    read at all, or the database refuses.
    """
    sources = [(table, find_source(path, table)) for table in mapping.tables]
    found = [(table, source) for table, source in sources if source is not None]
    if not found:
        raise ImportRefused(_("There is nothing to import in %(path)s.") % {"path": path})
    try:
        with refusals_told(None), bulk_writing() as bulk, reasoned(None):
            _load_all(bulk, mapping, found, report, currency, progress)
            if report.rejected or dry_run:
                raise _Undone
    except _Undone:
        pass
    except ValidationError as error:
        raise ImportRefused(" ".join(error.messages)) from error
    except ReasonNeeded as error:
        raise ImportRefused(str(error)) from error
    except DatabaseError as error:
        raise ImportRefused(
            _("The database refused: %(error)s") % {"error": str(error).strip()}
        ) from error
    finally:
        report.close()


def _load_all(
    bulk: BulkWriter,
    mapping: ImportMapping,
    found: list[tuple[TableMapping, Source]],
    report: Report,
    currency: str,
    progress: Progress,
) -> None:
    _wait_for_other_imports()
    make_room()
    deletions.make_room()
    session = _session(bulk, mapping, report, currency)
    before_close = None
    for table, source in found:
        rows = Rows(table, source, session, progress=progress)
        create_missing(rows, session)
        loader, kind = _LOADERS[table.table]
        loader(rows, session)
        session.references.forget(kind)
        before_close = _stage_before_close(rows, session) or before_close
    if not report.rejected:
        stages.complete_processes(session)
        _write_histories(session, before_close)
        deletions.delete_rows(session)
        hold_import(bulk.moment)
        _check_constraints()


def _wait_for_other_imports() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _session(bulk: BulkWriter, mapping: ImportMapping, report: Report, currency: str) -> Session:
    company = Company.current()
    process_id = write_process(mapping.process)
    return Session(
        bulk=bulk,
        company=company,
        calendar=company.calendar,
        currency=currency or company.currency,
        references=References(process_id),
        report=report,
        teams=Teams.load(),
        process_id=process_id,
    )


def _stage_before_close(rows: Rows, session: Session) -> Stage | None:
    name = rows.mapping.options.get("stage_before_close")
    if not name:
        return None
    stage = Stage.objects.filter(process=session.process_id, name=name, outcome="open").first()
    if stage is None:
        rows.refuse(_("stage_before_close: there is no open stage “%(name)s”") % {"name": name})
    return stage


def _write_histories(session: Session, before_close: Stage | None) -> None:
    """Versions of what is new. Where nothing dates it, it was so since the first known day."""
    first = session.first_instant_sql
    people.write_memberships(session)
    session.bulk.first_versions(Team, since=first)
    session.bulk.first_versions(Stage, since=first)
    session.bulk.first_versions(Customer, since=f"LEAST(created_at, {first})")
    write_past(session, before_close)


def _check_constraints() -> None:
    """Those that wait for the commit would refuse it there."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
