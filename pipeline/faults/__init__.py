"""What the data lacks: rows that no period, chain or total can count, and how to mend them."""

from pipeline.faults.catalog import FAULTS
from pipeline.faults.declarations import Fault, Moment
from pipeline.faults.finding import counts, faults_for, found

__all__ = ["FAULTS", "Fault", "Moment", "counts", "faults_for", "found"]
