"""The word that facts have changed, for the layers above. Carries nothing: the marks do."""

from django.dispatch import Signal

facts_changed = Signal()
