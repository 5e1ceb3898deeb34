"""What a save in the gate room keeps, and what is said when it cannot be saved."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import Assessment, Deviation
from assessments.views import gate
from phases.models import Edition
from phases.terms import Phase, Track, WayOn
from portfolio.models import Initiative
from susi.roles import Role
from tests import factories
from tests.assessments.rooms import (
    AUTOSAVE,
    anew,
    at,
    concluding,
    departure,
    entering,
    m11,
    rating,
    sent,
    text_of,
    with_former_deviation,
)
from tests.factories import draft_of, initiative_in, person

pytestmark = pytest.mark.django_db

CPR = "010203-1234"


@pytest.fixture(autouse=True)
def edition() -> Edition:
    return factories.rulebook()


@pytest.fixture
def initiative() -> Initiative:
    return initiative_in(Phase.SCREENING)


@pytest.fixture
def draft(initiative: Initiative) -> Assessment:
    return draft_of(initiative, to_phase=Phase.MATURATION)


@pytest.fixture
def page(client: Client, initiative: Initiative) -> Client:
    """The browser of the initiative's lead."""
    client.force_login(initiative.lead)
    return client


class TestSavingACriterion:
    def test_keeps_everything_and_goes_on(self, page: Client, draft: Assessment) -> None:
        owner = draft.initiative.lead
        values = sent(
            value="partly",
            reasoning="Kun halvdelen er beskrevet.",
            go="next",
            **departure(owner),
            rows=3,
            **{
                "henvisning-0-title": "Kortlægning",
                "henvisning-0-link": "https://eksempel.dk/rapport",
                "henvisning-0-page": "4-11",
                "henvisning-2-title": "Notat",
                "henvisning-2-case_document": "2026-12",
            },
        )
        response = page.post(m11(draft), values)
        assert response.status_code == 302
        assert response.url == at(draft, "criterion", "M1.2")
        saved = rating(draft)
        assert (saved.value, saved.reasoning, saved.version) == ("partly", "Kun halvdelen er beskrevet.", 1)
        assert [(one.title, one.page) for one in saved.references.all()] == [("Kortlægning", "4-11"), ("Notat", "")]
        deviation = draft.deviations.get()
        assert (deviation.owner, deviation.review_on) == (owner, datetime.date(2027, 6, 1))
        assert [ground.value for ground in deviation.grounds] == ["professional"]

    def test_an_incomplete_draft_is_kept_as_it_is(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(reasoning="En tanke"))
        assert rating(draft).reasoning == "En tanke"
        html = text_of(page.get(m11(draft)))
        assert "En tanke" in html
        assert 'name="version" value="1"' in html

    @pytest.mark.parametrize(("go", "place"), [("stay", "M1.2"), ("previous", "M1.1"), ("next", "M2.1"), ("x", "M1.2")])
    def test_goes_where_one_asks(self, page: Client, draft: Assessment, go: str, place: str) -> None:
        address = at(draft, "criterion", "M1.2")
        assert page.post(address, sent(go=go)).url == at(draft, "criterion", place)

    def test_autosave_answers_with_the_new_version_and_lists(self, page: Client, draft: Assessment) -> None:
        response = page.post(m11(draft), sent(value="met", reasoning="Ja."), headers=AUTOSAVE)
        answer = response.json()
        assert response.status_code == 200
        assert answer["version"] == 1
        assert answer["saved_at"] == f"{timezone.localtime():%H.%M}"
        assert "Vurdér kriterie M1.1." not in answer["missing_html"]
        assert "Vurdér kriterie M1.2." in answer["missing_html"]
        assert 'aria-current="page"' in answer["themes_html"]

    def test_a_row_can_be_emptied(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(**{"henvisning-0-title": "Kortlægning"}))
        page.post(m11(draft), sent(1, rows=2))
        assert not rating(draft).references.exists()


