"""Addresses of the pipeline's pages: board, deals, leads, customers, search."""

from django.urls import path

from pipeline.views import board, contracts, customers, deal, deals, faults, leads, lines, search

app_name = "pipeline"

urlpatterns = [
    path("pipeline/", board.board, name="board"),
    path("pipeline/eight-steps/", board.eight_steps, name="eight-steps"),
    path("deals/", deals.deals, name="deals"),
    path("deals/new/", deal.new, name="deal-new"),
    path("deals/<int:pk>/", deal.deal, name="deal"),
    path("deals/<int:pk>/edit/", deal.edit, name="deal-edit"),
    path("deals/<int:pk>/next-step/", deal.next_step, name="deal-next-step"),
    path("deals/<int:pk>/lines/", lines.lines, name="deal-lines"),
    path("deals/<int:pk>/process/", deal.process, name="deal-process"),
    path("deals/<int:pk>/criteria/", deal.criteria, name="deal-criteria"),
    path("deals/<int:pk>/tick/", deal.tick, name="deal-tick"),
    path("deals/<int:pk>/category/", deal.category, name="deal-category"),
    path("deals/<int:pk>/move/", deal.move, name="deal-move"),
    path("deals/<int:pk>/reassign/", deal.reassign, name="deal-reassign"),
    path("deals/<int:pk>/activity/", deal.activity, name="deal-activity"),
    path("leads/", leads.leads, name="leads"),
    path("leads/new/", leads.new, name="lead-new"),
    path("leads/<int:pk>/", leads.lead, name="lead"),
    path("leads/<int:pk>/edit/", leads.edit, name="lead-edit"),
    path("leads/<int:pk>/convert/", leads.convert, name="lead-convert"),
    path("leads/<int:pk>/status/", leads.status, name="lead-status"),
    path("leads/<int:pk>/activity/", leads.activity, name="lead-activity"),
    path("customers/", customers.customers, name="customers"),
    path("customers/new/", customers.new, name="customer-new"),
    path("customers/options/", customers.options, name="customer-options"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("customers/<int:pk>/edit/", customers.edit, name="customer-edit"),
    path("customers/<int:pk>/contracts/new/", contracts.new, name="contract-new"),
    path("contracts/<int:pk>/edit/", contracts.edit, name="contract-edit"),
    path("faults/", faults.faults, name="faults"),
    path("faults/<slug:key>/", faults.fault, name="fault"),
    path("search/", search.search, name="search"),
]
