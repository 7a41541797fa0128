"""The funnel backwards, with the worked examples of the two books behind the product."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from rest_framework.test import APIClient

from accounts.scope import resolve
from charts.numbers import Unit, write
from kpis.evaluate import answer
from kpis.funnel import Funnel, Required, funnel_questions, required
from kpis.questions import Question
from pipeline.models import Contract, Lead, Target
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW, ask

TEN_MILLION = Decimal(10_000_000)


def test_an_inquiry_is_worth_its_share_of_a_contract() -> None:
    conversion = Decimal("0.33") * Decimal("1.00")
    funnel = Funnel(TEN_MILLION, conversion, Decimal("0.30"))
    assert funnel.worth_of_an_inquiry == 990_000
    assert 10 * funnel.worth_of_an_inquiry == 9_900_000


def test_one_contract_in_ten_inquiries_takes_a_hundred_for_a_hundred_million() -> None:
    funnel = Funnel(TEN_MILLION, Decimal("0.2"), Decimal("0.5"))
    assert funnel.deals_for(Decimal(100_000_000)) == 10
    assert funnel.inquiries_for(Decimal(100_000_000)) == 100


def test_what_must_be_won_must_begin_a_cycle_earlier() -> None:
    funnel = Funnel(TEN_MILLION, Decimal(1), Decimal(1), cycle=Decimal("57.5"))
    assert funnel.begun_by(date(2026, 3, 31)) == date(2026, 2, 1)


def test_what_is_not_known_is_not_made_up() -> None:
    unknown = Funnel(None, None, None)
    assert unknown.worth_of_an_inquiry is None
    assert unknown.deals_for(TEN_MILLION) is None
    assert unknown.inquiries_for(TEN_MILLION) is None
    assert unknown.begun_by(date(2026, 3, 31)) is None
    assert Funnel(TEN_MILLION, Decimal(0), Decimal(1)).inquiries_for(TEN_MILLION) is None


def needed(cast: Cast, scope: str = "company") -> Required | None:
    calendar = cast.company.calendar
    period, window = (calendar.parse(code, at=NOW) for code in ("2026-Q1", "2026"))
    won = Question("won_revenue", resolve(scope, cast.eunji), period)
    questions = funnel_questions(won, window)
    return required(answer(questions, viewer=cast.eunji, at=NOW))


def test_a_target_says_how_many_deals_and_inquiries_are_missing_and_by_when(deals: Cast) -> None:
    assert needed(deals) is None
    Target.objects.create(
        kpi="won_revenue", value=21_000_000, start=date(2026, 1, 1), end=date(2026, 4, 1)
    )
    for converted in (seoul(2026, 2, 1), None):
        status = "converted" if converted else "new"
        Lead.objects.create(created_at=seoul(2026, 1, 9), converted_at=converted, status=status)
    found = needed(deals)
    assert found is not None
    # 14 of 21 million are missing, at 7 million ÷ 3 a deal; 3 of 4 are won, half the leads convert.
    assert found.missing == 14_000_000
    assert found.deals == 6
    assert found.inquiries == 16
    assert found.by == date(2026, 3, 11)


def test_a_reached_target_takes_nothing_more(deals: Cast) -> None:
    Target.objects.create(
        kpi="won_revenue", value=7_000_000, start=date(2026, 1, 1), end=date(2026, 4, 1)
    )
    found = needed(deals)
    assert found is not None
    assert found.missing == 0
    assert found.deals == 0


def test_a_cycle_from_six_months_to_four_and_a_half_is_a_quarter_less(cast: Cast) -> None:
    for won, days in ((seoul(2025, 12, 1), 180), (seoul(2026, 2, 1), 135)):
        began = won - timedelta(days=days)
        make_deal(cast, cast.minsu, cast.won, created_at=began, closed_at=won)
    found = ask(cast, "sales_cycle", "2026-02", compare="previous")
    assert found.comparison is not None
    assert found.comparison.change is None
    found = ask(cast, "sales_cycle", "2026", compare="previous", at=seoul(2027, 1, 1))
    assert found.comparison is not None
    assert found.comparison.change == Decimal("-0.25")


def test_a_renewal_rate_from_half_to_seven_tenths_is_twenty_points_more(cast: Cast) -> None:
    customer = make_customer()
    for month, count, renewed in ((1, 2, 1), (2, 10, 7)):
        for number in range(count):
            fields = {"customer": customer, "monthly_price": 1, "start": date(2025, 1, 1)}
            first = Contract.objects.create(end=date(2026, month, 20), **fields)
            if number < renewed:
                Contract.objects.create(renews=first, **fields)
    found = ask(cast, "renewal_rate", "2026-02", compare="previous")
    assert found.value == Decimal("0.7")
    assert found.comparison is not None
    assert found.comparison.change == Decimal("0.2")
    assert found.comparison.change_unit is Unit.POINTS


def test_a_quarterly_target_is_written_as_in_the_books() -> None:
    target = Decimal(12_700_000_000)
    assert write(target, Unit.MONEY, language="ko", currency="KRW") == "127억"
    assert write(target, Unit.MONEY, language="en", currency="KRW") == "₩12.7B"


def test_the_funnel_over_http(deals: Cast) -> None:
    client = APIClient()
    client.force_login(deals.eunji)
    address = "/api/v1/funnel/?period=2026-Q1"
    for converted in (seoul(2026, 2, 1), None):
        status = "converted" if converted else "new"
        Lead.objects.create(created_at=seoul(2026, 1, 9), converted_at=converted, status=status)
    assert client.get(address).json()["missing"] is None

    span = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}
    Target.objects.create(kpi="won_revenue", value=21_000_000, **span)
    told = client.get(address).json()

    assert (told["target"], told["won"], told["missing"]) == ("21000000", "7000000", "14000000")
    assert (told["deals"], told["inquiries"], told["by"]) == (6, 16, "2026-03-11")
    assert told["window"] == "2025-04-01..2026-03-31"
    assert told["rates"]["win_rate"] == "0.75"
    # 7 ÷ 3 million a deal × half the leads × three quarters.
    assert told["worth_of_an_inquiry"] == "875000"


def test_the_funnel_of_others_is_refused(deals: Cast) -> None:
    client = APIClient()
    client.force_login(deals.minsu)

    assert client.get("/api/v1/funnel/?scope=company").status_code == 403
    assert client.get("/api/v1/funnel/?period=someday").status_code == 400
    assert client.get("/api/v1/funnel/?by=month").status_code == 400
    assert client.get("/api/v1/funnel/").json()["scope"] == f"user:{deals.minsu.pk}"
