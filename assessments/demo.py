"""Examples to learn by: people, and initiatives whose history is played through the real actions on earlier days.

Everything in `fixtures/demo.json` is made up and marked "Eksempel". Nothing is written where somebody works already.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from assessments.actions import decisions, drafting, follow_up, outside, review, settling
from assessments.actions.decisions import ContinueIn, DecisionInput
from assessments.contents import Contents
from assessments.inputs import CriterionInput, DeviationInput, ReferenceInput
from assessments.models import Assessment, Deviation
from assessments.record import latest_snapshot
from participants import demo as participants
from phases.models import Criterion, Edition
from phases.terms import Outcome, Phase, RatingValue
from portfolio import dating, lengthening
from portfolio.actions import create_initiative, set_people, write_status
from portfolio.models import Agreement, Initiative, PhaseRun, Programme, TargetGroup
from susi.clock import clock_at
from susi.dates import COPENHAGEN, PartialDate, Precision
from susi.demo import ACCOUNTS, PASSWORD
from susi.errors import Refused
from susi.models import User
from susi.roles import Role
from work.actions import deliverables
from work.actions.deliverables import PlanInput, VersionInput
from work.deliverables import Item, item_at
from work.knowledge_demo import KnowledgePlay

FUNDING = "Eksempel"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody does with the initiative called `key`, `ago` days ago: the method `do_<do>` below."""

    ago: int
    do: str
    key: str
    values: dict[str, Any]


@transaction.atomic
def load_demo(path: Path) -> list[Initiative]:
    """Create the example accounts and initiatives of the fixture, all or nothing. Return the initiatives.

    Raises `Refused` in production, where there are users already, or where the rulebook is missing.
    """
    if settings.PRODUCTION:
        raise Refused("Eksempler indlæses aldrig i drift.")
    if User.objects.exists():
        raise Refused("Databasen har brugere. Alt er bevaret, og der er ikke indlæst eksempler.")
    if not Edition.objects.published().exists():
        raise Refused("Regelsættet mangler. Kør load_rulebook først.")
    fixture = json.loads(path.read_text(encoding="utf-8"))
    play = _Play(fixture, today=timezone.localdate())
    with clock_at(play.beginning):
        play.create_people()
    for step in play.steps():
        play.act(step)
    participants.play(play.initiatives, at=lambda ago: clock_at(play.moment(ago)))
    return list(play.initiatives.values())


