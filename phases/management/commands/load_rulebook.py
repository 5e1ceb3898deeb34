from pathlib import Path

from django.conf import settings

from phases.loading import load_rulebook
from susi.loading import LoadCommand, Report


class Command(LoadCommand):
    help = "Indlæs de udgaver af regelsættet, der mangler. Det, der findes, bliver, som det er."
    fixture = settings.BASE_DIR / "fixtures" / "rulebook.json"

    def load(self, path: Path) -> Report:
        return load_rulebook(path)
