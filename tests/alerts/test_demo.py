"""The demo company comes with rules that its people might have set."""

from __future__ import annotations

from django.utils import timezone

from alerts.demo import RULES, add_rules
from alerts.detect import evaluate
from alerts.models import AlertRule
from pipeline.demo.people import EXECUTIVE, LEAD
from tests.cast import Cast


def test_the_demos_people_watch_their_own_scopes(cast: Cast) -> None:
    for person, account in ((cast.eunji, EXECUTIVE), (cast.lee, LEAD)):
        person.email = account.email
        person.save()

    for _each in range(2):
        add_rules(at=timezone.now())
    evaluate(at=timezone.now())

    found = [(rule.owner, rule.scope_code) for rule in AlertRule.objects.all()]
    assert len(found) == len(RULES)
    assert set(found) == {(cast.eunji, "company"), (cast.lee, "team:seoul-1")}
    assert all(rule.watch.measured for rule in AlertRule.objects.select_related("watch"))


def test_elsewhere_nobody_is_given_rules(cast: Cast) -> None:
    add_rules(at=timezone.now())

    assert not AlertRule.objects.exists()
