"""The routes of `/api/v1/`. Each app's viewsets are listed here; nothing is discovered."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from pipeline.api.customers import CustomerViews
from pipeline.api.deals import DealViews
from pipeline.api.leads import LeadViews

router = SimpleRouter()
router.register("deals", DealViews)
router.register("leads", LeadViews)
router.register("customers", CustomerViews)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("", include(router.urls)),
]
