from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = _("KPIs")

    def ready(self) -> None:
        from kpis import checks, tasks
        from pipeline.signals import facts_changed

        checks.register_checks()
        facts_changed.connect(tasks.ask_for_drain)
