"""Extending, pausing, resuming and giving the reason: done, not possible, not allowed, done twice."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from phases.models import Edition, PhaseDefinition
from phases.terms import Phase
from portfolio import dating, lengthening
from portfolio.history import Kind, history_of
from portfolio.models import Initiative, LengthReason, PhasePause, PhaseRun
from susi.dates import PartialDate, parse, read, write
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import anew, from_source
from work.length import length_part

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.localdate() - datetime.timedelta(days=1)
LATER = parse("12.2027")


@pytest.fixture
def edition() -> Edition:
    edition = factories.rulebook()
    PhaseDefinition.objects.bulk_create(
        [
            PhaseDefinition(
                edition=edition,
                phase=Phase.SCREENING,
                purpose="Formål",
                typical_length="op til 1 år",
                max_years=1,
                source="Eksempel",
            )
        ]
    )
    return edition


@pytest.fixture
def screening(edition) -> Initiative:
    """In screening since January 2024, expected to end in 2026."""
    initiative = initiative_in(Phase.SCREENING)
    write(initiative.current_run, "expected_end", parse("2026"))
    initiative.current_run.save()
    return initiative


def do(initiative: Initiative, act: Any, by: Any = None, version: int | None = None, **values: Any) -> Any:
    initiative = anew(initiative)
    return act(initiative=initiative, by=by or initiative.lead, version=version or initiative.version, **values)


ACTS: list[tuple[Any, dict[str, Any]]] = [
    (lengthening.extend, {"expected_end": LATER, "reason": "Eksempel"}),
    (lengthening.pause, {"since": YESTERDAY, "reason": "Eksempel"}),
    (lengthening.give_reason, {"text": "Eksempel"}),
]


def test_a_phase_does_not_begin_after_its_pause(screening) -> None:
    do(screening, lengthening.pause, since=YESTERDAY, reason="Eksempel")
    begun = {screening.current_run_id: {"started_on": PartialDate(timezone.localdate())}}
    with pytest.raises(Refused, match="Den var allerede på pause"):
        do(screening, dating.change_dates, dates=begun, source="Eksempel")
    assert read(anew(screening).current_run, "started_on") == parse("01.01.2024")


def test_the_length_is_said_in_whole_sentences(screening) -> None:
    said = "Begyndt 01.01.2024, forventet afsluttet 2026. Typisk længde: op til 1 år."
    assert length_part(whole(screening), screening.lead).state == said
    PhaseRun.objects.update(expected_end=None, expected_end_precision="")
    said = "Begyndt 01.01.2024. Forventet afslutning mangler. Typisk længde: op til 1 år."
    assert length_part(whole(screening), screening.lead).state == said


def test_an_extension_moves_the_plan_and_keeps_what_it_was(screening) -> None:
    extension = do(screening, lengthening.extend, expected_end=LATER, reason="Flere kommuner er kommet til.")
    assert extension.words == "fra 2026 til december 2027"
    assert read(anew(screening).current_run, "expected_end") == LATER
    told = [event.detail for event in history_of(screening, screening.lead)]
    assert "Forlænget: Flere kommuner er kommet til." in told


def test_a_pause_lasts_until_it_is_resumed_and_both_are_told(screening) -> None:
    pause = do(screening, lengthening.pause, since=YESTERDAY, reason="Stillingen står tom.")
    assert pause.lasts
    assert "På pause siden" in " ".join(length_part(whole(screening), screening.lead).open)
    do(screening, lengthening.resume, until=timezone.localdate())
    assert not PhasePause.objects.get().lasts
    texts = [event.text for event in history_of(screening, screening.lead) if event.kind == Kind.WORKED]
    assert [text.split(" ")[2] for text in texts] == ["genoptaget", "sat"]


def whole(initiative: Initiative) -> Initiative:
    return Initiative.objects.with_standing().get(pk=initiative.pk)


def test_a_pause_can_be_annulled_with_a_reason(screening) -> None:
    pause = do(screening, lengthening.pause, since=YESTERDAY, reason="Eksempel")
    with pytest.raises(Refused, match="hvorfor"):
        do(screening, lengthening.annul_pause, pause=pause, reason=" ")
    do(screening, lengthening.annul_pause, pause=pause, reason="Det var et andet initiativ.")
    assert not PhasePause.objects.in_force().exists()
    with pytest.raises(Conflict):
        do(screening, lengthening.annul_pause, pause=pause, reason="Igen")
    do(screening, lengthening.pause, since=YESTERDAY, reason="En ny er mulig.")
    with pytest.raises(Refused, match="hører ikke"):
        do(initiative_in(Phase.SCREENING), lengthening.annul_pause, pause=pause, reason="Eksempel")


def test_the_special_reason_is_given_once_and_shown(screening, client) -> None:
    assert any("særlige begrundelse" in one for one in length_part(whole(screening), screening.lead).open)
    do(screening, lengthening.give_reason, text="Problemet skulle afgrænses på ny.")
    assert length_part(whole(screening), screening.lead).open == ()
    with pytest.raises(Conflict, match="allerede"):
        do(screening, lengthening.give_reason, text="En anden")
    client.force_login(person(Role.READER))
    page = client.get(reverse("portfolio:initiative_length", args=[screening.number])).content.decode()
    assert "Problemet skulle afgrænses på ny." in page
    assert "Længere end typisk" in page


def test_a_reason_nobody_asks_for_is_refused(edition) -> None:
    initiative = initiative_in(Phase.TRIAL)  # of whose length the edition says nothing
    with pytest.raises(Refused, match="ingen begrundelse"):
        do(initiative, lengthening.give_reason, text="Eksempel")


@pytest.mark.parametrize(("act", "values"), ACTS)
def test_only_those_who_fill_in_dates(act, values, screening) -> None:
    for role in (Role.READER, Role.LEAD):
        with pytest.raises(NotAllowed):
            do(screening, act, by=person(role), **values)
    do(screening, act, by=person(Role.MANAGER), **values)


@pytest.mark.parametrize(("act", "values"), ACTS)
def test_a_second_click_writes_nothing_twice(act, values, screening) -> None:
    version = screening.version
    do(screening, act, version=version, **values)
    with pytest.raises(Conflict):
        do(screening, act, version=version, **values)
    run = screening.current_run
    assert run.extensions.count() + run.pauses.count() + LengthReason.objects.count() == 1


@pytest.mark.parametrize(("act", "values"), ACTS)
def test_what_is_not_going_on_is_left_alone(act, values, edition) -> None:
    lead = person(Role.LEAD)
    ended = from_source(Phase.MATURATION, state=PhaseRun.State.ENDED)
    silent = from_source(Phase.MATURATION)  # whose source does not say whether it has ended
    for initiative in (initiative_in(None), ended, silent):
        initiative = anew(initiative)
        initiative.lead = lead
        initiative.save()
        with pytest.raises(Refused, match="ikke i gang"):
            do(initiative, act, **values)


@pytest.mark.parametrize(("act", "values"), ACTS)
def test_no_act_without_its_reason(act, values, screening) -> None:
    name = "text" if "text" in values else "reason"
    with pytest.raises(Refused, match="Skriv"):
        do(screening, act, **{**values, name: "  "})


def test_a_plan_too_far_ahead_is_refused_as_on_the_page_of_the_dates(screening) -> None:
    with pytest.raises(Refused, match="år ude i fremtiden"):
        do(screening, lengthening.extend, expected_end=PartialDate(datetime.date(2099, 1, 1)), reason="Eksempel")
    assert read(anew(screening).current_run, "expected_end") == parse("2026")


def test_resuming_what_is_not_paused_is_refused(screening) -> None:
    with pytest.raises(Refused, match="ikke på pause"):
        do(screening, lengthening.resume, until=timezone.localdate())


def test_the_database_holds_one_open_pause_for_each_phase(screening) -> None:
    def begin() -> None:
        PhasePause.objects.create(
            run=screening.current_run,
            since=YESTERDAY,
            reason="Eksempel",
            registered_by=screening.lead,
            registered_at=timezone.now(),
        )

    begin()
    with pytest.raises(IntegrityError), transaction.atomic():
        begin()


class TestThePage:
    def test_what_was_typed_stays_when_somebody_saved_first(self, client, screening) -> None:
        client.force_login(screening.lead)
        address = reverse("portfolio:initiative_length_act", args=[screening.number, "forlaeng"])
        old = screening.version
        do(screening, lengthening.pause, since=YESTERDAY, reason="Eksempel")
        sent = {"expected_end": "12.2027", "reason": "Min begrundelse", "version": old}
        response = client.post(address, sent)
        assert response.status_code == 409
        assert "Min begrundelse" in response.content.decode()
        again = client.post(address, {**sent, "version": anew(screening).version})
        assert again.url == reverse("portfolio:initiative_length", args=[screening.number])

    def test_a_wrong_date_is_answered_at_once(self, client, screening) -> None:
        client.force_login(screening.lead)
        address = reverse("portfolio:initiative_length_act", args=[screening.number, "pause"])
        sent = {"since": "01.01.2020", "reason": "Eksempel", "version": screening.version}
        response = client.post(address, sent)
        assert response.status_code == 422
        assert "Pausen kan ikke ligge før" in response.content.decode()

    def test_an_act_there_is_not(self, client, screening) -> None:
        client.force_login(screening.lead)
        number = screening.number
        assert client.get(reverse("portfolio:initiative_length_act", args=[number, "andet"])).status_code == 404
