from pathlib import Path

from participants.loading import FIXTURE, load_organisations
from susi.loading import LoadCommand, Report


class Command(LoadCommand):
    help = "Indlæs de kommuner og regioner, der mangler. Det, der findes, bliver, som det er."
    fixture = FIXTURE

    def load(self, path: Path) -> Report:
        return load_organisations(path)
