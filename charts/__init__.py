"""Tidy data in; figures, sparklines, findings and written numbers out. Knows nothing of Django.

Import from the modules: `charts.numbers` is needed everywhere, and must not bring Plotly along.
"""
