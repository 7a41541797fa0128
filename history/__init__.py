"""Append-only history of any model: a version table filled by a database trigger.

`versioned` keeps every past state of a row with two spans (effective and recorded);
`touching` leaves a mark for whoever keeps figures derived from the row.
"""

from history.models import Version, VersionQuerySet, infinity
from history.recording import as_recorded_at, recorded_because, recorded_by
from history.touching import touching
from history.versioning import keep_versions_in, keeps, version_model, versioned

__all__ = [
    "Version",
    "VersionQuerySet",
    "as_recorded_at",
    "infinity",
    "keep_versions_in",
    "keeps",
    "recorded_because",
    "recorded_by",
    "touching",
    "version_model",
    "versioned",
]
