from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"
    verbose_name = "Mit arbejde"

    def ready(self) -> None:
        from desk import history
        from portfolio.history import SOURCES

        SOURCES.append(history.exemptions)
