from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = "Portefølje"

    def ready(self) -> None:
        from portfolio import history, length_history

        history.SOURCES.append(length_history.lengths)