class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "wrong", "sentence"),
        [
            ("reasoning", f"Borger {CPR} deltog", "ligner et CPR-nummer"),
            ("reasoning", "Lodret\x0btabulator", "usynligt tegn"),
            ("reasoning", "a" * 8001, "for lang"),
            ("fravigelse-handling", CPR, "ligner et CPR-nummer"),
            ("fravigelse-review_on", "31.02.2027", "findes ikke i kalenderen"),
            ("fravigelse-owner", "999999", "Vælg"),
            ("fravigelse-owner", "9" * 50, "Vælg"),
            ("value", "magic", "Vælg"),
            ("henvisning-0-link", "ikke et link", "Skriv linket som"),
            ("henvisning-0-page", "12", "Skriv titlen"),
        ],
    )
    def test_is_refused_in_danish_and_stays_in_the_field(
        self, page: Client, draft: Assessment, field: str, wrong: str, sentence: str
    ) -> None:
        response = page.post(m11(draft), sent(**{field: wrong}))
        assert response.status_code == 422
        html = text_of(response)
        assert "Noget kunne ikke gemmes" in html
        assert sentence in html
        if field not in ("value", "fravigelse-owner"):
            assert wrong.replace("\x0b", "&#x0B;") in html or wrong in html

    def test_the_rest_is_saved(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(reasoning="Før"))
        response = page.post(m11(draft), sent(1, value="met", reasoning=CPR))
        assert 'name="version" value="2"' in text_of(response)
        saved = rating(draft)
        assert (saved.value, saved.reasoning, saved.version) == ("met", "Før", 2)

    def test_what_is_right_of_a_new_fravigelse_is_saved(self, page: Client, draft: Assessment) -> None:
        wrong = {"fravigelse-reason": CPR, "fravigelse-owner": "x", "fravigelse-review_on": "snart"}
        page.post(m11(draft), sent(value="partly", **departure(draft.initiative.lead, **wrong)))
        deviation = draft.deviations.get()
        assert (deviation.reason, deviation.handling) == ("", "Data indsamles i den næste fase.")
        assert (deviation.owner, deviation.review_on) == (None, None)

    def test_references_stay_as_stored_while_one_of_them_is_wrong(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(**{"henvisning-0-title": "Kortlægning"}))
        page.post(m11(draft), sent(1, **{"henvisning-0-title": "Ny", "henvisning-0-link": "nej"}))
        assert [one.title for one in rating(draft).references.all()] == ["Kortlægning"]

    def test_autosave_names_the_field_and_the_version_that_was_saved(self, page: Client, draft: Assessment) -> None:
        values = sent(value="partly", reasoning=CPR, **{"fravigelse-review_on": "i morgen"})
        response = page.post(m11(draft), values, headers=AUTOSAVE)
        assert response.status_code == 400
        assert set(response.json()["errors"]) == {"reasoning", "fravigelse-review_on"}
        assert response.json()["version"] == 1
        assert CPR not in str(response.json())
        assert rating(draft).value == "partly"

    def test_a_fravigelse_is_handled_by_somebody_who_writes_or_decides(self, page: Client, draft: Assessment) -> None:
        reader = person(Role.READER)
        response = page.post(m11(draft), sent(value="partly", **departure(reader)))
        assert response.status_code == 422
        assert draft.deviations.get().owner is None
        assert f'value="{reader.pk}"' not in text_of(page.get(m11(draft)))


