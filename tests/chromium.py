"""Sees to a Chromium for the browser tests: `python -m tests.chromium`."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """The path of the system's browser, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def main() -> None:
    """Install it where that can be done without asking; else exit saying what to install."""
    if executable():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit("The browser tests need Chromium. On Debian or Ubuntu: apt-get install chromium")
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "chromium"]):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
