"""Which static files are collected, and how they are stored."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(StaticFilesConfig):
    """Leaves out what no page asks for, which is most of what the packages bring."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.map",
        "django_htmx",
        "redoc",
        "rest_framework",
        "swagger-ui.js",
        "swagger-ui-es-*",
    ]


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # carries no types
    """Names files by their content, so browsers may keep them; compresses them once."""

    # Modules import each other by their stored names too, or a browser would load them twice.
    support_js_module_import_aggregation = True
    # Without the patterns for source maps, which are not there.
    patterns = tuple(
        (files, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for files, rules in CompressedManifestStaticFilesStorage.patterns
    )


def collect() -> bool:
    """Collect and compress the files if any changed since the last time; whether it did."""
    root = Path(settings.STATIC_ROOT)
    stamp, now = root / ".collected", _fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=root.exists())
    stamp.write_text(now)
    return True


def _fingerprint() -> str:
    """Changes whenever a file is added, removed or written."""
    ignored = StaticFiles.ignore_patterns
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignored):
            file = Path(storage.path(path)).stat()
            found.update(f"{path} {file.st_size} {file.st_mtime_ns}\n".encode())
    return found.hexdigest()
