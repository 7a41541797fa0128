"""The word that figures follow changed facts, for the layers above."""

from django.dispatch import Signal

facts_drained = Signal()
"""Sent with `facts`, the changed ones' model names, after the commit that took their marks."""
