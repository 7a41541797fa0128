"""Sources, products and exchange rates."""

from __future__ import annotations

from django.contrib import admin

from pipeline.admin.announced import AnnouncedAdmin
from pipeline.models import Product, Rate, Source


@admin.register(Source)
class SourceAdmin(AnnouncedAdmin):
    list_display = ("name", "name_ko", "slug")
    search_fields = ("name", "name_ko", "slug")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Product)
class ProductAdmin(AnnouncedAdmin):
    list_display = ("name", "series", "list_price", "currency", "is_active")
    list_filter = ("is_active", "series")
    search_fields = ("name", "external_id")


@admin.register(Rate)
class RateAdmin(AnnouncedAdmin):
    list_display = ("day", "currency", "price")
    list_filter = ("currency",)
    date_hierarchy = "day"
