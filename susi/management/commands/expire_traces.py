"""`manage.py expire_traces`: take away what is kept of people's coming and going when its time is up."""

from typing import Any

from django.core.management.base import BaseCommand

from susi import traces


class Command(BaseCommand):
    help = "Slet det, der er noteret om adgang, forkerte adgangskoder og log ind, når tiden er gået."

    def handle(self, *args: Any, **options: Any) -> None:
        gone = traces.expire()
        self.stdout.write(
            f"Slettet: {gone['access']} noteringer af adgang, {gone['wrong passwords']} forkerte adgangskoder, "
            f"{gone['log-ins']} udløbne log ind."
        )
