from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    """Registers the catalog's checks, and has changed facts drained."""

    name = "kpis"
    verbose_name = _("KPIs")

    def ready(self) -> None:
        from django.core.checks import register

        from kpis import tasks
        from kpis.checks import check_catalog
        from kpis.storage.checks import check_columns
        from pipeline.signals import facts_changed

        register(check_catalog)
        register(check_columns)
        facts_changed.connect(tasks.ask_for_drain)
