"""What every editable fact has in common."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Fact(models.Model):
    """A row that people and imports change: known outside by an id, guarded by a revision."""

    external_id = models.CharField(
        _("external id"), max_length=120, unique=True, null=True, blank=True
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta:
        abstract = True


class Named(models.Model):
    """Something that staff name in English and, where they wish, in Korean."""

    name = models.CharField(_("name"), max_length=120)
    name_ko = models.CharField(_("name in Korean"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        korean = (get_language() or "").startswith("ko")
        return self.name_ko if korean and self.name_ko else self.name
