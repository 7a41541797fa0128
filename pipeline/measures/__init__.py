"""Every measure: an aggregate over a population of facts, declared once."""

from pipeline.measures.base import How, Measure, Teller, Told

__all__ = ["How", "Measure", "Teller", "Told"]
