"""An edition of the rulebook from draft to publication, and what cannot be done to it afterwards."""

import datetime
from unittest import mock

import pytest
from django.utils import timezone

from phases.editions import copy_edition, missing_before_publication, publish
from phases.models import (
    Criterion,
    Edition,
    EntryCondition,
    PhaseDefinition,
    PublishedEditionError,
    Theme,
    TrackDefinition,
)
from phases.terms import Phase
from susi.errors import Refused
from tests.factories import describe, rulebook

pytestmark = pytest.mark.django_db


@pytest.fixture
def published() -> Edition:
    """A published edition with a row of every kind."""
    edition = rulebook()
    with mock.patch.object(Edition, "refuse_if_published"):
        describe(edition)
    return edition


def parts(edition: Edition) -> list[tuple]:
    """Return everything the edition consists of, without keys."""
    columns = {
        PhaseDefinition: ["phase", "purpose", "typical_length", "min_years", "max_years", "source"],
        TrackDefinition: ["track", "name", "definition", "characteristics", "source"],
        EntryCondition: ["no", "code", "heading", "text", "source"],
        Theme: ["phase", "no", "heading", "source"],
    }
    rows = [
        row for model, names in columns.items() for row in model.objects.filter(edition=edition).values_list(*names)
    ]
    criteria = Criterion.objects.filter(theme__edition=edition).values_list(
        "theme__phase", "theme__no", "no", "code", "wording", "track2", "wording_track2", "presumes", "source"
    )
    return [*rows, *criteria]


def test_a_copy_has_everything_and_is_a_draft(published) -> None:
    before = parts(published)
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    assert parts(draft) == before
    assert parts(published) == before, "the original keeps its rows"
    assert not draft.is_published
    assert (draft.has_tracks, draft.source) == (published.has_tracks, published.source)
    assert draft.valid_from == timezone.localdate()


