from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = _("KPIs")

    def ready(self) -> None:
        from django.core.checks import register

        from kpis import checks, tasks
        from kpis.storage.checks import check_columns
        from pipeline.signals import facts_changed

        checks.register_checks()
        register(check_columns)
        facts_changed.connect(tasks.ask_for_drain)
