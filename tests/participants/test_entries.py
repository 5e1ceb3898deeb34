"""What is registered of those who take part: every action in four ways, and what the database refuses."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from participants.actions import entries
from participants.entry_forms import OrganisationField
from participants.models import (
    Application,
    Call,
    DataCollection,
    Participation,
    RecruitmentCount,
    RecruitmentPlan,
    Round,
)
from phases.terms import Phase
from portfolio.history import history_of
from portfolio.models import PhaseRun
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.participants.making import application, call, day, municipality, organisation, participation

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return initiative_in(Phase.TRIAL).current_run


@pytest.fixture
def lead(run):
    return run.initiative.lead


def values_of(model: type, run) -> tuple[Any, dict[str, Any]]:
    """Return a new entry of `model` and values that are right for it."""
    one = municipality()
    return {
        Participation: lambda: (Participation(run=run), {"organisation": one, "role": "municipality"}),
        Call: lambda: (Call(run=run), {"title": "Eksempelpulje", "amount": 1000}),
        Application: lambda: (Application(call=call(run)), {"organisation": one}),
        RecruitmentPlan: lambda: (RecruitmentPlan(run=run), {"planned": 10, "basis": "Scenariet"}),
        RecruitmentCount: lambda: (
            RecruitmentCount(run=run),
            {"counted_on": datetime.date(2026, 1, 5), "recruited": 4, "completed": 1},
        ),
        DataCollection: lambda: (
            DataCollection(run=run),
            {"purpose": "Effekt", "legal_basis": "Hjemmel", "place": "Server"},
        ),
        Round: lambda: (Round(run=run), {"no": 1}),
    }[model]()


MODELS = [Participation, Call, Application, RecruitmentPlan, RecruitmentCount, DataCollection]


def of(model: type, run) -> Any:
    entry, values = values_of(model, run)
    return entries.register(entry=entry, by=run.initiative.lead, **values)


@pytest.mark.parametrize("model", MODELS)
class TestEveryKind:
    def test_it_is_registered_corrected_and_annulled_and_the_history_says_so(self, model, run, lead) -> None:
        entry = of(model, run)
        entry = entries.edit(entry=entry, by=lead, version=1)
        entry = entries.annul(entry=entry, by=lead, reason="Registreret ved en fejl.")
        assert (entry.version, entry.annulled_by, entry.is_annulled) == (3, lead, True)
        told = [
            event for event in history_of(run.initiative, lead) if event.kind == "worked" and str(entry) in event.text
        ]
        assert [event.who for event in told] == [lead] * 3
        assert "annulleret" in told[0].text
        assert told[0].detail == "Registreret ved en fejl."

    def test_only_those_who_write_on_the_initiative_do(self, model, run, lead) -> None:
        entry = of(model, run)
        new, values = values_of(model, initiative_in(Phase.TRIAL).current_run)
        for user in (person(Role.LEAD), person(Role.MANAGER), person(Role.READER), person(Role.ADMINISTRATOR)):
            with pytest.raises(NotAllowed):
                entries.register(entry=new, by=user, **values)
            with pytest.raises(NotAllowed):
                entries.edit(entry=entry, by=user, version=1)
            with pytest.raises(NotAllowed):
                entries.annul(entry=entry, by=user, reason="Fejl")

    def test_a_second_click_writes_nothing(self, model, run, lead) -> None:
        entry, values = values_of(model, run)
        entries.register(entry=entry, by=lead, **values)
        again = type(entry)(**({"call": entry.call} if model is Application else {"run": run}))
        with pytest.raises(Refused):
            entries.register(entry=again, by=lead, **values)
        entries.annul(entry=entry, by=lead, reason="Fejl")
        with pytest.raises(Conflict):
            entries.annul(entry=entry, by=lead, reason="Fejl")
        entries.register(entry=again, by=lead, **values)  # the annulled one is no longer in the way
        assert model.objects.in_force().count() == 1
        assert model.objects.count() == 2

    def test_what_is_annulled_or_saved_meanwhile_is_not_written_over(self, model, run, lead) -> None:
        entry = of(model, run)
        entries.edit(entry=entry, by=lead, version=1)
        with pytest.raises(Conflict, match="En anden har gemt"):
            entries.edit(entry=entry, by=lead, version=1)
        with pytest.raises(Refused, match="hvorfor"):
            entries.annul(entry=entry, by=lead, reason="  ")
        entries.annul(entry=entry, by=lead, reason="Fejl")
        with pytest.raises(Conflict, match="annulleret"):
            entries.edit(entry=entry, by=lead, version=3)

    def test_the_database_takes_no_annulment_without_a_reason(self, model, run, lead) -> None:
        entry = of(model, run)
        entry.annulled_at, entry.annulled_by = timezone.now(), lead
        with pytest.raises(IntegrityError), transaction.atomic():
            entry.save()


class TestParticipation:
    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"started_on": day("2026-05"), "ended_on": day("2026-04")}, "før den begynder"),
            ({"dropped_out_on": day("2026")}, "årsagen til frafaldet"),
            ({"dropout_reason": "Sparet væk"}, "hvornår deltageren faldt fra"),
            ({"readiness_conclusion": "Klar"}, "parathedsanalysen"),
            ({"plan": "not_done", "plan_case_number": "1"}, "implementeringsplanen"),
            ({"role": "region"}, "kun for organisationer af typen Region"),
            ({"started_on": day("2006")}, "findes først fra"),
        ],
    )
    def test_what_cannot_be_is_refused_with_what_to_do(self, run, values, sentence: str) -> None:
        with pytest.raises(Refused, match=sentence):
            participation(run, **values)
        assert not Participation.objects.exists()

    def test_one_takes_part_once_at_a_time_in_a_role(self, run) -> None:
        one = organisation("Eksempel Omsorg")
        participation(run, one, role="provider", started_on=day("2025-01-01"), ended_on=day("2025-06-30"))
        participation(run, one, role="evaluator", started_on=day("2025-01-01"))
        participation(run, one, role="provider", started_on=day("2025-07-01"))
        with pytest.raises(Refused, match="deltager allerede"):
            participation(run, one, role="provider", started_on=day("2025-06-01"), ended_on=day("2025-06-15"))

    def test_who_has_dropped_out_can_come_back(self, run) -> None:
        one = municipality()
        participation(run, one, started_on=day("2024"), dropped_out_on=day("2025-02-01"), dropout_reason="Flyttet")
        again = participation(run, one, started_on=day("2025-09-01"))
        assert again.is_present(datetime.date(2026, 1, 1))

    def test_one_that_is_to_come_is_offered_with_its_day(self, run) -> None:
        later = organisation("Region Eksempel Øst", "region", valid_from=datetime.date(2099, 1, 1))
        field = OrganisationField()
        field.offer(None)
        offered = [choice for _, names in field.widget.choices for choice in names if isinstance(choice, tuple)]
        assert (later.pk, "Region Eksempel Øst (fra 01.01.2099)") in offered

    def test_an_organisation_that_ended_needs_an_end(self, run) -> None:
        one = organisation("Eksempel", valid_to=datetime.date(2025, 12, 31))
        with pytest.raises(Refused, match="hvornår deltagelsen sluttede"):
            participation(run, one, role="provider", started_on=day("2025"))
        participation(run, one, role="provider", started_on=day("2025"), ended_on=day("2025-12-31"))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"dropout_reason": "Uden dato"},
            {"dropped_out_on": datetime.date(2026, 1, 1), "dropped_out_on_precision": "day"},
            {"readiness_conclusion": "Uden analyse"},
            {"plan_case_number": "1"},
            {"started_on": datetime.date(2026, 1, 1)},
        ],
    )
    def test_the_database_forbids_half_states(self, run, wrong) -> None:
        row = participation(run)
        for name, value in wrong.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()

    def test_a_phase_of_another_initiative_is_refused(self, run, lead) -> None:
        row, other = participation(run), initiative_in(Phase.TRIAL)
        with pytest.raises(Refused, match="et andet initiativ"):
            entries.edit(entry=row, by=lead, version=1, run=other.current_run)


class TestPulje:
    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"state": "received", "granted": 5}, "Kun en udvalgt"),
            ({"state": "not_selected"}, "hvorfor ansøgeren ikke er udvalgt"),
            ({"applied_on": day("2006-01-01")}, "findes ikke på den dag"),
        ],
    )
    def test_an_application_that_cannot_be_is_refused(self, run, values, sentence: str) -> None:
        with pytest.raises(Refused, match=sentence):
            application(call(run), **values)

    def test_the_database_grants_to_the_selected_only(self, run) -> None:
        row = application(call(run), state="selected", granted=5)
        row.state = "withdrawn"
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()

    def test_the_selected_are_taken_in_once(self, run, lead) -> None:
        pulje = call(run)
        provider = organisation("Eksempel Omsorg")
        selected = [application(pulje, state="selected"), application(pulje, provider, state="selected")]
        application(pulje)
        participation(run, selected[0].organisation, started_on=day("2025"))
        third = application(pulje, state="selected")
        new = entries.take_in_selected(call=pulje, by=lead)
        assert {(one.organisation, one.role) for one in new} == {
            (provider, "provider"),
            (third.organisation, "municipality"),
        }
        with pytest.raises(Refused, match="allerede registreret"):
            entries.take_in_selected(call=pulje, by=lead)
        with pytest.raises(NotAllowed):
            entries.take_in_selected(call=pulje, by=person(Role.LEAD))

    def test_a_pulje_with_applications_is_not_annulled(self, run, lead) -> None:
        row = application(call(run))
        with pytest.raises(Refused, match="Puljen har ansøgninger"):
            entries.annul(entry=row.call, by=lead, reason="Fejl")
        entries.annul(entry=row, by=lead, reason="Fejl")
        entries.annul(entry=row.call, by=lead, reason="Fejl")


class TestRounds:
    def test_a_round_is_of_udbredelse_and_has_its_number_alone(self, run) -> None:
        with pytest.raises(Refused, match="udbredelsesfasen"):
            entries.register(entry=Round(run=run), by=run.initiative.lead, no=1)
        last = initiative_in(Phase.DISSEMINATION)
        first = entries.register(entry=Round(run=last.current_run), by=last.lead, no=1)
        with pytest.raises(Refused, match="allerede en runde 1"):
            entries.register(entry=Round(run=last.current_run), by=last.lead, no=1)
        participation(last.current_run, round=first)
        with pytest.raises(Refused, match="Runden har deltagere"):
            entries.annul(entry=first, by=last.lead, reason="Fejl")
        with pytest.raises(Refused, match="en anden fase"):
            participation(run, round=first)

    def test_a_new_one_has_nobody_of_another_phase(self, run) -> None:
        participation(run)  # who is in no round is not in one without a number
        last = initiative_in(Phase.DISSEMINATION)
        assert entries.register(entry=Round(run=last.current_run), by=last.lead, no=1).pk

    def test_nobody_joins_one_that_was_annulled_meanwhile_or_is_left_in_another_phase_by_it(self) -> None:
        last = initiative_in(Phase.DISSEMINATION)
        annulled, moved = (entries.register(entry=Round(run=last.current_run), by=last.lead, no=no) for no in (1, 2))
        entries.annul(entry=annulled, by=last.lead, reason="Fejl")
        with pytest.raises(Refused, match="Runden er annulleret"):
            participation(last.current_run, round=Round(pk=annulled.pk, run=last.current_run, no=1))
        participation(last.current_run, round=moved)
        again = PhaseRun.objects.create(
            initiative=last, sequence=2, phase=Phase.DISSEMINATION, track="1", state="ended", source="Eksempel"
        )
        with pytest.raises(Refused, match="Runden har deltagere i en anden fase"):
            entries.edit(entry=moved, by=last.lead, version=moved.version, run=again)

    def test_nobody_applies_to_a_call_that_was_annulled_meanwhile(self, run) -> None:
        pulje = call(run)
        entries.annul(entry=pulje, by=run.initiative.lead, reason="Fejl")
        with pytest.raises(Refused, match="Puljen er annulleret"):
            application(Call(pk=pulje.pk, run=run, title=pulje.title))

    def test_its_phases_follow_each_other(self) -> None:
        last = initiative_in(Phase.DISSEMINATION)
        with pytest.raises(Refused, match="kan ikke ligge før forberedelsesfasen"):
            entries.register(
                entry=Round(run=last.current_run),
                by=last.lead,
                no=1,
                preparation_from=day("2026-03"),
                anchoring_from=day("2026-02"),
            )


class TestRecruitment:
    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"recruited": 1, "completed": 2}, "flere, end der er rekrutteret"),
            ({"counted_on": datetime.date(2100, 1, 1)}, "i fremtiden"),
        ],
    )
    def test_a_count_that_cannot_be_is_refused(self, run, lead, values, sentence: str) -> None:
        right = {"counted_on": datetime.date(2026, 1, 5), "recruited": 4, "completed": 1}
        with pytest.raises(Refused, match=sentence):
            entries.register(entry=RecruitmentCount(run=run), by=lead, **{**right, **values})

    def test_it_is_followed_in_afproevning_alone(self) -> None:
        other = initiative_in(Phase.MATURATION)
        with pytest.raises(Refused, match="afprøvningsfasen"):
            entries.register(entry=RecruitmentPlan(run=other.current_run), by=other.lead, planned=1, basis="Scenariet")

    def test_the_database_completes_no_more_than_were_recruited(self, run, lead) -> None:
        row = of(RecruitmentCount, run)
        row.completed = 5
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
