from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "work"
    verbose_name = "Arbejdet i fasen"

    def ready(self) -> None:
        from work import knowledge_history

        knowledge_history.tell()
