"""Every measure: an aggregate over a population of facts, declared once."""

from pipeline.measures.base import How, Measure, Teller, Told, number_of_rows

__all__ = ["How", "Measure", "Teller", "Told", "number_of_rows"]
