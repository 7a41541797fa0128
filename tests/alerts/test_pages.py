"""Pages of rules and incidents: who sees them, and what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import actions
from alerts.detect import evaluate
from alerts.models import AlertRule, Incident
from tests.alerts.pages import as_, page, win
from tests.alerts.rules import make_rule
from tests.cast import Cast


def test_the_list_shows_state_value_and_distance(client: Client, cast: Cast) -> None:
    make_rule(cast, name="Quarter at risk")
    make_rule(cast, kpi="won_deals", direction="above", threshold=5)
    win(cast, 8_000_000)
    evaluate(at=timezone.now())

    text = page(as_(client, cast.eunji), "/alerts/")

    assert "1 open incident" in text
    assert "Quarter at risk" in text
    assert "₩2M below the threshold" in text
    assert "Won deals &gt; 5" in text
    assert "4 below the threshold" in text
    assert "Alerting" in text
    assert "Within threshold" in text


def test_what_a_rule_watched_before_stays_with_those_who_saw_it(client: Client, cast: Cast) -> None:
    rule = make_rule(cast, threshold=7_000_000)
    win(cast, 4_321_000)
    evaluate(at=timezone.now())
    actions.edit_rule(
        rule=rule,
        by=cast.eunji,
        at=timezone.now(),
        revision=rule.revision,
        changes={},
        scope="team:busan-1",
    )
    assert "4.3" in page(as_(client, cast.eunji), f"/alerts/rules/{rule.pk}/")
    assert "4.3" not in page(as_(client, cast.park), f"/alerts/rules/{rule.pk}/")


def test_each_sees_the_rules_of_their_scopes(client: Client, cast: Cast) -> None:
    make_rule(cast, name="For the company")
    make_rule(cast, by=cast.lee, scope="team:seoul-1", name="For Seoul")
    make_rule(cast, by=cast.park, scope="team:busan-1", name="For Busan")
    make_rule(cast, by=cast.minsu, scope=f"user:{cast.minsu.pk}", name="For Minsu")
    make_rule(cast, by=cast.finn, scope="team:seoul-1", kpi="cac", name="Costs of Seoul")
    evaluate(at=timezone.now())
    everything = {"For the company", "For Seoul", "For Busan", "For Minsu", "Costs of Seoul"}
    expected = {
        cast.eunji: everything,
        cast.rho: {"For Seoul", "For Minsu"},
        cast.lee: {"For Seoul", "For Minsu"},
        cast.park: {"For Busan"},
        cast.minsu: {"For Minsu"},
        cast.bora: set(),
    }
    for person, seen in expected.items():
        for path in ("/alerts/", "/alerts/incidents/"):
            text = page(as_(client, person), path)
            if path == "/alerts/":
                assert {name for name in everything if name in text} == seen
            else:
                assert {name for name in everything if name in text} <= seen
        for rule in AlertRule.objects.all():
            status = client.get(f"/alerts/rules/{rule.pk}/").status_code
            assert status == (200 if rule.name in seen else 404)
        for incident in Incident.objects.all():
            status = client.get(f"/alerts/incidents/{incident.pk}/").status_code
            assert status == (200 if incident.rule.name in seen else 404)
        count = page(client, "/alerts/incidents/count/")
        opened = [each for each in Incident.objects.all() if each.rule.name in seen]
        assert (f"{len(opened)} need" in count) if opened else count.strip() == ""


def test_the_bell_counts_what_nobody_looks_after_yet(client: Client, cast: Cast) -> None:
    make_rule(cast)
    evaluate(at=timezone.now())
    as_(client, cast.eunji)
    assert "1 needs attention" in page(client, "/alerts/incidents/count/")

    actions.acknowledge(incident=Incident.objects.get(), by=cast.lee, at=timezone.now())

    assert page(client, "/alerts/incidents/count/").strip() == ""


def test_a_panel_comes_alone_when_it_is_asked_for_again(client: Client, cast: Cast) -> None:
    rule = make_rule(cast)
    evaluate(at=timezone.now())
    incident = Incident.objects.get()
    as_(client, cast.eunji)
    for path in (
        "/alerts/",
        "/alerts/incidents/",
        f"/alerts/rules/{rule.pk}/",
        f"/alerts/incidents/{incident.pk}/",
    ):
        assert "<html" in page(client, path)
        assert "<html" not in page(client, path, HX_Request="true")


def test_an_empty_list_says_what_it_is_for(client: Client, cast: Cast) -> None:
    assert "Make the first rule" in page(as_(client, cast.lee), "/alerts/")
    assert "Nothing has crossed its threshold" in page(client, "/alerts/incidents/")


def test_a_recipient_without_the_right_is_named_on_the_rules_page(
    client: Client, cast: Cast
) -> None:
    rule = make_rule(cast)
    rule.recipients.add(cast.jiwoo)
    text = page(as_(client, cast.eunji), f"/alerts/rules/{rule.pk}/")
    assert text.count("gets no mail") == 1


def test_an_incident_tells_what_happened_and_who_was_told(client: Client, cast: Cast) -> None:
    make_rule(cast)
    now = timezone.now()
    evaluate(at=now)
    win(cast, 12_000_000)
    evaluate(at=now + timedelta(minutes=5))
    incident = Incident.objects.get()
    text = page(as_(client, cast.eunji), f"/alerts/incidents/{incident.pk}/")
    assert "Won revenue fell below its threshold — ₩0 &lt; ₩10M" in text
    assert "Won revenue is back within its threshold — ₩12M &gt; ₩10M" in text
    assert text.index("is back within") < text.index("fell below")
    assert "5 minutes" in text
    assert text.count("Eunji · Waiting") == 2


def test_an_incident_says_who_looks_after_it(client: Client, cast: Cast) -> None:
    make_rule(cast, recipients=[cast.eunji])
    evaluate(at=timezone.now())
    incident = Incident.objects.get()
    path = f"/alerts/incidents/{incident.pk}/"
    assert "I look after it" in page(as_(client, cast.finn), path)

    answer = client.post(f"{path}acknowledge/")

    assert answer.headers["Location"] == path
    incident.refresh_from_db()
    assert incident.acknowledged_by == cast.finn
    text = page(as_(client, cast.eunji), path)
    assert "I look after it" not in text
    assert text.index("Finn looks after it") < text.rindex("fell below its threshold")
    assert "Finn looks after it" in page(client, "/alerts/")
    assert "Finn looks after it" in page(client, "/alerts/incidents/")
    assert as_(client, cast.minsu).post(f"{path}acknowledge/").status_code == 404


@pytest.mark.parametrize("path", ["/alerts/", "/alerts/incidents/"])
def test_lists_cost_the_same_however_long_they_are(client: Client, cast: Cast, path: str) -> None:
    as_(client, cast.eunji)

    def count() -> int:
        evaluate(at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            page(client, path)
        return len(queries)

    make_rule(cast, scope="team:seoul-1")
    page(client, path)
    few = count()
    for scope in ("company", "team:seoul", "team:busan", f"user:{cast.bora.pk}"):
        make_rule(cast, scope=scope, recipients=[cast.eunji, cast.finn])
    assert count() == few
    assert few < 16
