"""Stops the embedded servers once nobody holds them.

`python -m salesdash.embedded.keeper DIR FD`: FD is the locked keeper lock, so that there is one.
"""

import fcntl
import os
import sys
from pathlib import Path

from salesdash.embedded import postgres, redis
from salesdash.embedded.places import Places


def keep(here: Places, keeper_lock: int) -> None:
    """Wait until the last holder is gone, then stop both servers.

    The hold stays locked meanwhile, so a process that comes waits and then starts them anew; the
    keeper lock goes first, so that this process then makes a new keeper.
    """
    with here.hold_lock.open("ab") as hold:
        fcntl.flock(hold, fcntl.LOCK_EX)
        redis.stop(here)
        postgres.stop(here)
        os.close(keeper_lock)


if __name__ == "__main__":
    keep(Places(Path(sys.argv[1])), int(sys.argv[2]))
