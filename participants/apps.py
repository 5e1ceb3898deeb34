from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = "Deltagere"

    def ready(self) -> None:
        from participants.history import tell

        tell()
