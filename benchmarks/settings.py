"""The settings as delivered, with an empty page beside the others."""

from salesdash.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
