"""A portfolio in which every page has everything to show, in any number, for the tests that are about all pages."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from django.utils import timezone

from assessments.actions import decisions, drafting, follow_up, outside, review, settling
from assessments.actions.decisions import ContinueIn, DecisionInput
from assessments.contents import Contents
from assessments.inputs import CriterionInput, DeviationInput, ReferenceInput
from assessments.models import Assessment, Deviation
from assessments.record import latest_snapshot
from phases.editions import copy_edition
from phases.models import Criterion, Edition
from phases.terms import DeviationOutcome, Outcome, Phase, RatingValue, Recommendation, Track, Verdict, WayOn
from portfolio import actions, columns, lengthening
from portfolio.models import (
    Agreement,
    AgreementEntry,
    Decision,
    Initiative,
    LengthReason,
    OutsideStrategy,
    PhaseRun,
    PortfolioImport,
    Programme,
    TargetGroup,
)
from susi import dates
from susi.clock import clock_at
from susi.models import User
from susi.roles import Role
from susi.uploads import check
from tests import factories
from tests.desk import making as desk_rows
from tests.factories import AgreementFactory, ProgrammeFactory, initiative_in, person
from tests.files import pdf, upload
from tests.participants.making import everything
from tests.portfolio import sheets
from tests.work import workings
from work.actions import deliverables
from work.actions.deliverables import PlanInput, VersionInput

Made = TypeVar("Made")
DAY = datetime.date(2026, 3, 2)


class World:
    """`size` of everything, with `text` in every field a person writes in (`written` in the assessments).

    It was all made the day before yesterday, so that yesterday is a day the pages can be shown as of; only the title of
    `idle` has changed since.

    `hub` is the initiative in which `size` others go on, with its draft; the other attributes are the first of their
    kind. The lead leads all of it.
    """

    def __init__(self, size: int = 1, text: str = "Eksempel", edition: Edition | None = None) -> None:
        with clock_at(timezone.now() - datetime.timedelta(days=2)):
            self._make(size, text, edition)
        self.idle.title = f"{text} nyt navn"
        self.idle.save()

    def _make(self, size: int, text: str, edition: Edition | None) -> None:
        self.size = self.width = size
        self.text = self.written = text
        self.edition = edition or factories.rulebook()
        self.lead = person(Role.LEAD, last_name=f"{text} ansvarlig")
        self.manager = person(Role.MANAGER, last_name=f"{text} leder")
        self.reader = person(Role.READER, last_name=f"{text} læser")
        self.administrator = person(Role.ADMINISTRATOR, last_name=f"{text} administrator")
        self.stranger = person(Role.LEAD, last_name=f"{text} fremmed")
        self.members = [person(Role.LEAD, last_name=f"{text} medarbejder") for _ in range(size)]
        self.programme: Programme = ProgrammeFactory(name=f"{text} {self.lead.pk}", full_name=text)
        years = range(2000, 2000 + size)
        self.agreements: list[Agreement] = [AgreementFactory(programme=self.programme, year=year) for year in years]
        keys = [f"{self.lead.pk}-{no}" for no in range(size)]
        self.groups = [TargetGroup.objects.create(key=key, name=f"{text} {key}") for key in keys]
        self.draft_edition = self._edition_in_progress()
        self.proposal = self._several(lambda: self._initiative(None))
        self.idle = self._several(lambda: self._initiative(Phase.SCREENING))
        self.last = self._several(lambda: self._initiative(Phase.DISSEMINATION))
        self.stopped = self._several(self._stopped)
        self.draft = self._several(self._draft)
        self.submitted = self._several(self._submitted)
        self._submit_again(self.submitted)
        self.returned = self._several(self._returned)
        self.approved = self._several(self._approved)
        self.corrected, self.correction = self._corrected()
        self.merger = self._merger()
        self.reversed = self._reversed()
        self.hub = self.merger.opened_runs.get().initiative
        self.annulled = self._several(lambda: self._annulled(self.hub))
        self._live(self.hub)
        self._deliver(self.hub)
        self.involvement, self.product = workings.work_on(self)
        self.stand_in = desk_rows.stand_ins(self)
        self.status, self.exemption = desk_rows.exemptions(self, self.hub)
        self.case_file, self.case_file_being_made = desk_rows.case_files(self, self.hub)
        self.hub_draft = self._hub_draft()
        self._lengthen(self.hub)
        self.deviation = self._followed_up()
        self.answer = self._several(self._answered)
        self.coming = self._coming()
        self.checked_import, self.confirmed_import, self.refused_import = self._imports()
        desk_rows.access(self, self.hub)
        self.participants = everything(
            self.last, self.reversed.initiative, by=self.lead, text=text, size=size, named=str(self.lead.pk)
        )
        Deviation.objects.filter(owner=self.lead, state=Deviation.State.OPEN).update(review_on=DAY)  # has come since

    def person_as(self, role: Role) -> User:
        """Return the one of that role who works with everything here."""
        return {
            Role.LEAD: self.lead,
            Role.MANAGER: self.manager,
            Role.READER: self.reader,
            Role.ADMINISTRATOR: self.administrator,
        }[role]

    def hidden_drafts(self) -> list[Assessment]:
        """Make one of each kind that only its writers and the managers may read."""
        withdrawn = review.withdraw(assessment=self._submitted(), by=self.lead)
        correction = self._write(review.correct(assessment=self.approved, by=self.lead))
        of_a_proposal = self._write(self._start(self._initiative(None), Phase.TRIAL))
        given_up = review.annul(assessment=self._draft(), by=self.lead, reason=self.written)
        return [self._draft(), withdrawn, self._returned(), correction, of_a_proposal, given_up]

    def _several(self, make: Callable[[], Made]) -> Made:
        """Make `size` of them and return the first, the only one that has `size` of everything itself."""
        first = make()
        self.width = 1
        for _ in range(self.size - 1):
            make()
        self.width = self.size
        return first

    def _initiative(self, phase: Phase | None) -> Initiative:
        text = self.text
        initiative = initiative_in(
            phase,
            number=f"2020-{Initiative.objects.count():03d}",  # the system numbers those it makes from this year
            lead=self.lead,
            title=f"{text} initiativ",
            programme=self.programme,
            funding=text,
            problem=text,
            description=text,
            case_number=text,
        )
        initiative.agreements.set(self.agreements[: self.width])
        initiative.target_groups.set(self.groups[: self.width])
        initiative.members.set(self.members[: self.width])
        return initiative

    def _edition_in_progress(self) -> Edition:
        edition = copy_edition(self.edition, number=f"{self.lead.pk}.1", name=self.text)
        Criterion.objects.filter(theme__edition=edition).update(wording=self.text, source=self.text)
        return edition

    def _decide(self, initiative: Initiative, outcome: str = Outcome.CONTINUED, **values: Any) -> Decision:
        wanted = {"outcome": outcome, "decided_by": "agency", "decided_on": DAY, "reason": self.text, **values}
        initiative = Initiative.objects.get(pk=initiative.pk)
        seen = decisions.last_decision_no(initiative)
        return decisions.register_decision(
            initiative=initiative, by=self.manager, seen=seen, wanted=DecisionInput(**wanted)
        )

    def _stopped(self) -> Initiative:
        initiative = self._initiative(Phase.SCREENING)
        self._decide(initiative, Outcome.STOPPED)
        return initiative

    def _start(self, initiative: Initiative, to_phase: Phase = Phase.MATURATION) -> Assessment:
        return factories.draft_of(initiative, to_phase=to_phase, to_track=Track.TWO, by=self.lead)

    def _deviation(self) -> DeviationInput:
        return factories.deviation_input(self.lead, reason=self.written, handling=self.written)

    def _write(self, assessment: Assessment) -> Assessment:
        """Write every text there is. The first criterion is departed from."""
        for no, criterion in enumerate(assessment.criteria()):
            self._rate(assessment, criterion, departs=no == 0)
        contents, text = Contents(assessment), self.written
        drafting.save_entry(
            assessment=assessment,
            by=self.lead,
            version=assessment.entry_version,
            judged=dict.fromkeys(assessment.edition.entry_conditions.all(), (True, text)),
            model_deviation=self._deviation() if contents.leaves_out_screening else None,
        )
        drafting.save_former_deviations(
            assessment=assessment,
            by=self.lead,
            version=assessment.former_version,
            judged={row.deviation: (DeviationOutcome.CONTINUED, text) for row in contents.former_deviations},
        )
        return self._conclude(assessment)

    def _rate(self, assessment: Assessment, criterion: Criterion, *, departs: bool) -> None:
        text, rating = self.written, assessment.ratings.filter(criterion=criterion).first()
        drafting.save_criterion(
            assessment=assessment,
            criterion=criterion,
            by=self.lead,
            version=rating.version if rating else 0,
            written=CriterionInput(
                value=RatingValue.PARTLY if departs else RatingValue.MET,
                reasoning=text,
                references=[ReferenceInput(text, "https://eksempel.dk/", text, text) for _ in range(self.width)],
                deviation=self._deviation() if departs else DeviationInput(),
            ),
        )

    def _conclude(self, assessment: Assessment) -> Assessment:
        text = self.written
        factories.conclude(
            assessment,
            self.lead,
            verdict=Verdict.PARTLY,
            conclusion=text,
            recommendation=Recommendation.CONTINUE,
            recommendation_text=text,
            weighing_way=WayOn.TRIAL_TRACK_TWO,
            weighing_text=text,
            fast_track_text=text,
            change_note=text if assessment.is_correction else "",
        )
        return Assessment.objects.get(pk=assessment.pk)

    def _draft(self) -> Assessment:
        return self._write(self._start(self._initiative(Phase.SCREENING)))

    def _submitted(self) -> Assessment:
        assessment = self._draft()
        review.submit(assessment=assessment, by=self.lead)
        return Assessment.objects.get(pk=assessment.pk)

    def _submit_again(self, assessment: Assessment) -> None:
        for _ in range(self.size):
            review.withdraw(assessment=assessment, by=self.lead)
            review.submit(assessment=assessment, by=self.lead)

    def _returned(self) -> Assessment:
        assessment = self._submitted()
        sha256 = latest_snapshot(assessment).sha256
        return review.send_back(assessment=assessment, by=self.manager, sha256=sha256, remarks=self.written)

    def _approve(self, assessment: Assessment) -> Assessment:
        sha256 = latest_snapshot(assessment).sha256
        return review.approve(assessment=assessment, by=self.manager, sha256=sha256)

    def _approved(self) -> Assessment:
        return self._approve(self._submitted())

    def _corrected(self) -> tuple[Assessment, Assessment]:
        """An approved one with `size` later versions, and the draft of one more."""
        newest = self._approved()
        for _ in range(self.size):
            correction = self._conclude(review.correct(assessment=newest, by=self.lead))
            review.submit(assessment=correction, by=self.lead)
            newest = self._approve(Assessment.objects.get(pk=correction.pk))
        return newest, self._conclude(review.correct(assessment=newest, by=self.lead))

    def _annulled(self, initiative: Initiative) -> Assessment:
        assessment = self._start(initiative, Phase.TRIAL)
        return review.annul(assessment=assessment, by=self.lead, reason=self.written)

    def _merger(self) -> Decision:
        """`size` that go on in a new one, each with a fravigelse of its own."""
        merged: list[Initiative] = []
        self._several(lambda: merged.append(self._approved().initiative))
        return self._decide(
            merged[0],
            to_phase=Phase.MATURATION,
            to_track=Track.TWO,
            merged=merged[1:],
            continue_in=ContinueIn.NEW,
            new_title=f"{self.text} samlet",
            agreement=self.agreements[0],
        )

    def _reversed(self) -> Decision:
        initiative = self._initiative(Phase.TRIAL)
        decision = self._decide(initiative, Outcome.AWAITING, awaits=self.idle)
        return decisions.reverse_decision(decision=decision, by=self.manager, reason=self.text)

    def _live(self, hub: Initiative) -> None:
        """Let the initiative have a long history: statuses, edits and decisions."""
        text = self.text
        for no in range(self.size):
            actions.write_status(initiative=hub, by=self.lead, text=f"{text} {no}")
            self._decide(hub, Outcome.AWAITING, awaits=self.idle)
        hub = Initiative.objects.get(pk=hub.pk)
        for no in range(self.size):
            values = {"agreements": self.agreements, "target_groups": self.groups[: no + 1], "case_number": text}
            hub = actions.edit_initiative(
                initiative=hub, by=self.lead, version=hub.version, funding=f"{text} {no}", **values
            )
        actions.set_people(initiative=hub, by=self.manager, version=hub.version, lead=self.lead, members=self.members)

    def _deliver(self, hub: Initiative) -> None:
        """Let the work of the phase show: a deliverable with `size` versions, `size` of one's own, one left out."""
        text, run = self.text, Initiative.objects.get(pk=hub.pk).current_run
        planned = PlanInput(responsible=self.lead, due=DAY, notes=text, documents=("A1.1", "A1.2"))
        deliverables.plan(run=run, code="M-a", by=self.lead, version=0, planned=planned)
        for no in range(self.size):
            deliverables.add_own(run=run, by=self.lead, name=f"{text} {no}", planned=planned)
            added = VersionInput(check(upload(pdf(str(no)))), text, "https://eksempel.dk/", text)
            for code in ("M-a", f"egen-{no + 1}"):
                deliverables.add_version(run=run, code=code, by=self.lead, added=added)
        newest = run.deliverables.get(code="egen-1").versions.get()
        deliverables.annul_version(version=newest, by=self.lead, reason=text)
        deliverables.take_out(run=run, code="M-b", by=self.lead, reason=text)

    def _lengthen(self, hub: Initiative) -> None:
        """Let its phase have `size` pauses, the last of them lasting, an extension and a reason for its length."""
        run = PhaseRun.objects.get(pk=Initiative.objects.get(pk=hub.pk).current_run_id)
        dates.write(run, "expected_end", dates.PartialDate(DAY))
        run.save()
        for no in range(self.size):
            self._on(hub, lengthening.pause, since=DAY + datetime.timedelta(days=2 * no), reason=self.text)
            if no < self.size - 1:
                self._on(hub, lengthening.resume, until=DAY + datetime.timedelta(days=2 * no + 1))
            later = dates.PartialDate(DAY + datetime.timedelta(days=no + 1))
            self._on(hub, lengthening.extend, expected_end=later, reason=self.text)
        LengthReason.objects.create(run=run, text=self.text, written_by=self.lead, written_at=timezone.now())
        self.pause = run.pauses.first()

    def _on(self, initiative: Initiative, act: Callable[..., Any], **values: Any) -> None:
        initiative = Initiative.objects.get(pk=initiative.pk)
        act(initiative=initiative, by=self.lead, version=initiative.version, **values)

    def _followed_up(self) -> Deviation:
        """A fravigelse with `size` follow-ups."""
        deviation = self.approved.deviations.get()
        for no in range(self.size):
            follow_up.follow_up(deviation=deviation, by=self.lead, seen=no, text=f"{self.text} {no}")
        return deviation

    def _answered(self) -> OutsideStrategy:
        """An answer that a proposal lies outside the strategy, and one to what never was a proposal here."""
        proposal = self._initiative(None)
        wanted = outside.OutsideInput(
            conditions=list(Edition.objects.current().entry_conditions.all()),
            reason=self.text,
            decided_by="agency",
            decided_on=DAY,
            referred_to=self.text,
        )
        outside.find_proposal_outside(initiative=proposal, by=self.manager, seen=0, wanted=wanted)
        unknown = {"title": f"{self.text} {OutsideStrategy.objects.count()}", "description": self.text}
        return outside.keep_answer(by=self.manager, wanted=replace(wanted, **unknown, proposed_by=self.text))

    def _coming(self) -> AgreementEntry:
        """`size` initiatives recommended for an agreement with amount, and `size` that are settled under it."""
        agreement: Agreement = AgreementFactory(programme=self.programme, year=2028)
        return self._several(lambda: self._recommended(agreement))

    def _recommended(self, agreement: Agreement) -> AgreementEntry:
        entries = []
        for _ in range(2):
            initiative = self._approved().initiative
            self._decide(initiative, Outcome.RECOMMENDED, agreement=agreement)
            entries.append(
                settling.set_amount(
                    initiative=initiative, agreement=agreement, by=self.lead, version=0, sought=1, note=self.text
                )
            )
        initiative = Initiative.objects.get(pk=entries[1].initiative_id)
        row = settling.RowInput(
            initiative, 1, decisions.ground_shown(initiative), AgreementEntry.Result.PRIORITISED, 1, self.text
        )
        wanted = settling.SettlementInput(decided_by="agreement_parties", decided_on=DAY, rows=[row])
        settling.settle(agreement=agreement, by=self.manager, wanted=wanted)
        return entries[0]

    def _imports(self) -> list[PortfolioImport]:
        """Files with `size` rows: one to confirm, one confirmed, and one with cells that are refused."""
        rows = [{columns.NUMBER: None, columns.TITLE: f"{self.text} ny {no}"} for no in range(self.size)]
        changed = [{columns.NUMBER: self.idle.number, columns.TITLE: self.text, columns.FUNDING: f"{self.text} ny"}]
        refused = [{columns.NUMBER: "1999-001", columns.TITLE: self.text} for _ in range(self.size)]
        confirmed = self._several(
            lambda: sheets.confirmed(self.administrator, *rows, reason=self.text, same_titles=True)
        )
        checked = self._several(lambda: sheets.uploaded(self.administrator, *rows, *changed, name="a.xlsx"))
        return [checked, confirmed, sheets.uploaded(self.administrator, *refused)]

    def _hub_draft(self) -> Assessment:
        draft = self._write(self._start(self.hub, Phase.TRIAL))
        draft.writers.add(*self.members)
        return draft
