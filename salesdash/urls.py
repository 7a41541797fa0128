"""Every address, by app."""

from django.contrib import admin
from django.urls import include, path

from accounts.welcome import welcome
from salesdash import health
from salesdash.outbox import outbox
from salesdash.sign_in import addresses

handler400 = "salesdash.problems.bad_request"
handler404 = "salesdash.problems.not_found"
handler500 = "salesdash.problems.server_error"

urlpatterns = [
    path("", include("dashboards.urls")),
    path("kpis/", include("dashboards.explorer.urls")),
    path("", include("pipeline.urls")),
    path("accounts/email/", addresses),
    path("accounts/", include("allauth.urls")),
    path("welcome/", welcome, name="welcome"),
    path("outbox/", outbox, name="outbox"),
    path("admin/", admin.site.urls),
    path("alerts/", include("alerts.urls")),
    path("forecast/", include("forecasting.urls")),
    path("api/v1/", include("salesdash.api")),
    path("healthz/", health.alive, name="alive"),
    path("readyz/", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
