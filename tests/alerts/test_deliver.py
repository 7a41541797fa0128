"""Each recipient gets one mail about each transition, whatever the mail server and workers do."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from alerts import deliver as delivering
from alerts.deliver import GIVE_UP_AFTER, LEASE, Report, deliver
from alerts.detect import evaluate
from alerts.models import Delivery, DeliveryState, Transition
from tests import processes
from tests.alerts.conftest import Moody
from tests.alerts.rules import NOW, make_rule
from tests.cast import Cast, make_cast, make_deal


def send(at: datetime = NOW) -> Report:
    return deliver(clock=lambda: at)


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("recipient__name", "state"))


@pytest.fixture
def fired(cast: Cast) -> Transition:
    """Won revenue lies below its threshold; Eunji and Finn are to be told."""
    make_rule(cast, recipients=[cast.eunji, cast.finn])
    (transition,) = evaluate(at=NOW).transitions
    return transition


def test_each_recipient_gets_one_mail(fired: Transition, mail: Moody) -> None:
    assert send() == Report(sent=2)
    assert send(later(hours=1)) == Report()
    assert sorted(str(message["To"]) for message in mail.messages) == [
        "eunji@example.com",
        "finn@example.com",
    ]
    assert len({message["Message-ID"] for message in mail.messages}) == 2


def test_recovery_says_so_to_the_same_people(cast: Cast, fired: Transition, mail: Moody) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=12_000_000)
    evaluate(at=later(minutes=1))
    assert send(later(minutes=1)).sent == 4
    subjects = [str(message["Subject"]).strip() for message in mail.messages]
    assert (
        subjects[2:]
        == [
            "[SalesDash] Won revenue is back within its threshold — ₩12M > ₩10M",
        ]
        * 2
    )


def test_a_server_that_is_down_is_asked_ever_more_seldom(
    cast: Cast, fired: Transition, mail: Moody
) -> None:
    mail.rcpt["*"] = "451 try again later"
    at, waits = NOW, []
    for _ in range(5):
        assert send(at).sent == 0
        first = Delivery.objects.order_by("-attempts", "-next_attempt_at")[0]
        waits.append((first.next_attempt_at - at).total_seconds())
        Delivery.objects.exclude(pk=first.pk).update(next_attempt_at=at + timedelta(days=1))
        at = first.next_attempt_at
    assert waits == [15, 30, 60, 120, 240]
    assert first.last_error == "451 try again later"

    mail.rcpt.clear()
    Delivery.objects.update(next_attempt_at=at)
    assert send(at).sent == 2
    assert len(mail.messages) == 2


def test_a_server_that_cannot_be_reached_loses_nothing(
    fired: Transition, mail: Moody, settings: Any
) -> None:
    port = settings.EMAIL_PORT
    settings.EMAIL_PORT = processes.free_port()
    assert send() == Report(postponed=1)
    settings.EMAIL_PORT = port
    assert send(later(minutes=1)) == Report(sent=2)
    assert set(states().values()) == {DeliveryState.SENT}


def test_a_refused_address_fails_at_once_and_holds_up_nobody(
    fired: Transition, mail: Moody
) -> None:
    mail.rcpt["eunji@example.com"] = "550 no such mailbox"
    assert send() == Report(sent=1, failed=1)
    assert states() == {"Eunji": "failed", "Finn": "sent"}
    assert Delivery.objects.get(state="failed").last_error == "550 no such mailbox"


def test_a_refused_message_fails_and_a_busy_server_is_asked_again(
    fired: Transition, mail: Moody
) -> None:
    mail.data["*"] = "554 looks like spam"
    assert send() == Report(failed=2)
    Delivery.objects.update(state="pending", next_attempt_at=NOW)
    mail.data["*"] = "452 too busy"
    assert send() == Report(postponed=1)


def test_after_days_of_trying_it_is_given_up(fired: Transition, mail: Moody) -> None:
    mail.rcpt["*"] = "451 try again later"
    assert send(NOW + GIVE_UP_AFTER + timedelta(seconds=1)) == Report(failed=2)


def test_who_lost_the_right_meanwhile_gets_no_mail(
    cast: Cast, fired: Transition, mail: Moody
) -> None:
    cast.finn.role = "rep"
    cast.finn.save()
    assert send() == Report(sent=1, withheld=1)
    assert [str(message["To"]) for message in mail.messages] == ["eunji@example.com"]


def test_news_of_recovery_waits_for_news_of_the_crossing(
    cast: Cast, fired: Transition, mail: Moody
) -> None:
    mail.rcpt["*"] = "451 try again later"
    Delivery.objects.filter(recipient=cast.finn).delete()
    send()
    make_deal(cast, cast.minsu, cast.won, amount=12_000_000)
    evaluate(at=later(seconds=1))
    mail.rcpt.clear()
    assert send(later(seconds=2)) == Report()
    assert send(later(seconds=20)) == Report(sent=2)
    assert ["fell below" in str(message["Subject"]) for message in mail.messages] == [True, False]


def test_while_one_sends_nobody_else_does(fired: Transition, mail: Moody) -> None:
    delivering._claim(at=NOW)
    assert send(later(seconds=1)).sent == 1
    assert send(NOW + LEASE - timedelta(seconds=1)) == Report()


def test_a_mail_sent_twice_carries_the_same_id(fired: Transition, mail: Moody) -> None:
    """As after a death between the server's yes and the mark."""
    send()
    Delivery.objects.filter(recipient__name="Finn").update(
        state=DeliveryState.SENDING, next_attempt_at=NOW
    )
    send(later(hours=1))
    to_finn = [m["Message-ID"] for m in mail.messages if "finn" in str(m["To"])]
    assert len(to_finn) == 2
    assert len(set(to_finn)) == 1


def test_the_late_word_of_a_sender_whose_lease_ended_does_not_count(
    fired: Transition, mail: Moody
) -> None:
    late = delivering._claim(at=NOW)
    assert late is not None
    send(NOW + LEASE)
    delivering._mark(late, DeliveryState.PENDING, next_attempt_at=NOW)
    assert set(states().values()) == {DeliveryState.SENT}


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_many_senders_at_once_send_each_mail_once(transactional_db: None, mail: Moody) -> None:
    cast = make_cast()
    for _ in range(6):
        make_rule(cast, recipients=[cast.eunji, cast.finn])
    evaluate(at=NOW)

    def run() -> None:
        try:
            send()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail.messages) == 12
    assert len({message["Message-ID"] for message in mail.messages}) == 12


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_sender_killed_before_the_mail_was_taken_is_relieved(
    transactional_db: None, mail: Moody, tmp_path: Path
) -> None:
    make_rule(make_cast())
    mail.silent = True
    with processes.running(
        tmp_path / "log", "django", "evaluate_alerts", EMAIL_URL=mail.url
    ) as process:
        deadline = time.monotonic() + processes.PATIENCE
        while not mail.asked and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
        process.wait()
    assert Delivery.objects.get().state == DeliveryState.SENDING
    mail.silent = False

    now = timezone.now()
    assert send(now) == Report()
    assert send(now + LEASE) == Report(sent=1)
    assert len(mail.messages) == 1
