from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "work"
    verbose_name = "Arbejdet i fasen"

    def ready(self) -> None:
        from portfolio import history
        from work import deliverable_history, knowledge_history

        history.SOURCES.append(deliverable_history.deliverables)
        knowledge_history.tell()