class TestTwoWriters:
    def test_both_texts_stay_on_the_screen(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(value="met", reasoning="Den anden skrev dette."))
        response = page.post(m11(draft), sent(0, value="not_met", reasoning="Jeg skrev dette."))
        assert response.status_code == 409
        html = text_of(response)
        assert "Den anden skrev dette." in html
        assert html.count("Jeg skrev dette.") == 2  # in the panel and still in the field
        assert 'name="version" value="1"' in html
        assert "data-autosave-url" not in html  # nothing is written over before somebody has chosen
        assert rating(draft).reasoning == "Den anden skrev dette."

    def test_choosing_ones_own_text_saves_it(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(reasoning="Den anden"))
        page.post(m11(draft), sent(1, reasoning="Min"))
        assert rating(draft).reasoning == "Min"

    def test_autosave_gets_the_panel(self, page: Client, draft: Assessment) -> None:
        page.post(m11(draft), sent(reasoning="Den anden"))
        response = page.post(m11(draft), sent(0, reasoning="Min"), headers=AUTOSAVE)
        assert response.status_code == 409
        assert 'data-conflict="mine"' in response.json()["html"]
        assert 'data-version="1"' in response.json()["html"]

    def test_the_same_text_twice_is_no_conflict(self, page: Client, draft: Assessment) -> None:
        values = sent(value="met", reasoning="Det samme", go="next", **departure(draft.initiative.lead))
        assert page.post(m11(draft), values).status_code == 302
        assert page.post(m11(draft), values).status_code == 302
        assert page.post(m11(draft), values, headers=AUTOSAVE).json()["version"] == 1
        assert rating(draft).version == 1

    def test_who_saves_between_a_save_and_its_answer_is_not_saved_over(
        self, page: Client, draft: Assessment, monkeypatch
    ) -> None:
        reread = gate._stored_now

        def after_the_other(*args):
            monkeypatch.setattr(gate, "_stored_now", reread)
            page.post(m11(draft), sent(1, reasoning="Den andens svar"))
            return reread(*args)

        monkeypatch.setattr(gate, "_stored_now", after_the_other)
        version = page.post(m11(draft), sent(reasoning="Min"), headers=AUTOSAVE).json()["version"]
        assert page.post(m11(draft), sent(version, reasoning="Min og mere"), headers=AUTOSAVE).status_code == 409
        assert rating(draft).reasoning == "Den andens svar"

    @pytest.mark.parametrize("version", ["", "abc", "-1", "99", "²", "9" * 5000])
    def test_a_version_nobody_read_writes_nothing_over(self, page: Client, draft: Assessment, version: str) -> None:
        page.post(m11(draft), sent(reasoning="Gemt"))
        assert page.post(m11(draft), sent(reasoning="Forfalsket") | {"version": version}).status_code == 409
        assert rating(draft).reasoning == "Gemt"

    def test_each_section_keeps_its_own_text(self, page: Client, draft: Assessment) -> None:
        address = at(draft, "conclusion")
        page.post(address, concluding(conclusion="Den anden"))
        response = page.post(address, concluding(conclusion="Min"))
        assert response.status_code == 409
        assert "Den anden" in text_of(response)


class TestNoLongerADraft:
    def test_the_text_stays_on_the_page(self, page: Client, initiative: Initiative) -> None:
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        response = page.post(m11(submitted), sent(1, reasoning="For sent skrevet"))
        assert response.status_code == 409
        html = text_of(response)
        assert "er allerede indsendt og kan ikke ændres" in html
        assert "For sent skrevet" in html
        assert "Gem og fortsæt" not in html
        assert rating(submitted).reasoning == "Begrundelse for M1.1."

    def test_autosave_is_told_to_stop(self, page: Client, initiative: Initiative) -> None:
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        response = page.post(m11(submitted), sent(1, reasoning="For sent"), headers=AUTOSAVE)
        assert response.status_code == 409
        assert "ikke længere en kladde" in response.json()["why"]


