"""Where a period stood when a run was made, as bytes."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from forecasting.model.simulation import Standing

_NAMES = ("booked", "chance", "worth", "leaf")


def written(standing: Standing) -> bytes:
    """As a column of the database can hold it; read back, not a bit is another."""
    file = BytesIO()
    leaves = np.array(standing.leaves, dtype=np.int64).reshape(-1, 2)
    arrays = {name: getattr(standing, name) for name in _NAMES}
    arrays["leaf"] = standing.leaf.astype(np.int32)
    np.savez(file, leaves=leaves, **arrays)
    return file.getvalue()


def read(kept: bytes) -> Standing:
    """What `written` gave."""
    with np.load(BytesIO(kept), allow_pickle=False) as arrays:
        leaves = tuple((owner, team) for owner, team in arrays["leaves"].tolist())
        return Standing(leaves, *(arrays[name] for name in _NAMES))
