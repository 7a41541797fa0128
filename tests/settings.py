"""The settings under test: servers of their own, cheap passwords, a Redis for each process."""

import os

from salesdash import embedded

_project_data = embedded.PROJECT / ".data" / "test"
os.environ.setdefault("SALESDASH_DATA_DIR", str(_project_data))
os.environ.setdefault("SALESDASH_THROWAWAY", "1")

from salesdash.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
