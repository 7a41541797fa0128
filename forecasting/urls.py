"""Addresses of the forecast."""

from django.urls import path

from forecasting.views import accuracy, cell, changes, grid, model, revenue, scenarios, what_if

app_name = "forecasting"

urlpatterns = [
    path("", grid.forecast, name="forecast"),
    path("cell/", cell.cell, name="cell"),
    path("cell/submit/", cell.submit_own, name="submit"),
    path("cell/adjust/", cell.adjust_member, name="adjust"),
    path("deals/<int:pk>/", cell.deal, name="deal"),
    path("changes/", changes.page, name="changes"),
    path("changes/line/", changes.line, name="changes-line"),
    path("model/", model.model, name="model"),
    path("accuracy/", accuracy.page, name="accuracy"),
    path("revenue/", revenue.revenue, name="revenue"),
    path("revenue/rows/", revenue.rows, name="revenue-rows"),
    path("revenue/contracts/<int:pk>/", revenue.contract, name="revenue-contract"),
    path("what-if/", what_if.page, name="what-if"),
    path("what-if/compare/", scenarios.compare, name="scenarios"),
    path("what-if/scenarios/new/", scenarios.new, name="scenario-new"),
    path("what-if/scenarios/<int:pk>/", scenarios.opened, name="scenario"),
    path("what-if/scenarios/<int:pk>/edit/", scenarios.edit, name="scenario-edit"),
    path("what-if/scenarios/<int:pk>/duplicate/", scenarios.duplicate, name="scenario-duplicate"),
    path("what-if/scenarios/<int:pk>/delete/", scenarios.delete, name="scenario-delete"),
]
