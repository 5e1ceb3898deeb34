from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "work"
    verbose_name = "Arbejdet i fasen"

    def ready(self) -> None:
        from portfolio import history
        from work import deliverable_history, knowledge_history

        history.SOURCES += [deliverable_history.deliverables, deliverable_history.annulled_versions]
        knowledge_history.tell()
