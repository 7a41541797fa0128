"""Which rows a measure is about: every selection of facts that figures rest on."""

from pipeline.populations.base import Population, Rows

__all__ = ["Population", "Rows"]
