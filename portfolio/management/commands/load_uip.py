from pathlib import Path

from django.conf import settings

from portfolio.loading import load_uip
from susi.loading import LoadCommand, Report


class Command(LoadCommand):
    help = "Indlæs de dele af UIP-porteføljen (Bilag 1), der mangler. Det, der findes, bliver, som det er."
    fixture = settings.BASE_DIR / "fixtures" / "uip.json"

    def load(self, path: Path) -> Report:
        return load_uip(path)
