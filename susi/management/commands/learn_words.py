"""`manage.py learn_words`: the words a search on PostgreSQL finds texts by, learnt anew."""

from typing import Any

from django.core.management.base import BaseCommand

from susi.words import learn_anew


class Command(BaseCommand):
    help = "Lærer søgningens ord forfra: det, der mangler, kommer til, og ord, som ingen tekst har mere, glemmes."

    def handle(self, *args: Any, **options: Any) -> None:
        words = learn_anew()
        self.stdout.write("SQLite har intet register over ord." if words is None else f"{words} ord.")
