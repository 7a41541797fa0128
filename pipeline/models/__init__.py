"""The facts that every figure is computed from."""

from pipeline.models.activities import Activity
from pipeline.models.closings import Closing, LateChange
from pipeline.models.contracts import Contract, ContractTerm
from pipeline.models.criteria import Criterion, Skip, Tick
from pipeline.models.customers import Customer, Product, SizeBand, Source
from pipeline.models.deals import Deal, DealKind, DealLine, LostReason
from pipeline.models.finance import Cost, CostKind, Rate, Visit
from pipeline.models.journeys import StageArrival, StageOrder, StageVisit
from pipeline.models.leads import Lead, LeadStatus
from pipeline.models.marks import ImportedDeletion, Touched
from pipeline.models.process import Category, Outcome, SalesProcess, Stage
from pipeline.models.targets import Target

__all__ = [
    "Activity",
    "Category",
    "Closing",
    "Contract",
    "ContractTerm",
    "Cost",
    "CostKind",
    "Criterion",
    "Customer",
    "Deal",
    "DealKind",
    "DealLine",
    "ImportedDeletion",
    "LateChange",
    "Lead",
    "LeadStatus",
    "LostReason",
    "Outcome",
    "Product",
    "Rate",
    "SalesProcess",
    "SizeBand",
    "Skip",
    "Source",
    "Stage",
    "StageArrival",
    "StageOrder",
    "StageVisit",
    "Target",
    "Tick",
    "Touched",
    "Visit",
]
