"""Addresses of the forecast."""

from django.urls import path

from forecasting.views import accuracy, cell, changes, grid, model, revenue

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
]
