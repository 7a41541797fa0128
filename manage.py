#!/usr/bin/env python
"""Django's command line."""

import os
import sys

# These read and write files alone, so they need not wait for a database.
WITHOUT_SERVERS = {"messages", "collectstatic", "help", "spectacular"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesdash.settings")
    from django.core.management import execute_from_command_line

    from salesdash import embedded

    if not WITHOUT_SERVERS.intersection(sys.argv[1:2]):
        embedded.ensure()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
