"""The Celery application: `celery -A salesdash.celery worker` and `beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesdash.settings")

app = Celery("salesdash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
