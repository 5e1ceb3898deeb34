"""Writing a draft: whole or half, one or two people, and what does not belong."""

import pytest

from assessments.actions import drafting, review
from assessments.actions.drafting import SavedByAnother
from assessments.contents import Contents
from assessments.inputs import CriterionInput, DeviationInput, ReferenceInput
from assessments.models import Assessment, Deviation, Rating
from phases.models import Criterion
from phases.terms import DeviationOutcome, Phase, RatingValue, Stage, Track
from portfolio.models import Initiative
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests import factories
from tests.factories import draft_of, initiative_in, person, rate_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def initiative():
    return initiative_in(Phase.SCREENING)


@pytest.fixture
def draft(initiative):
    return draft_of(initiative, to_phase=Phase.MATURATION)


def save(draft, code="M1.1", version=0, by=None, **values):
    return drafting.save_criterion(
        assessment=draft,
        criterion=draft.criteria().get(code=code),
        by=by or draft.initiative.lead,
        version=version,
        written=CriterionInput(**values),
    )


class TestStart:
    def test_pins_edition_and_standing(self, initiative, edition):
        draft = draft_of(initiative, to_phase=Phase.MATURATION)
        assert (draft.edition, draft.from_stage, draft.run) == (edition, Stage.SCREENING, initiative.current_run)

    def test_stays_under_its_edition_when_a_new_one_comes(self, draft, edition):
        factories.rulebook("9.1")
        assert Assessment.objects.get(pk=draft.pk).edition == edition

    def test_one_at_a_time(self, draft, initiative):
        with pytest.raises(Conflict):
            draft_of(initiative, to_phase=Phase.MATURATION)

    @pytest.mark.parametrize("roles", [(Role.LEAD,), (Role.MANAGER,), (Role.READER,), (Role.ADMINISTRATOR,)])
    def test_only_by_its_writers(self, initiative, roles):
        with pytest.raises(NotAllowed):
            draft_of(initiative, to_phase=Phase.MATURATION, by=person(*roles))

    @pytest.mark.parametrize(
        ("stage", "to_phase", "to_track"),
        [
            (Phase.SCREENING, Phase.SCREENING, Track.ONE),
            (Phase.SCREENING, Phase.MATURATION, ""),
            (Phase.TRIAL, Phase.MATURATION, Track.ONE),
            (Phase.DISSEMINATION, Phase.DISSEMINATION, Track.ONE),
        ],
    )
    def test_refuses_an_impossible_target(self, stage, to_phase, to_track):
        with pytest.raises(Refused):
            draft_of(initiative_in(stage), to_phase=to_phase, to_track=to_track)


class TestSaveCriterion:
    def test_keeps_an_incomplete_text(self, draft):
        rating = save(draft, reasoning="Halvt skrevet")
        assert (rating.value, rating.reasoning, rating.version) == ("", "Halvt skrevet", 1)

    def test_keeps_references_and_fravigelse(self, draft):
        owner = draft.initiative.lead
        save(
            draft,
            value=RatingValue.PARTLY,
            references=[ReferenceInput("Rapport", link="https://eksempel.dk/r", page="12")],
            deviation=DeviationInput(reason="Kun en begrundelse endnu"),
        )
        save(draft, version=1, value=RatingValue.PARTLY, deviation=factories.deviation_input(owner))
        assert Deviation.objects.get().owner == owner
        assert not Rating.objects.get().references.exists()

    def test_a_newer_text_is_never_overwritten(self, draft):
        save(draft, reasoning="Den første")
        with pytest.raises(SavedByAnother) as stale:
            save(draft, version=0, reasoning="Den anden")
        assert stale.value.version == 1
        assert Rating.objects.get().reasoning == "Den første"

    def test_writes_no_history_and_names_the_writer(self, draft):
        before = draft.history.count()
        save(draft, reasoning="Tekst")
        assert draft.history.count() == before
        assert list(draft.writers.all()) == [draft.initiative.lead]

    @pytest.mark.parametrize("roles", [(Role.LEAD,), (Role.MANAGER,), (Role.READER,), (Role.ADMINISTRATOR,)])
    def test_only_by_its_writers(self, draft, roles):
        with pytest.raises(NotAllowed):
            save(draft, by=person(*roles), reasoning="Fremmed")
        assert not Rating.objects.exists()

    def test_not_once_submitted(self, initiative):
        submitted = factories.submitted(initiative, to_phase=Phase.MATURATION)
        with pytest.raises(Conflict):
            save(submitted, version=1, reasoning="For sent")

    def test_no_criterion_of_another_phase_edition_or_track(self, initiative, draft):
        other_edition = factories.rulebook("9.1")
        foreign = [
            Criterion.objects.get(code="A1.1", theme__edition=draft.edition),
            Criterion.objects.get(code="M1.1", theme__edition=other_edition),
        ]
        for criterion in foreign:
            with pytest.raises(Refused):
                drafting.save_criterion(
                    assessment=draft, criterion=criterion, by=initiative.lead, version=0, written=CriterionInput()
                )
        second = draft_of(initiative_in(Phase.SCREENING), to_phase=Phase.MATURATION, to_track=Track.TWO)
        only_in_track_one = Criterion.objects.get(code="M2.1", theme__edition=second.edition)
        with pytest.raises(Refused):
            drafting.save_criterion(
                assessment=second,
                criterion=only_in_track_one,
                by=second.initiative.lead,
                version=0,
                written=CriterionInput(),
            )


