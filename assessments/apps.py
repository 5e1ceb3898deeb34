from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = "SUSI-vurderinger"

    def ready(self) -> None:
        from assessments import history
        from portfolio.history import SOURCES

        SOURCES.extend([history.follow_ups, history.amounts])
