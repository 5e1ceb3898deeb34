"""`manage.py expire_case_files`: takes away old case files by hand, where no beat does it."""

from typing import Any

from django.core.management.base import BaseCommand

from desk.actions.case_files import expire_case_files


class Command(BaseCommand):
    help = "Sletter de udleverede akter, der har ligget længe nok. Rækken om, hvad der blev dannet, bliver stående."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{expire_case_files()} slettet")