def test_a_draft_is_edited_published_and_current_from_its_date(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    criterion = Criterion.objects.get(theme__edition=draft, code="M1.1")
    criterion.wording = "Ny ordlyd"
    criterion.save()
    draft.valid_from = datetime.date(2026, 7, 1)
    draft.save()
    assert Edition.objects.current(datetime.date(2026, 7, 1)) == published, "a draft is never in force"

    publish(draft)

    assert Edition.objects.current(datetime.date(2026, 6, 30)) == published
    assert Edition.objects.current(datetime.date(2026, 7, 1)) == draft
    assert Criterion.objects.get(theme__edition=published, code="M1.1").wording == "Samme i begge spor"


def test_no_edition_is_in_force_before_the_first(published) -> None:
    with pytest.raises(Edition.DoesNotExist):
        Edition.objects.current(published.valid_from - datetime.timedelta(days=1))


def test_publishing_twice_is_refused(published) -> None:
    with pytest.raises(Refused, match="er allerede offentliggjort"):
        publish(published)


def test_an_edition_without_criteria_for_a_phase_is_not_published(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    for theme in draft.themes.filter(phase=Phase.TRIAL):
        theme.delete()
    with pytest.raises(Refused) as refusal:
        publish(draft)
    assert refusal.value.sentences == ("Der er ingen kriterier for at overgå til afprøvningsfasen.",)
    draft.refresh_from_db()
    assert not draft.is_published


def test_an_edition_whose_codes_clash_is_not_published(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    condition = draft.entry_conditions.first()
    condition.code = "M1.1"
    condition.save()
    assert missing_before_publication(draft) == ["Koden M1.1 er brugt 2 gange."]
    with pytest.raises(Refused):
        publish(draft)


def test_a_deliverable_documents_criteria_for_the_next_phase_alone(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    assert missing_before_publication(draft) == []
    for code, documents in (("S-a", ["M1.1", "A1.1"]), ("U-a", ["U1.1"])):
        deliverable = draft.deliverable_types.get(code=code)
        deliverable.documents = documents
        deliverable.save()
    assert missing_before_publication(draft) == [
        "Leverancen S-a dokumenterer A1.1, som ikke er et kriterie for den næste fase.",
        "Leverancen U-a dokumenterer U1.1, som ikke er et kriterie for den næste fase.",
    ]


def test_an_empty_draft_names_every_phase_that_lacks_criteria() -> None:
    draft = Edition.objects.create(number="9.1", name="Tom", valid_from=datetime.date(2026, 1, 1), source="Eksempel")
    assert missing_before_publication(draft) == [
        "Der er ingen kriterier for at overgå til modningsfasen.",
        "Der er ingen kriterier for at overgå til afprøvningsfasen.",
        "Der er ingen kriterier for at overgå til udbredelsesfasen.",
        "Der er ingen betingelser for at indgå i strategien.",
        "Screeningsfasen er ikke beskrevet.",
        "Modningsfasen er ikke beskrevet.",
        "Afprøvningsfasen er ikke beskrevet.",
        "Udbredelsesfasen er ikke beskrevet.",
        "Spor 1 er ikke beskrevet.",
        "Spor 2 er ikke beskrevet.",
    ]


def test_an_edition_with_tracks_has_criteria_in_both(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    for criterion in Criterion.objects.filter(theme__edition=draft, theme__phase=Phase.TRIAL):
        criterion.track2, criterion.wording_track2 = Criterion.TrackTwo.NONE, ""
        criterion.save()
    assert missing_before_publication(draft) == ["Der er ingen kriterier i spor 2 for at overgå til afprøvningsfasen."]


def test_an_edition_from_before_the_tracks_is_published_with_its_criteria_alone(published) -> None:
    draft = copy_edition(published, number="1.0", name="Eksempel uden spor")
    for part in [*draft.entry_conditions.all(), *draft.phase_definitions.all(), *draft.track_definitions.all()]:
        part.delete()
    with pytest.raises(Refused, match="Spor 2 er ikke beskrevet"):
        publish(draft)
    draft.has_tracks = False
    draft.save()
    publish(draft)
    assert Edition.objects.get(number="1.0").is_published


def of_every_kind(edition: Edition) -> list:
    return [
        edition,
        edition.phase_definitions.first(),
        edition.track_definitions.first(),
        edition.entry_conditions.first(),
        edition.themes.first(),
        Criterion.objects.filter(theme__edition=edition).first(),
    ]


def test_what_is_published_can_be_neither_saved_nor_deleted(published) -> None:
    before = parts(published)
    for row in of_every_kind(published):
        with pytest.raises(PublishedEditionError, match="kan ikke ændres"):
            row.save()
        with pytest.raises(PublishedEditionError):
            row.delete()
    assert parts(published) == before


def test_an_instance_read_before_the_publication_cannot_be_saved_after_it(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    stale = [Edition.objects.get(pk=draft.pk), Criterion.objects.filter(theme__edition=draft).first()]
    publish(draft)
    for row in stale:
        with pytest.raises(PublishedEditionError):
            row.save()


def test_nothing_is_added_to_a_published_edition(published) -> None:
    with pytest.raises(PublishedEditionError):
        Theme.objects.create(edition=published, phase=Phase.TRIAL, no=9, heading="Nyt", source="Eksempel")
    with pytest.raises(PublishedEditionError):
        Criterion.objects.create(theme=published.themes.first(), no=9, code="M1.9", wording="Ny", source="Eksempel")


def test_nothing_is_moved_out_of_a_published_edition(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    draft.themes.filter(phase=Phase.MATURATION).first().delete()
    theme = published.themes.filter(phase=Phase.MATURATION).first()
    theme.edition = draft
    criterion = Criterion.objects.filter(theme__edition=published, code="U1.1").first()
    criterion.theme, criterion.no = draft.themes.first(), 9
    for row in (theme, criterion):
        with pytest.raises(PublishedEditionError, match=f"{published} er offentliggjort"):
            row.save()


def test_a_draft_can_be_deleted(published) -> None:
    draft = copy_edition(published, number="9.1", name="Eksempelregelsæt 9.1")
    draft.delete()
    assert not Edition.objects.filter(number="9.1").exists()
    assert parts(published)