class _Play(KnowledgePlay):
    """The fixture, and what has come of it so far."""

    def __init__(self, fixture: dict[str, Any], *, today: date) -> None:
        self.fixture = fixture
        self.cast = {row["key"]: row for row in fixture["initiatives"]}
        self.today = today
        self.people: dict[str, User] = {}
        self.initiatives: dict[str, Initiative] = {}

    def steps(self) -> list[Step]:
        """Return every step of every initiative, the oldest first."""
        steps = [
            Step(row["ago"], row["do"], key, {k: v for k, v in row.items() if k not in ("ago", "do")})
            for key, initiative in self.cast.items()
            for row in initiative["story"]
        ]
        return sorted(steps, key=attrgetter("ago"), reverse=True)

    @property
    def beginning(self) -> datetime:
        """When the first step is taken."""
        return self.moment(self.steps()[0].ago)

    def act(self, step: Step) -> None:
        with clock_at(self.moment(step.ago)):
            getattr(self, f"do_{step.do}")(step.key, **step.values)

    def create_people(self) -> None:
        password = make_password(PASSWORD)
        for account in ACCOUNTS:
            person = User.objects.create(
                username=account.username,
                password=password,
                first_name=account.first_name,
                last_name=account.last_name,
                email=f"{account.username}@eksempel.invalid",  # nobody's
                date_joined=self.beginning,
            )
            person.groups.set(Group.objects.filter(name=account.role.value))
            self.people[account.username] = person

    def do_create(self, key: str) -> None:
        row = self.cast[key]
        self.initiatives[key] = create_initiative(
            by=self._lead(key),
            title=row["title"],
            funding=FUNDING,
            problem=row["problem"],
            description=row["description"],
            target_groups=TargetGroup.objects.filter(key__in=row["target_groups"]),
        )
        self._set_members(key)

    def do_status(self, key: str, text: str) -> None:
        write_status(initiative=self.initiatives[key], by=self._lead(key), text=text)

    def do_start(self, key: str, to_phase: str, to_track: str) -> None:
        drafting.start_assessment(
            initiative=self._initiative(key), by=self._lead(key), to_phase=to_phase, to_track=to_track
        )

    def do_enter(self, key: str, notes: dict[str, str], model_deviation: dict[str, Any]) -> None:
        assessment = self._assessment(key)
        drafting.save_entry(
            assessment=assessment,
            by=self._lead(key),
            version=assessment.entry_version,
            judged={one: (True, notes.get(str(one.no), "")) for one in assessment.edition.entry_conditions.all()},
            model_deviation=self._deviation(model_deviation),
        )

    def do_rate(self, key: str, departed: dict[str, Any] | None = None, leave: tuple[str, ...] = ()) -> None:
        """Rate every criterion as met, but those in `departed` as they say, and those to `leave` not at all."""
        assessment = self._assessment(key)
        for criterion in assessment.criteria():
            if criterion.code not in leave:
                self._rate(assessment, criterion, self._lead(key), (departed or {}).get(criterion.code, {}))

    def do_judge(self, key: str, outcome: str, text: str) -> None:
        """Judge every fravigelse of an earlier gate alike."""
        assessment = self._assessment(key)
        drafting.save_former_deviations(
            assessment=assessment,
            by=self._lead(key),
            version=assessment.former_version,
            judged={former.deviation: (outcome, text) for former in Contents(assessment).former_deviations},
        )

    def do_conclude(self, key: str, **values: Any) -> None:
        assessment = self._assessment(key)
        drafting.save_conclusion(
            assessment=assessment, by=self._lead(key), version=assessment.conclusion_version, **values
        )

    def do_submit(self, key: str) -> None:
        review.submit(assessment=self._assessment(key), by=self._lead(key))

    def do_send_back(self, key: str, remarks: str) -> None:
        assessment = self._assessment(key)
        review.send_back(assessment=assessment, by=self._manager, sha256=_submitted_hash(assessment), remarks=remarks)

    def do_approve(self, key: str) -> None:
        assessment = self._assessment(key)
        review.approve(assessment=assessment, by=self._manager, sha256=_submitted_hash(assessment))

    def do_decide(self, key: str, *, decided_before: int = 0, new: str = "", **values: Any) -> None:
        """Register a decision, made `decided_before` days earlier; the initiative with the key `new` carries on."""
        initiative = self._initiative(key)
        edition = Edition.objects.current()
        enters_model = initiative.is_proposal and values.get("to_phase") == Phase.SCREENING
        decision = decisions.register_decision(
            initiative=initiative,
            by=self._manager,
            seen=decisions.last_decision_no(initiative),
            wanted=DecisionInput(
                decided_on=timezone.localdate() - timedelta(days=decided_before),
                continue_in=ContinueIn.NEW if new else ContinueIn.SAME,
                new_title=self.cast[new]["title"] if new else "",
                entry=dict.fromkeys(edition.entry_conditions.all(), (True, "")) if enters_model else {},
                **values,
            ),
        )
        if new and decision.outcome == Outcome.CONTINUED:
            self.initiatives[new] = decision.opened_runs.get().initiative

    def do_plan(self, key: str, code: str, **values: Any) -> None:
        """Plan a deliverable of the present phase."""
        item = self._deliverable(key, code)
        deliverables.plan(
            run=item.run, code=code, by=self._lead(key), version=item.edit_version,
            planned=self._planned(documents=tuple(item.documents), **values),
        )  # fmt: skip

    def do_own(self, key: str, name: str, **values: Any) -> None:
        """Add a deliverable that is not among the typical ones."""
        deliverables.add_own(run=self._run(key), by=self._lead(key), name=name, planned=self._planned(**values))

    def do_take_in(self, key: str, code: str) -> None:
        deliverables.take_in(run=self._deliverable(key, code).run, code=code, by=self._lead(key))

    def do_take_out(self, key: str, code: str, reason: str) -> None:
        deliverables.take_out(run=self._deliverable(key, code).run, code=code, by=self._lead(key), reason=reason)

    def do_deliver(self, key: str, code: str, **values: Any) -> None:
        run = self._deliverable(key, code).run
        deliverables.add_version(run=run, code=code, by=self._lead(key), added=VersionInput(**values))

    def _planned(self, *, responsible: str = "", due_in: int | None = None, **values: Any) -> PlanInput:
        due = self.today + timedelta(days=due_in) if due_in is not None else None
        return PlanInput(responsible=self.people.get(responsible), due=due, **values)

    def _deliverable(self, key: str, code: str) -> Item:
        item = item_at(self._run(key), code)
        if item is None:
            raise Refused(f"{key} har ikke leverancen {code} i den fase, initiativet er i.")
        return item

    def _run(self, key: str) -> PhaseRun:
        run = self._initiative(key).current_run
        if run is None:
            raise Refused(f"{key} har ikke begyndt en fase.")
        return run

    def do_expect(self, key: str, ends_in: int) -> None:
        """Fill in when the present phase is expected to end, `ends_in` days from now."""
        initiative = self._initiative(key)
        dating.change_dates(
            initiative=initiative,
            by=self._lead(key),
            version=initiative.version,
            dates={initiative.current_run_id or 0: {dating.EXPECTED_END: self._month(ends_in)}},
            source="Eksempel på en projektplan",
        )

    def do_extend(self, key: str, ends_in: int, reason: str) -> None:
        self._lengthen(key, lengthening.extend, expected_end=self._month(ends_in), reason=reason)

    def do_pause(self, key: str, reason: str) -> None:
        self._lengthen(key, lengthening.pause, since=timezone.localdate(), reason=reason)

    def do_resume(self, key: str) -> None:
        self._lengthen(key, lengthening.resume, until=timezone.localdate())

    def do_follow_up(self, key: str, text: str, review_in: int, move_reason: str) -> None:
        """Follow up on every open fravigelse of the initiative."""
        for deviation in self._initiative(key).deviations.filter(state=Deviation.State.OPEN):
            follow_up.follow_up(
                deviation=deviation,
                by=self._lead(key),
                seen=deviation.follow_ups.count(),
                text=text,
                review_on=self.today + timedelta(days=review_in),
                move_reason=move_reason,
            )

    def do_keep_answer(self, key: str, conditions: list[int], **texts: str) -> None:
        """Keep the answer to something else than the initiative, which is no proposal in the system."""
        unmet = Edition.objects.current().entry_conditions.filter(no__in=conditions)
        wanted = outside.OutsideInput(
            conditions=list(unmet), decided_by="agency", decided_on=timezone.localdate(), **texts
        )
        outside.keep_answer(by=self._manager, wanted=wanted)

    def do_recommend(self, key: str, **values: Any) -> None:
        self.do_decide(key, outcome=Outcome.RECOMMENDED, agreement=self._coming_agreement(), **values)

    def do_seek(self, key: str, sought: int, note: str) -> None:
        settling.set_amount(
            initiative=self._initiative(key),
            agreement=self._coming_agreement(),
            by=self._lead(key),
            version=0,
            sought=sought,
            note=note,
        )

    def _coming_agreement(self) -> Agreement:
        """The example's own agreement, of a programme of its own: of the real ones nothing is made up."""
        programme, _ = Programme.objects.get_or_create(key="eksempel", defaults={"name": "Eksempelprogram"})
        return Agreement.objects.get_or_create(programme=programme, year=self.today.year + 1)[0]

    def _lengthen(self, key: str, act: Callable[..., Any], **values: Any) -> None:
        initiative = self._initiative(key)
        act(initiative=initiative, by=self._lead(key), version=initiative.version, **values)

    def _month(self, days: int) -> PartialDate:
        return PartialDate(self.today + timedelta(days=days), Precision.MONTH)

    def _rate(self, assessment: Assessment, criterion: Criterion, by: User, departed: dict[str, Any]) -> None:
        texts = self.fixture["reasoning"]
        met = texts.get(assessment.to_track, {}).get(criterion.code) or texts["1"][criterion.code]
        deviation = departed.get("deviation")
        drafting.save_criterion(
            assessment=assessment,
            criterion=criterion,
            by=by,
            version=0,
            written=CriterionInput(
                value=departed.get("value", RatingValue.MET),
                reasoning=departed.get("reasoning", met),
                references=[ReferenceInput(**row) for row in self.fixture["references"].get(criterion.code, [])],
                deviation=self._deviation(deviation) if deviation else DeviationInput(),
            ),
        )

    def _deviation(self, row: dict[str, Any]) -> DeviationInput:
        return DeviationInput(
            grounds=row["grounds"],
            reason=row["reason"],
            handling=row["handling"],
            owner=self.people[row["owner"]],
            review_on=self.today + timedelta(days=row["review_in"]),
        )

    def _set_members(self, key: str) -> None:
        initiative, lead = self.initiatives[key], self._lead(key)
        members = [self.people[name] for name in self.cast[key]["members"]]
        if members:
            set_people(initiative=initiative, by=lead, version=initiative.version, lead=lead, members=members)

    def _lead(self, key: str) -> User:
        return self.people[self.cast[key]["lead"]]

    @property
    def _manager(self) -> User:
        return next(person for person in self.people.values() if person.has_role(Role.MANAGER))

    def _initiative(self, key: str) -> Initiative:
        return Initiative.objects.get(pk=self.initiatives[key].pk)

    def _assessment(self, key: str) -> Assessment:
        return self._initiative(key).assessments.open().get()

    def moment(self, ago: int) -> datetime:
        """Return ten o'clock on the day `ago` days ago, or on the Friday before where that is a weekend."""
        day = self.today - timedelta(days=ago)
        workday = day - timedelta(days=max(0, day.weekday() - 4))
        return datetime.combine(workday, time(10), tzinfo=COPENHAGEN)


def _submitted_hash(assessment: Assessment) -> str:
    snapshot = latest_snapshot(assessment)
    return snapshot.sha256 if snapshot else ""
