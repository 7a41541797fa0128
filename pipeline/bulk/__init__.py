"""Set-based writing of many facts and of their past, for imports and the demo company."""

from pipeline.bulk.merging import Counts
from pipeline.bulk.writing import BulkWriter, bulk_writing

__all__ = ["BulkWriter", "Counts", "bulk_writing"]
