"""The settings that facts depend on: processes, sources, products, rates, and who is where."""

from pipeline.admin.lists import ProductAdmin, RateAdmin, SourceAdmin
from pipeline.admin.people import CreditedPersonAdmin
from pipeline.admin.processes import SalesProcessAdmin

__all__ = ["CreditedPersonAdmin", "ProductAdmin", "RateAdmin", "SalesProcessAdmin", "SourceAdmin"]