class TestTheOtherSections:
    def test_the_conclusion(self, page: Client, draft: Assessment) -> None:
        values = concluding(
            verdict="partly",
            conclusion="Egnet med forbehold.",
            recommendation="continue",
            fast_track="False",
            fast_track_text="For tidligt.",
        )
        response = page.post(at(draft, "conclusion"), values)
        assert response.status_code == 302
        draft = anew(draft)
        assert (draft.verdict, draft.conclusion, draft.fast_track) == ("partly", "Egnet med forbehold.", False)
        assert draft.conclusion_version == 1

    def test_the_weighing(self, client: Client) -> None:
        initiative = initiative_in(Phase.MATURATION, Track.TWO)
        client.force_login(initiative.lead)
        draft = draft_of(initiative, to_phase=Phase.TRIAL, to_track=Track.TWO)
        client.post(at(draft, "conclusion"), concluding(weighing_way="trial_2", weighing_text="Afvejet."))
        draft = anew(draft)
        assert (draft.weighing_way, draft.weighing_text) == (WayOn.TRIAL_TRACK_TWO, "Afvejet.")

    def test_a_field_that_is_not_asked_for_is_not_taken(self, page: Client, draft: Assessment) -> None:
        page.post(at(draft, "conclusion"), concluding(weighing_way="trial_2", change_note="Forfalsket"))
        draft = anew(draft)
        assert (draft.weighing_way, draft.change_note) == ("", "")

    def test_the_conditions_of_a_proposal(self, client: Client) -> None:
        proposal = initiative_in(None)
        client.force_login(proposal.lead)
        draft = draft_of(proposal, to_phase=Phase.MATURATION)
        values = entering(**{"B1-met": "True", "B2-met": "False", "B2-note": "Kan ikke afgrænses."})
        client.post(at(draft, "entry"), values | departure(proposal.lead))
        assert [(one.met, one.note) for one in draft.entry_judgements.all()] == [
            (True, ""),
            (False, "Kan ikke afgrænses."),
        ]
        assert draft.deviations.get().criterion is None

    def test_judging_the_conditions_again_is_a_choice(self, page: Client, draft: Assessment) -> None:
        page.post(at(draft, "entry"), entering())
        assert not draft.entry_judgements.exists()
        page.post(at(draft, "entry"), entering(1, **{"B2-met": "False"}))
        assert [(one.condition.code, one.met) for one in draft.entry_judgements.all()] == [("B2", False)]
        assert "Skriv, hvorfor betingelsen" in text_of(page.get(at(draft, "entry")))

    def test_earlier_fravigelser(self, client: Client) -> None:
        draft, former = with_former_deviation(person(Role.MANAGER))
        client.force_login(draft.initiative.lead)
        html = text_of(client.get(at(draft, "former")))
        assert "Fravigelse fra kriterie M1.1" in html
        assert "Datagrundlaget er spinkelt." in html
        values = {"version": 0, f"f{former.pk}-outcome": "settled", f"f{former.pk}-text": "Data er indsamlet."}
        client.post(at(draft, "former"), values)
        judgement = draft.judgements.get()
        assert (judgement.outcome, judgement.text) == ("settled", "Data er indsamlet.")

    def test_a_foreign_fravigelse_is_passed_over(self, page: Client, draft: Assessment) -> None:
        _, foreign = with_former_deviation(person(Role.MANAGER))
        page.post(at(draft, "former"), {"version": 0, f"f{foreign.pk}-outcome": "settled"})
        assert not draft.judgements.exists()
        foreign.refresh_from_db()
        assert foreign.state == Deviation.State.OPEN

    @pytest.mark.parametrize("place", ["conclusion", "entry", "former"])
    def test_a_cpr_number_is_refused_everywhere(self, client: Client, place: str) -> None:
        draft, former = with_former_deviation(person(Role.MANAGER))
        client.force_login(draft.initiative.lead)
        wrong = f"Se {CPR}"
        values = {
            "conclusion": concluding(conclusion=wrong),
            "entry": entering(**{"B1-note": wrong}),
            "former": {"version": 0, f"f{former.pk}-text": wrong},
        }
        response = client.post(at(draft, place), values[place])
        assert response.status_code == 422
        assert wrong in text_of(response)


class TestNotWhole:
    """A page that was cut off on the way: what did not come must not be taken for emptied."""

    @pytest.mark.parametrize("missing", ["reasoning", "henvisning-0-title", "fravigelse-reason", "fravigelse-owner"])
    def test_nothing_of_a_criterion_is_written(self, page: Client, draft: Assessment, missing: str) -> None:
        page.post(m11(draft), sent(value="met", reasoning="Gemt", **{"henvisning-0-title": "Kortlægning"}))
        values = sent(1, value="not_met", reasoning="Nyt")
        del values[missing]
        response = page.post(m11(draft), values)
        assert response.status_code == 400
        assert "der er ikke gemt noget" in text_of(response)
        saved = rating(draft)
        assert (saved.value, saved.reasoning, saved.version) == ("met", "Gemt", 1)
        assert [one.title for one in saved.references.all()] == ["Kortlægning"]

    @pytest.mark.parametrize("count", ["", "-1", "0", "mange", "9" * 50])
    def test_a_forged_number_of_rows_writes_nothing(self, page: Client, draft: Assessment, count: str) -> None:
        page.post(m11(draft), sent(**{"henvisning-0-title": "Kortlægning"}))
        response = page.post(m11(draft), sent(1) | {"henvisning-TOTAL_FORMS": count}, headers=AUTOSAVE)
        assert response.status_code == 400
        assert [one.title for one in rating(draft).references.all()] == ["Kortlægning"]

    @pytest.mark.parametrize("place", ["conclusion", "entry"])
    def test_nor_of_the_other_sections(self, page: Client, draft: Assessment, place: str) -> None:
        assert page.post(at(draft, place), {"version": 0}).status_code == 400
        assert (anew(draft).conclusion_version, anew(draft).entry_version) == (0, 0)
