"""The settings that facts depend on: processes, sources, products, rates, and who is where."""

from pipeline.admin.closings import ClosingAdmin
from pipeline.admin.lists import ProductAdmin, RateAdmin, SourceAdmin
from pipeline.admin.people import CreditedPersonAdmin, CreditedTeamAdmin
from pipeline.admin.processes import SalesProcessAdmin, StageAdmin

__all__ = [
    "ClosingAdmin",
    "CreditedPersonAdmin",
    "CreditedTeamAdmin",
    "ProductAdmin",
    "RateAdmin",
    "SalesProcessAdmin",
    "SourceAdmin",
    "StageAdmin",
]
