"""A deal's page: what it tells, and what people do there."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

from history import as_recorded_at, recorded_by
from pipeline.actions.closings import close_period
from pipeline.actions.deals import edit_deal
from pipeline.models import Activity, Deal, Outcome, Product, Source
from tests.cast import make_customer, make_deal, seoul

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.cast import Cast
    from tests.pipeline.pages.conftest import Ask

PAGE_QUERIES = 30


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


# A deal's page


def test_somebody_else_s_deal_is_not_found(cast: Cast, get: Ask, send: Ask) -> None:
    deal = make_deal(cast, cast.minsu, 2)

    for path in ("", "edit/", "next-step/"):
        assert get(cast.bora, f"/deals/{deal.pk}/{path}").status_code == 404
    for path in ("move/", "reassign/", "activity/", "edit/"):
        assert send(cast.park, f"/deals/{deal.pk}/{path}").status_code == 404


def test_the_page_tells_facts_risks_and_what_is_missing(cast: Cast, get: Ask) -> None:
    source = Source.objects.create(slug="web", name="Website")
    deal = make_deal(
        cast,
        cast.minsu,
        3,
        amount=Decimal(12_700_000),
        source=source,
        expected_close=date(2026, 1, 2),
    )
    deal.lines.create(product=Product.objects.create(name="GTX Pro"), amount=Decimal(4_821))

    page = get(cast.minsu, f"/deals/{deal.pk}/")
    text = body(page)

    assert "₩12,700,000" in text
    assert "60.0\u00a0%" in text
    assert "Best case" in text
    assert "Website" in text
    assert "GTX Pro" in text
    assert [risk.text for risk in page.context["risks"]] == ["Overdue"]
    assert page.context["missing"] == ["customer", "next step"]


def test_the_timeline_tells_changes_and_contacts_newest_first(cast: Cast, get: Ask) -> None:
    with as_recorded_at(seoul(2026, 3, 2, 9)), recorded_by(cast.minsu.pk):
        deal = make_deal(cast, cast.minsu, 2, amount=Decimal(100))
    Activity.objects.create(
        deal=deal, person=cast.jiwoo, kind="call", at=seoul(2026, 3, 3, 9), subject="Budget"
    )
    with as_recorded_at(seoul(2026, 3, 4, 9)), recorded_by(cast.lee.pk):
        deal.stage, deal.amount = cast.stages[2], Decimal(150)
        deal.save()

    changed, call, made = get(cast.minsu, f"/deals/{deal.pk}/").context["entries"]

    assert (changed.person, [each.name for each in changed.fields]) == (
        cast.lee,
        ["stage", "amount"],
    )
    assert changed.fields[0].before_text == "Identify the problem"
    assert (call.activity.subject, call.person) == ("Budget", cast.jiwoo)
    assert made.created
    assert made.person == cast.minsu


def test_finance_looks_without_buttons(cast: Cast, get: Ask, send: Ask) -> None:
    deal = make_deal(cast, cast.minsu, 2)

    assert "Close as won" not in body(get(cast.finn, f"/deals/{deal.pk}/"))
    assert get(cast.finn, f"/deals/{deal.pk}/edit/").status_code == 403
    move = {"revision": 1, "stage": cast.stages[2].pk}
    assert send(cast.finn, f"/deals/{deal.pk}/move/", **move).status_code == 403


def test_a_page_costs_the_same_queries_however_long_its_past(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.minsu)
    deal = make_deal(cast, cast.minsu, 2, customer=make_customer())
    for day in range(1, 20):
        with as_recorded_at(seoul(2026, 3, day)):
            deal.amount = Decimal(day)
            deal.save()
        Activity.objects.create(deal=deal, person=cast.jiwoo, kind="call", at=seoul(2026, 3, day))

    with django_assert_max_num_queries(PAGE_QUERIES):
        client.get(f"/deals/{deal.pk}/")


# What people do there


def test_a_new_deal_starts_where_and_for_whom_it_is_said(cast: Cast, send: Ask) -> None:
    hanbit = make_customer("Hanbit", owner=cast.minsu)

    answer = send(
        cast.minsu,
        "/deals/new/",
        name="ERP",
        customer=hanbit.pk,
        amount="1000000",
        currency="KRW",
        kind="new",
        stage=cast.stages[1].pk,
    )

    deal: Any = Deal.objects.get(name="ERP")
    assert answer.headers["Location"] == f"/deals/{deal.pk}/"
    assert (deal.owner, deal.team, deal.customer) == (cast.minsu, cast.teams["seoul-1"], hanbit)
    assert (deal.stage, deal.amount, deal.outcome) == (cast.stages[1], 1_000_000, Outcome.OPEN)


def test_a_lead_gives_a_new_deal_to_somebody_of_the_team(cast: Cast, send: Ask) -> None:
    fields = {"name": "ERP", "currency": "KRW", "kind": "new", "owner": cast.jiwoo.pk}
    send(cast.lee, "/deals/new/", **fields)

    assert Deal.objects.get(name="ERP").owner == cast.jiwoo
    refused = send(cast.lee, "/deals/new/", **{**fields, "owner": cast.bora.pk})
    assert refused.status_code == 422


def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(cast: Cast, send: Ask) -> None:
    answer = send(
        cast.minsu, "/deals/new/", name="", amount="-5", currency="won", kind="new", next_step="Ask"
    )

    text = body(answer)
    assert answer.status_code == 422
    assert 'value="Ask"' in text
    assert "This field is required." in text
    assert "Ensure this value is greater than or equal to 0." in text
    assert not Deal.objects.exists()


def test_somebody_else_s_customer_cannot_be_chosen(cast: Cast, send: Ask) -> None:
    hers = make_customer("Hers", owner=cast.bora)
    fields = {"name": "ERP", "currency": "KRW", "kind": "new", "customer": hers.pk}

    assert send(cast.minsu, "/deals/new/", **fields).status_code == 422


def form_of(deal: Deal, **changes: Any) -> dict[str, Any]:
    """What the edit form of a deal sends."""
    fields = {
        "revision": deal.revision,
        "name": deal.name,
        "amount": deal.amount,
        "currency": deal.currency,
        "kind": deal.kind,
    }
    return fields | changes


def test_an_edit_is_saved_as_the_next_revision(cast: Cast, send: Ask) -> None:
    deal: Any = make_deal(cast, cast.minsu, 2)

    fields = form_of(deal, amount="5000", next_step="Call", next_step_on="2026-12-01")
    answer = send(cast.minsu, f"/deals/{deal.pk}/edit/", **fields)

    deal.refresh_from_db()
    assert answer.status_code == 302
    assert (deal.amount, deal.next_step, deal.next_step_on) == (5000, "Call", date(2026, 12, 1))
    assert deal.revision == 2


def test_a_probability_is_typed_as_a_percentage(cast: Cast, get: Ask, send: Ask) -> None:
    deal: Any = make_deal(cast, cast.minsu, 2, amount=None, probability=Decimal("0.4"))
    path, mine = f"/deals/{deal.pk}/edit/", {"name": deal.name, "currency": "KRW", "kind": "new"}

    assert 'name="probability" value="40"' in body(get(cast.minsu, path))
    refused = send(cast.minsu, path, **{**mine, "revision": 1, "probability": "140"})
    assert "Enter a percentage from 0 to 100." in body(refused)
    assert 'value="140"' in body(refused)

    send(cast.minsu, path, **{**mine, "revision": 1, "probability": "62.5"})
    deal.refresh_from_db()
    assert deal.probability == Decimal("0.625")


def test_a_stale_edit_is_refused_and_shows_both_versions(cast: Cast, send: Ask) -> None:
    deal: Any = make_deal(cast, cast.minsu, 2)
    mine = form_of(deal, amount="5000", name="Mine")
    edit_deal(deal=deal, by=cast.lee, revision=1, changes={"amount": Decimal(7000)})

    answer = send(cast.minsu, f"/deals/{deal.pk}/edit/", **mine)

    told = [(each.yours, each.theirs) for each in answer.context["differences"]]
    assert answer.status_code == 409
    assert told == [("Mine", "A deal"), ("5,000", "7,000")]
    assert 'value="Mine"' in body(answer)
    assert 'name="revision" value="2"' in body(answer)
    deal.refresh_from_db()
    assert deal.amount == 7000

    send(cast.minsu, f"/deals/{deal.pk}/edit/", **{**mine, "revision": 2})
    deal.refresh_from_db()
    assert (deal.amount, deal.name) == (5000, "Mine")


def test_a_deal_is_moved_won_lost_and_taken_up_again(cast: Cast, send: Ask) -> None:
    deal: Any = make_deal(cast, cast.minsu, 2, amount=None)
    path = f"/deals/{deal.pk}/move/"

    send(cast.minsu, path, revision=1, stage=cast.stages[2].pk)
    send(cast.minsu, path, revision=2, stage=cast.won.pk, amount="900")
    deal.refresh_from_db()
    assert (deal.outcome, deal.amount, deal.revision) == (Outcome.WON, 900, 3)

    send(cast.minsu, path, revision=3, stage=cast.stages[0].pk)
    deal.refresh_from_db()
    assert (deal.outcome, deal.closed_at) == (Outcome.OPEN, None)

    send(cast.minsu, path, revision=4, stage=cast.lost.pk, lost_reason="price")
    deal.refresh_from_db()
    assert (deal.outcome, deal.lost_reason) == (Outcome.LOST, "price")


def test_a_move_can_be_taken_back_even_from_lost(cast: Cast, client: Client) -> None:
    deal = make_deal(cast, cast.minsu, cast.lost, amount=None, lost_reason="price")
    client.force_login(cast.minsu)

    move = {"revision": 1, "stage": cast.stages[1].pk}
    page = body(client.post(f"/deals/{deal.pk}/move/", move, follow=True))
    request = json.loads(unescape(page.split('data-undo="')[2].split('"')[0]))
    answer = client.post(request["url"], request["body"], content_type="application/json")

    assert answer.status_code == 200
    deal.refresh_from_db()
    assert (deal.stage, deal.lost_reason) == (cast.lost, "price")


def test_what_must_be_known_is_asked_for(cast: Cast, send: Ask, get: Ask) -> None:
    deal = make_deal(cast, cast.minsu, 2, amount=None)

    send(cast.minsu, f"/deals/{deal.pk}/move/", revision=1, stage=cast.lost.pk)

    deal.refresh_from_db()
    assert deal.outcome == Outcome.OPEN
    assert send(cast.minsu, f"/deals/{deal.pk}/move/", revision=1).status_code == 400


def test_a_stale_move_is_refused_with_what_changed(cast: Cast, send: Ask) -> None:
    deal = make_deal(cast, cast.minsu, 2)
    edit_deal(deal=deal, by=cast.lee, revision=1, changes={"amount": Decimal(7000)})

    answer = send(cast.minsu, f"/deals/{deal.pk}/move/", revision=1, stage=cast.won.pk)

    assert answer.status_code == 409
    assert "Show what is there now" in body(answer)
    deal.refresh_from_db()
    assert deal.outcome == Outcome.OPEN


def test_a_lead_reassigns_within_reach_and_a_rep_does_not(cast: Cast, send: Ask) -> None:
    deal = make_deal(cast, cast.minsu, 2)
    path = f"/deals/{deal.pk}/reassign/"

    assert send(cast.minsu, path, revision=1, owner=cast.minsu.pk).status_code == 403
    assert send(cast.lee, path, revision=1, owner=cast.bora.pk).status_code == 400
    send(cast.lee, path, revision=1, owner=cast.jiwoo.pk)

    deal.refresh_from_db()
    assert deal.owner == cast.jiwoo


def typed_lines(revision: int, *rows: dict[str, Any]) -> dict[str, Any]:
    fields = {
        f"form-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()
    }
    counts = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 0}
    return {"revision": revision, **counts, **fields}


def test_what_a_deal_sells_is_edited(cast: Cast, get: Ask, send: Ask) -> None:
    chair, desk = (Product.objects.create(name=name) for name in ("Chair", "Desk"))
    deal = make_deal(cast, cast.minsu, 2)
    path = f"/deals/{deal.pk}/lines/"

    rows = [{"product": chair.pk, "quantity": 2, "amount": 500}, {"product": desk.pk}, {}]
    send(cast.minsu, path, **typed_lines(1, *rows))
    assert "Chair" in body(get(cast.minsu, path))
    send(cast.minsu, path, **typed_lines(2, {"product": desk.pk, "quantity": 3}))

    (line,) = deal.lines.all()
    assert (line.product, int(line.quantity), line.amount) == (desk, 3, None)


def test_lines_that_are_refused_stay_as_they_were_typed(cast: Cast, send: Ask) -> None:
    chair = Product.objects.create(name="Chair")
    deal = make_deal(cast, cast.minsu, 2)
    path, row = f"/deals/{deal.pk}/lines/", {"product": chair.pk, "quantity": 7}

    twice = send(cast.minsu, path, **typed_lines(1, row, row))
    none = send(cast.minsu, path, **typed_lines(1, {**row, "quantity": 0}))
    stale = send(cast.minsu, path, **typed_lines(0, row))

    assert "Name each product once." in body(twice)
    assert "Enter more than zero" in body(none)
    assert "Somebody else changed this deal meanwhile" in body(stale)
    assert 'value="7"' in body(stale)
    assert not deal.lines.exists()


def test_a_contact_is_noted(cast: Cast, send: Ask) -> None:
    deal = make_deal(cast, cast.minsu, 2)

    send(cast.minsu, f"/deals/{deal.pk}/activity/", kind="call", subject="Budget", note="Fine")

    noted = Activity.objects.get(deal=deal)
    assert (noted.person, noted.kind, noted.subject, noted.note) == (
        cast.minsu,
        "call",
        "Budget",
        "Fine",
    )


def test_a_new_deal_for_no_customer_offers_the_usual_ones(cast: Cast, get: Ask) -> None:
    for customer in ("x", "²", "9" * 30, "9" * 5000):
        assert get(cast.minsu, "/deals/new/", customer=customer).status_code == 200


def test_the_timeline_tells_why_a_closed_period_was_changed(client: Client, cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu, cast.won, amount=100)
    now = seoul(2026, 4, 6)
    close_period(period=cast.company.calendar.parse("2026-Q1", at=now), by=cast.sam, at=now)
    client.force_login(cast.eunji)
    reopened = {"stage": cast.stages[1].pk, "revision": deal.revision}
    asked = client.post(f"/deals/{deal.pk}/move/", reopened)
    assert asked.status_code == 422
    assert f'<input type="hidden" name="stage" value="{cast.stages[1].pk}">' in asked.text
    deal.refresh_from_db()
    assert deal.outcome == "won"

    client.post(f"/deals/{deal.pk}/move/", {**reopened, "closing_reason": "It fell through"})
    assert "It fell through" in client.get(f"/deals/{deal.pk}/").text