class TestSections:
    def test_each_section_has_its_own_version(self, draft):
        lead = draft.initiative.lead
        drafting.save_conclusion(assessment=draft, by=lead, version=0, conclusion="Første")
        with pytest.raises(SavedByAnother):
            drafting.save_conclusion(assessment=draft, by=lead, version=0, conclusion="Anden")
        drafting.save_entry(assessment=draft, by=lead, version=0, judged={})
        found = Assessment.objects.get(pk=draft.pk)
        assert (found.conclusion, found.conclusion_version, found.entry_version) == ("Første", 1, 1)

    def test_entry_conditions_of_another_edition_are_refused(self, draft):
        foreign = factories.rulebook("9.1").entry_conditions.first()
        with pytest.raises(Refused):
            drafting.save_entry(assessment=draft, by=draft.initiative.lead, version=0, judged={foreign: (True, "")})

    def test_a_fravigelse_of_another_initiative_is_refused(self, draft):
        other = initiative_in(Phase.SCREENING)
        factories.approved(other, manager=person(Role.MANAGER), to_phase=Phase.MATURATION, departed=("M1.1",))
        with pytest.raises(Refused):
            drafting.save_former_deviations(
                assessment=draft,
                by=draft.initiative.lead,
                version=0,
                judged={Deviation.objects.get(): (DeviationOutcome.SETTLED, "")},
            )


class TestChangeTarget:
    def test_same_wording_carries_over_own_wording_is_judged_anew_the_rest_falls_away(self, draft):
        lead = draft.initiative.lead
        rate_all(draft, lead)
        change = drafting.change_target(assessment=draft, by=lead, to_phase=Phase.MATURATION, to_track=Track.TWO)
        assert (change.carried_over, change.judged_anew, change.fallen_away) == (["M1.1"], ["M1.2"], ["M2.1"])
        rows = {row.code: row for row in Contents(Assessment.objects.get(pk=draft.pk)).criteria}
        assert (rows["M1.1"].rating.value, rows["M1.2"].rating.value) == (RatingValue.MET, "")
        assert rows["M1.2"].rating.reasoning == "Begrundelse for M1.2."
        assert rows["M1.2"].wording == "Ordlyd i spor 2"

    def test_the_preview_writes_nothing(self, draft):
        rate_all(draft, draft.initiative.lead)
        drafting.preview_target(assessment=draft, to_phase=Phase.MATURATION, to_track=Track.TWO)
        assert Assessment.objects.get(pk=draft.pk).to_track == Track.ONE
        assert Rating.objects.filter(value="").count() == 0

    def test_refuses_an_impossible_target(self, draft):
        with pytest.raises(Refused):
            drafting.change_target(
                assessment=draft, by=draft.initiative.lead, to_phase=Phase.SCREENING, to_track=Track.ONE
            )


class TestFormerDeviations:
    @pytest.mark.parametrize(
        ("outcome", "state"),
        [
            (DeviationOutcome.SETTLED, Deviation.State.SETTLED),
            (DeviationOutcome.FAILED, Deviation.State.FAILED),
            (DeviationOutcome.CONTINUED, Deviation.State.OPEN),
        ],
    )
    def test_the_judgement_counts_from_approval(self, initiative, outcome, state):
        manager = person(Role.MANAGER)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
        deviation = Deviation.objects.get()
        initiative = Initiative.objects.get(pk=initiative.pk)
        second = factories.complete_draft(initiative, to_phase=Phase.TRIAL)
        drafting.save_former_deviations(
            assessment=second, by=initiative.lead, version=0, judged={deviation: (outcome, "Bemærkning")}
        )
        review.submit(assessment=second, by=initiative.lead)
        assert Deviation.objects.get(pk=deviation.pk).state == Deviation.State.OPEN
        review.approve(assessment=second, by=manager, sha256=second.snapshots.get().sha256)
        assert Deviation.objects.get(pk=deviation.pk).state == state
