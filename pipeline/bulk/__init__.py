"""Set-based writing of many facts and of their past, for imports and the demo company."""

from pipeline.bulk.merging import Counts
from pipeline.bulk.stream import NULL, Chunks
from pipeline.bulk.writing import BulkWriter, bulk_writing

__all__ = ["NULL", "BulkWriter", "Chunks", "Counts", "bulk_writing"]
