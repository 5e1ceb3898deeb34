"""Drafting editions of the rulebook in the administration, and trying to change a published one there."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from phases.editions import copy_edition, publish
from phases.models import Criterion, Edition, Theme, TrackDefinition
from phases.terms import Phase, Track
from susi.dates import Precision
from susi.roles import Role
from tests.admin_forms import filled_in
from tests.factories import describe, person, rulebook

pytestmark = pytest.mark.django_db


@pytest.fixture
def published() -> Edition:
    return rulebook()


@pytest.fixture
def draft(published) -> Edition:
    return copy_edition(published, number="9.1", name="Eksempeludgave")


@pytest.fixture
def ready(draft) -> Edition:
    """The draft with all that an edition needs to be published."""
    return describe(draft)


@pytest.fixture
def administrator(client):
    user = person(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def change(obj) -> str:
    return reverse(f"admin:phases_{obj._meta.model_name}_change", args=[obj.pk])


def act(name: str, edition: Edition) -> str:
    return reverse(f"admin:phases_edition_{name}", args=[edition.pk])


def state(edition: Edition) -> list[tuple]:
    """Return everything that could be changed of the edition."""
    return [
        *Edition.objects.filter(pk=edition.pk).values_list(),
        *edition.entry_conditions.values_list(),
        *edition.themes.values_list(),
        *Criterion.objects.filter(theme__edition=edition).values_list(),
    ]


# Drafting


def test_an_edition_is_copied_as_a_draft(client, administrator, published) -> None:
    page = client.get(act("copy", published)).content.decode()
    assert "Den nye udgave får alt, hvad Eksempelregelsæt 9.0 indeholder" in page

    response = client.post(act("copy", published), {"number": "9.1", "name": "Eksempeludgave"}, follow=True)

    copy = Edition.objects.get(number="9.1")
    assert response.redirect_chain == [(change(copy), 302)]
    assert "Eksempeludgave er oprettet som kladde." in response.content.decode()
    assert not copy.is_published
    assert Criterion.objects.filter(theme__edition=copy).count() == 9
    entry = LogEntry.objects.get()
    assert (entry.user, entry.get_change_message()) == (administrator, "Kopieret fra Eksempelregelsæt 9.0.")


@pytest.mark.parametrize(
    ("number", "name", "sentence"),
    [
        ("9.0", "Ny", "med dette"),
        ("2/a", "Ny", "Skriv nummeret som tal med punktum imellem, for eksempel 2.1."),
        ("", "Ny", "Feltet skal udfyldes."),
        ("9.1", "Ny 010190-1234", "ligner et CPR-nummer"),
        ("9.1", "N\x0by", "usynligt tegn"),
        ("9.1", "x" * 101, "Teksten er for lang: Den har 101 tegn"),
    ],
)
def test_a_copy_needs_a_number_and_a_name(client, administrator, published, number, name, sentence) -> None:
    html = client.post(act("copy", published), {"number": number, "name": name}).content.decode()
    assert sentence in html
    assert "Ret felterne herunder." in html
    assert f'value="{name}"' in html, "what was typed stays"
    assert Edition.objects.count() == 1


def test_a_draft_is_edited_with_its_parts(client, administrator, draft) -> None:
    TrackDefinition.objects.create(
        edition=draft, track=Track.ONE, name="Navn", definition="Definition", source="Eksempel", characteristics=["En"]
    )
    page = client.get(change(draft))
    data = filled_in(
        page,
        name="Rettet udgave",
        valid_from="november 2026",
        **{
            "track_definitions-0-characteristics": "Første kendetegn\r\n\r\n  Andet kendetegn ",
            "entry_conditions-0-text": "Rettet ordlyd",
            "themes-0-DELETE": "on",
        },
    )

    response = client.post(change(draft), data, follow=True)

    assert response.redirect_chain, response.context["errors"]
    draft.refresh_from_db()
    assert (draft.name, str(draft.valid_from_date)) == ("Rettet udgave", "november 2026")
    assert draft.valid_from_precision == Precision.MONTH
    assert draft.track_definitions.get().characteristics == ["Første kendetegn", "Andet kendetegn"]
    assert draft.entry_conditions.first().text == "Rettet ordlyd"
    assert draft.themes.count() == 5


def test_saving_without_changes_changes_nothing(client, administrator, draft) -> None:
    TrackDefinition.objects.create(
        edition=draft, track=Track.ONE, name="N", definition="D", source="Eksempel", characteristics=["En", "To"]
    )
    client.post(change(draft), filled_in(client.get(change(draft))))
    assert LogEntry.objects.get().get_change_message() == "Ingen felter ændret."
    assert draft.track_definitions.get().characteristics == ["En", "To"]


def test_a_new_edition_can_be_drafted_from_nothing(client, administrator) -> None:
    url = reverse("admin:phases_edition_add")
    data = filled_in(client.get(url), number="3.0", name="Ny udgave", valid_from="2027", source="Eksempel")
    assert client.post(url, data).status_code == 302
    edition = Edition.objects.get()
    assert (str(edition.valid_from_date), edition.valid_from_precision) == ("2027", Precision.YEAR)
    assert not edition.is_published


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("valid_from", "31.02.2026", "Den dato findes ikke i kalenderen."),
        ("valid_from", "", "Feltet skal udfyldes."),
        ("source", "CPR 010190-1234", "ligner et CPR-nummer"),
        ("entry_conditions-0-text", "CPR 010190-1234", "ligner et CPR-nummer"),
        ("phase_definitions-0-purpose", "CPR 010190-1234", "ligner et CPR-nummer"),
        ("phase_definitions-0-max_years", "2100", "Skriv et helt tal fra 0 til 50."),
    ],
)
def test_bad_input_is_refused_and_stays_on_the_page(client, administrator, draft, field, value, sentence) -> None:
    draft.phase_definitions.create(
        phase=Phase.SCREENING, purpose="Formål", typical_length="op til 1 år", max_years=1, source="Eksempel"
    )
    before = state(draft)
    response = client.post(change(draft), filled_in(client.get(change(draft)), **{field: value}))
    html = response.content.decode()
    assert response.status_code == 200
    assert sentence in html
    assert value in html
    assert state(draft) == before


def test_the_shortest_length_is_not_longer_than_the_longest(client, administrator, draft) -> None:
    draft.phase_definitions.create(
        phase=Phase.TRIAL, purpose="F", typical_length="3-5", min_years=3, max_years=5, source="Eksempel"
    )
    data = filled_in(client.get(change(draft)), **{"phase_definitions-0-min_years": "6"})
    html = client.post(change(draft), data).content.decode()
    assert "Den korteste længde skal være mindre end den længste." in html


def test_the_criteria_of_a_theme_are_edited_on_its_page(client, administrator, draft) -> None:
    theme = draft.themes.get(phase=Phase.TRIAL, no=1)
    page = client.get(change(theme))
    assert "show_delete" in page.context
    assert f'<a href="{change(draft)}">Eksempeludgave</a>' in page.content.decode()

    response = client.post(change(theme), filled_in(page, **{"criteria-0-wording": "Rettet ordlyd"}))

    assert response.url == change(draft)
    assert theme.criteria.get(no=1).wording == "Rettet ordlyd"


def test_own_wording_and_its_choice_go_together(client, administrator, draft) -> None:
    theme = draft.themes.get(phase=Phase.TRIAL, no=1)
    data = filled_in(client.get(change(theme)), **{"criteria-0-track2": "own"})
    html = client.post(change(theme), data).content.decode()
    assert "Skriv ordlyden for spor 2, når og kun når spor 2 har sin egen." in html
    assert theme.criteria.get(no=1).track2 == "same"


def test_an_edition_without_tracks_does_not_ask_for_spor_2(client, administrator, draft) -> None:
    draft.has_tracks = False
    draft.save()
    html = client.get(change(draft.themes.first())).content.decode()
    assert "criteria-0-wording" in html
    assert "criteria-0-track2" not in html


def test_a_theme_is_added_on_the_page_of_its_edition_only(client, administrator, draft) -> None:
    assert client.get(reverse("admin:phases_theme_add")).status_code == 403


def test_a_draft_can_be_deleted(client, administrator, draft) -> None:
    url = reverse("admin:phases_edition_delete", args=[draft.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"post": "yes"})
    assert not Edition.objects.filter(pk=draft.pk).exists()


# Publishing


def test_publishing_is_confirmed_first(client, administrator, ready) -> None:
    html = client.get(act("publish", ready)).content.decode()
    assert "Når Eksempeludgave er offentliggjort, kan den aldrig ændres eller slettes." in html
    ready.refresh_from_db()
    assert not ready.is_published

    response = client.post(act("publish", ready), follow=True)

    ready.refresh_from_db()
    assert ready.is_published
    assert Edition.objects.current() == ready
    assert "Eksempeludgave er offentliggjort og kan ikke længere ændres." in response.content.decode()
    assert LogEntry.objects.get().get_change_message() == "Offentliggjort."


def test_what_is_missing_for_publication_is_said(client, administrator, ready) -> None:
    for theme in ready.themes.filter(phase=Phase.TRIAL):
        theme.delete()
    sentence = "Der er ingen kriterier for at overgå til afprøvningsfasen."
    assert sentence in client.get(act("publish", ready)).content.decode()
    assert sentence in client.post(act("publish", ready)).content.decode()
    ready.refresh_from_db()
    assert not ready.is_published
    assert not LogEntry.objects.exists()


def test_a_second_click_publishes_nothing_twice(client, administrator, ready) -> None:
    client.post(act("publish", ready))
    first = Edition.objects.get(pk=ready.pk).published_at
    html = client.post(act("publish", ready)).content.decode()
    assert "Eksempeludgave er allerede offentliggjort." in html
    assert Edition.objects.get(pk=ready.pk).published_at == first


# What is published


def test_a_published_edition_is_shown_for_reading(client, administrator, published) -> None:
    html = client.get(change(published)).content.decode()
    assert 'name="_save"' not in html
    assert 'name="name"' not in html
    assert "deletelink" not in html
    assert act("publish", published) not in html
    assert act("copy", published) in html
    theme = client.get(change(published.themes.first())).content.decode()
    assert 'name="_save"' not in theme
    assert 'name="criteria-0-wording"' not in theme


def test_a_published_edition_shows_dates_and_characteristics_as_people_write_them(client, administrator, ready) -> None:
    ready.valid_from_precision = Precision.YEAR
    ready.save()
    TrackDefinition.objects.filter(edition=ready, track=Track.ONE).update(characteristics=["Et <kendetegn>"])
    publish(ready)
    html = client.get(change(ready)).content.decode()
    assert f'<div class="readonly">{ready.valid_from.year}</div>' in html
    assert "<p>Et &lt;kendetegn&gt;</p>" in html


def test_a_form_opened_before_the_publication_is_refused_after_it(client, administrator, ready) -> None:
    """The data a browser sends from the draft's page, sent once the edition is published."""
    theme = ready.themes.first()
    edition_form = filled_in(client.get(change(ready)), name="Rettet", **{"themes-0-DELETE": "on"})
    theme_form = filled_in(client.get(change(theme)), **{"criteria-0-wording": "Rettet", "criteria-1-DELETE": "on"})
    publish(ready)
    before = state(ready)

    for url, data in ((change(ready), edition_form), (change(theme), theme_form)):
        response = client.post(url, data)
        assert response.status_code == 403
        assert "er offentliggjort og kan ikke ændres" in response.content.decode()
    assert state(ready) == before


