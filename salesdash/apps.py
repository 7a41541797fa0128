"""The project's own application: runner, settings, live changes, operators' commands."""

from django.apps import AppConfig


class SalesDashConfig(AppConfig):
    name = "salesdash"

    def ready(self) -> None:
        # Makes it the current Celery application, so that tasks are sent to our broker.
        import salesdash.celery  # noqa: F401 # for its effect
