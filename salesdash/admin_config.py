"""Puts the settings' own site in the place of Django's admin site."""

from django.contrib.admin.apps import AdminConfig


class SettingsSiteConfig(AdminConfig):
    default = False
    default_site = "salesdash.admin_site.SettingsSite"