@pytest.mark.parametrize("model", ["edition", "theme"])
def test_a_published_edition_and_its_themes_cannot_be_deleted(client, administrator, published, model) -> None:
    pk = published.pk if model == "edition" else published.themes.first().pk
    url = reverse(f"admin:phases_{model}_delete", args=[pk])
    before = state(published)
    assert client.get(url).status_code == 403
    assert client.post(url, {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
    client.post(reverse(f"admin:phases_{model}_changelist"), selected)
    assert state(published) == before


def test_rows_of_a_published_edition_cannot_be_smuggled_into_a_draft(client, administrator, published, draft) -> None:
    before = state(published)
    themes = list(published.themes.all())
    data = filled_in(client.get(change(draft)))
    for no, theme in enumerate(themes):
        data[f"themes-{no}-id"] = theme.pk
    data["themes-0-heading"] = "Smuglet"
    client.post(change(draft), data)
    criteria = filled_in(client.get(change(draft.themes.first())), theme=themes[0].pk)
    criteria["criteria-0-id"] = themes[0].criteria.first().pk
    criteria["criteria-0-theme"] = themes[0].pk
    criteria["criteria-0-wording"] = "Smuglet"
    client.post(change(draft.themes.first()), criteria)
    assert state(published) == before


def test_saving_as_new_is_no_way_around(client, administrator, published, draft) -> None:
    before = state(published)
    data = filled_in(client.get(change(draft)), number="9.9", _saveasnew="1")
    client.post(change(published), data)
    assert client.post(change(published.themes.first()), {"_saveasnew": "1"}).status_code == 403
    assert state(published) == before


# Who may


@pytest.mark.parametrize("role", [Role.READER, Role.LEAD, Role.MANAGER])
def test_nobody_else_reaches_the_rulebook_in_the_administration(client, published, draft, role) -> None:
    client.force_login(person(role))
    before = [state(published), state(draft)]
    addresses = [
        change(draft),
        change(draft.themes.first()),
        act("copy", published),
        act("publish", draft),
        reverse("admin:phases_edition_changelist"),
        reverse("admin:phases_edition_add"),
        reverse("admin:phases_edition_delete", args=[draft.pk]),
    ]
    for url in addresses:
        for response in (client.get(url, follow=True), client.post(url, {"post": "yes"}, follow=True)):
            assert response.status_code == 403, url
    assert [state(published), state(draft)] == before
    assert Theme.objects.count() == 12


def test_the_list_says_what_is_a_draft(client, administrator, published, draft) -> None:
    html = client.get(reverse("admin:phases_edition_changelist")).content.decode()
    assert "Kladde" in html
    assert "Eksempelregelsæt 9.0" in html
