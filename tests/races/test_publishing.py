"""An edition is published while somebody else saves a form of its draft.

With the lock in `phases.admin.WhileDrafted.get_object` taken out the test fails on PostgreSQL: the form would
overwrite the publication.
"""

import threading

import pytest
from django.db import connection, transaction
from django.urls import reverse

from phases.editions import copy_edition, publish
from phases.models import Edition
from susi.roles import Role
from tests.admin_forms import filled_in
from tests.factories import describe, person, rulebook

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LONG_ENOUGH_FOR_THE_FORM_TO_ARRIVE = 0.5


@pytest.mark.parametrize("model", ["edition", "theme"])
def test_a_form_that_arrives_during_the_publication_waits_and_is_refused(client, model) -> None:
    client.force_login(person(Role.ADMINISTRATOR))
    draft = describe(copy_edition(rulebook(), number="9.1", name="Eksempeludgave"))
    row = draft if model == "edition" else draft.themes.first()
    url = reverse(f"admin:phases_{model}_change", args=[row.pk])
    form = filled_in(client.get(url), source="Rettet imens")
    published = threading.Event()

    def publish_slowly() -> None:
        with transaction.atomic():
            publish(draft)
            published.set()
            threading.Event().wait(LONG_ENOUGH_FOR_THE_FORM_TO_ARRIVE)
        connection.close()

    publisher = threading.Thread(target=publish_slowly)
    publisher.start()
    published.wait(timeout=10)
    response = client.post(url, form)
    publisher.join(timeout=10)

    assert response.status_code == 403
    assert Edition.objects.get(pk=draft.pk).is_published
    assert type(row).objects.get(pk=row.pk).source != "Rettet imens"
