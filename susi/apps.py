from django.apps import AppConfig


class SusiConfig(AppConfig):
    name = "susi"
    verbose_name = "Brugere"
