from django.apps import AppConfig
from django.contrib.admin import apps


class SusiConfig(AppConfig):
    name = "susi"
    verbose_name = "Brugere"


class AdministrationConfig(apps.AdminConfig):
    """Django's admin, with a site of our own."""

    default = False
    default_site = "susi.administration.AdministrationSite"
