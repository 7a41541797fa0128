"""Tells open pages which facts changed; the stream in salesdash/live.py passes it on."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache

import structlog
from django.conf import settings
from redis import Redis, RedisError

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class Change:
    """Rows of one fact changed, credited to these owners and teams.

    `everyone` for what belongs to nobody and shows on every page, such as stages.
    """

    fact: str
    owners: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    everyone: bool = False

    @classmethod
    def read(cls, found: dict[str, object]) -> "Change":
        """From the JSON of `publish`; raises KeyError or TypeError on anything else."""
        owners, teams = found["owners"], found["teams"]
        if not isinstance(owners, list) or not isinstance(teams, list):
            raise TypeError("owners and teams are lists")
        return cls(str(found["fact"]), frozenset(owners), frozenset(teams), bool(found["everyone"]))


def publish(changes: Iterable[Change]) -> None:
    """Tell all processes' streams. Call it after the commit that made the changes.

    Pages also reload by other means, so a Redis that does not answer is logged and no more.
    """
    found = [asdict(change) for change in changes]
    if not found:
        return
    try:
        _redis().publish(settings.LIVE_CHANNEL, json.dumps(found, default=sorted))
    except RedisError as error:
        log.warning("live changes not published", error=str(error))


@cache
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=5)
