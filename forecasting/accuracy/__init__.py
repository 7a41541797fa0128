"""Forecasts tried on the past: what each method would have said, and how wrong it was."""
