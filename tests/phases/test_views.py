"""The rulebook as people read it."""

import datetime
import re
from html import unescape

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from phases.editions import copy_edition, publish
from phases.models import Criterion, Edition
from susi.roles import Role
from tests.factories import describe, person, rulebook

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> Edition:
    """The rulebook as it is delivered; returns SUSI 2.0."""
    call_command("load_rulebook", verbosity=0)
    return Edition.objects.get(number="2.0")


@pytest.fixture
def reader(client):
    user = person(Role.READER)
    client.force_login(user)
    return user


def page(client, *args, **query) -> str:
    response = client.get(reverse("phases:edition", args=args) if args else reverse("phases:rulebook"), query)
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> dict[str, str]:
    """Return the rows of criteria on the page by their anchors, as text without tags."""
    found = re.findall(r'<tr id="([^"]+)">(.*?)</tr>', html, re.DOTALL)
    return {code: " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for code, row in found}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_the_edition_in_force(client, loaded, role) -> None:
    client.force_login(person(role))
    assert "<h1>Regelsæt: SUSI 2.0</h1>" in page(client)


def test_one_has_to_log_in(client, loaded) -> None:
    assert client.get(reverse("phases:rulebook")).url == "/log-ind/?next=/regelsaet/"


def test_all_33_rows_stand_with_wording_and_source(client, loaded, reader) -> None:
    shown = rows(page(client))
    criteria = Criterion.objects.filter(theme__edition=loaded)
    assert len(shown) == 33
    for criterion in criteria:
        assert criterion.wording in shown[criterion.code]
        assert criterion.wording_track2 in shown[criterion.code]
        assert shown[criterion.code].endswith(criterion.source)


def test_what_differs_between_the_tracks_is_marked(client, loaded, reader) -> None:
    shown = rows(page(client))
    for criterion in Criterion.objects.filter(theme__edition=loaded):
        assert criterion.get_track2_display() in shown[criterion.code]
        times = 2 if criterion.track2 == Criterion.TrackTwo.SAME else 1
        assert shown[criterion.code].count(criterion.wording) == times
    marked = [code for code, row in shown.items() if "Egen ordlyd" in row or "Gælder ikke" in row]
    assert marked == ["M2.2", "M2.5", "A1.2", "A3.1", "A3.2", "U1.1", "U2.1", "U2.2"]


def test_only_what_differs_is_shown_on_request(client, loaded, reader) -> None:
    html = page(client, forskelle="1")
    assert list(rows(html)) == ["M2.2", "M2.5", "A1.2", "A3.1", "A3.2", "U1.1", "U2.1", "U2.2"]
    assert "Indsatsen er realistisk i både modning, afprøvning og drift" in html
    assert "Indsatsen er fagligt velbegrundet" not in html, "a theme without differences is left out"
    assert 'href="/regelsaet/#kriterier"' in html


def test_another_value_of_the_filter_shows_everything(client, loaded, reader) -> None:
    assert len(rows(page(client, forskelle="måske"))) == 33


def test_phases_tracks_and_conditions_stand_before_the_criteria(client, loaded, reader) -> None:
    html = page(client)
    for definition in loaded.phase_definitions.all():
        assert definition.purpose in html
        assert f"<strong>Typisk længde:</strong> {definition.typical_length}" in html
    for track in loaded.track_definitions.all():
        assert f"<h3>{track}: {track.name}</h3>" in html
        assert all(f"<li>{sentence}</li>" in html for sentence in track.characteristics)
    for condition in loaded.entry_conditions.all():
        assert f'<li id="{condition.code}">' in html
        assert condition.text in html
    for phase in ("maturation", "trial", "dissemination"):
        assert f'id="{phase}"' in html
    assert "Der er 13 kriterier i spor 1 og 12 i spor 2." in html


def test_an_edition_without_tracks_has_one_column_and_no_filter(client, loaded, reader) -> None:
    html = page(client, "1.0", forskelle="1")
    assert len(rows(html)) == 12
    assert "Udgaven har 12 kriterier og ingen spor." in html
    assert "Spor 2" not in html
    assert "Vis kun forskelle" not in html
    assert "Udgaven er afløst af SUSI 2.0." in html


def test_one_changes_between_the_editions(client, loaded, reader) -> None:
    html = page(client)
    assert 'href="/regelsaet/1.0/"' in html
    assert "SUSI 2.0 (gælder nu)" in html
    assert re.search(r'href="/regelsaet/2.0/"\s+class="tab-button"\s+aria-current="page"', html)


def test_a_draft_is_for_administrators_alone(client, loaded) -> None:
    copy_edition(loaded, number="2.1", name="Eksempeludgave")
    for role in (Role.READER, Role.LEAD, Role.MANAGER):
        client.force_login(person(role))
        assert client.get(reverse("phases:edition", args=["2.1"])).status_code == 404
        assert "Eksempeludgave" not in page(client)
    client.force_login(person(Role.ADMINISTRATOR))
    assert "Udgaven er ikke offentliggjort" in page(client, "2.1")
    assert "Eksempeludgave (kladde)" in page(client)


def test_a_published_edition_that_is_yet_to_come_is_shown_as_such(client, loaded, reader) -> None:
    draft = copy_edition(loaded, number="2.1", name="Eksempeludgave")
    draft.valid_from = timezone.localdate() + datetime.timedelta(days=1)
    draft.save()
    publish(draft)
    assert "<h1>Regelsæt: SUSI 2.0</h1>" in page(client)
    assert "Kommende" in page(client, "2.1")


def test_an_edition_that_does_not_exist_is_not_found(client, loaded, reader) -> None:
    assert client.get(reverse("phases:edition", args=["7.0"])).status_code == 404


def test_where_nothing_is_in_force_the_page_says_so(client, reader) -> None:
    assert "Der gælder ikke noget regelsæt i dag." in page(client)
    client.force_login(person(Role.ADMINISTRATOR))
    assert "Gå til udgaverne i administrationen" in page(client)


def test_what_is_written_in_the_rulebook_is_shown_as_text(client, reader) -> None:
    edition = rulebook()
    copy = describe(copy_edition(edition, number="9.1", name="<b>Udgave</b>"))
    criterion = Criterion.objects.get(theme__edition=copy, code="M1.2")
    criterion.wording_track2 = "<script>alert(1)</script>"
    criterion.save()
    publish(copy)
    html = page(client, "9.1")
    assert "<script>alert" not in html
    assert "<b>Udgave" not in html


def test_the_number_of_queries_is_the_same_for_9_rows_and_33(client, loaded, reader) -> None:
    def queries(number: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, number)
        return len(captured)

    rulebook(number="0.1")
    assert queries("0.1") == queries("2.0") == queries("1.0")
    few = queries("2.0")
    for number in range(5):
        rulebook(number=f"0.2.{number}")
    assert queries("2.0") == few
