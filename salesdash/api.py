"""The routes of `/api/v1/`. Each app's viewsets are listed here; nothing is discovered."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from accounts.api import TeamViews, UserViews
from alerts.api import AlertRuleViews, IncidentViews
from alerts.nudging import NudgeView
from forecasting.api.accuracy import AccuracyView
from forecasting.api.calls import AdjustmentViews, SubmissionViews
from forecasting.api.changes import ForecastCallChanges, ForecastChanges
from forecasting.api.deadlines import DeadlineList
from forecasting.api.grid import ForecastHistory, ForecastView
from forecasting.api.model import ModelDeals, ModelView
from forecasting.api.revenue import RevenueReconciliation, RevenueRows, RevenueView
from forecasting.api.what_if import ScenarioViews, WhatIfView
from kpis.api import KpiDetail, KpiList, KpiRecords
from kpis.cohorts_api import CohortsView
from kpis.comments_api import CommentViews
from kpis.funnel_api import FunnelView
from kpis.goals import GoalViews
from kpis.saved_views_api import SavedViewViews
from kpis.waterfall_api import WaterfallRecords, WaterfallView
from pipeline.api.activities import ActivityViews
from pipeline.api.closings import ClosingViews
from pipeline.api.contracts import ContractViews
from pipeline.api.customers import CustomerViews
from pipeline.api.deals import DealViews
from pipeline.api.faults import FaultList, FaultMend, FaultRows
from pipeline.api.finance import CostViews, RateViews
from pipeline.api.leads import LeadViews
from pipeline.api.settings import CriterionViews, ProductViews, SourceViews, StageViews

router = SimpleRouter()
router.register("deals", DealViews)
router.register("leads", LeadViews)
router.register("customers", CustomerViews)
router.register("activities", ActivityViews)
router.register("contracts", ContractViews)
router.register("costs", CostViews)
router.register("rates", RateViews)
router.register("closings", ClosingViews)
router.register("goals", GoalViews, basename="goal")
router.register("comments", CommentViews)
router.register("saved-views", SavedViewViews)
router.register("alert-rules", AlertRuleViews)
router.register("incidents", IncidentViews)
router.register("forecast/submissions", SubmissionViews)
router.register("forecast/adjustments", AdjustmentViews)
router.register("forecast/scenarios", ScenarioViews)
router.register("teams", TeamViews)
router.register("users", UserViews)
router.register("stages", StageViews)
router.register("criteria", CriterionViews)
router.register("sources", SourceViews)
router.register("products", ProductViews)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("kpis/", KpiList.as_view(), name="kpis"),
    path("kpis/<str:key>/", KpiDetail.as_view(), name="kpi"),
    path("kpis/<str:key>/records/", KpiRecords.as_view(), name="kpi-records"),
    path("cohorts/<str:kind>/", CohortsView.as_view(), name="cohorts"),
    path("funnel/", FunnelView.as_view(), name="funnel"),
    path("waterfall/", WaterfallView.as_view(), name="waterfall"),
    path("waterfall/records/", WaterfallRecords.as_view(), name="waterfall-records"),
    path("forecast/model/", ModelView.as_view(), name="forecast-model"),
    path("forecast/model/deals/", ModelDeals.as_view(), name="forecast-model-deals"),
    path("forecast/accuracy/", AccuracyView.as_view(), name="forecast-accuracy"),
    path("forecast/revenue/", RevenueView.as_view(), name="forecast-revenue"),
    path(
        "forecast/revenue/reconciliation/",
        RevenueReconciliation.as_view(),
        name="forecast-revenue-reconciliation",
    ),
    path("forecast/revenue/rows/", RevenueRows.as_view(), name="forecast-revenue-rows"),
    path("forecast/what-if/", WhatIfView.as_view(), name="forecast-what-if"),
    path("forecast/", ForecastView.as_view(), name="forecast"),
    path("forecast/deadlines/", DeadlineList.as_view(), name="forecast-deadlines"),
    path("forecast/nudges/", NudgeView.as_view(), name="forecast-nudges"),
    path("forecast/changes/", ForecastChanges.as_view(), name="forecast-changes"),
    path(
        "forecast/changes/calls/",
        ForecastCallChanges.as_view(),
        name="forecast-call-changes",
    ),
    path("forecast/history/", ForecastHistory.as_view(), name="forecast-history"),
    path("faults/", FaultList.as_view(), name="faults"),
    path("faults/<slug:key>/", FaultRows.as_view(), name="fault"),
    path("faults/<slug:key>/mend/", FaultMend.as_view(), name="fault-mend"),
    path("", include(router.urls)),
]
