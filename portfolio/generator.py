"""Made-up portfolios of any size, with relations like the real one's (Bilag 1), for measuring and trying out.

Every initiative is told as a life: events in the order of their days, each leaving the history it would have left.
What belongs to SUSI-vurderinger is added by `assessments.generator`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from phases.models import Criterion, DeliverableType, EntryCondition
from phases.terms import Outcome, Phase, Stage, SusiStatement, Track
from portfolio.models import Agreement, Continuation, Decision, Initiative, PhaseRun, Programme, StatusNote, TargetGroup
from susi.bulk import Rows
from susi.danish import search_words, sort_key
from susi.dates import COPENHAGEN, Precision
from susi.demo import ACCOUNTS, PASSWORD
from susi.models import User
from susi.roles import Role

MARK = "Eksempel: "
SOURCE = "Eksempel på en kilde"
LEADS, YEARS = 60, 8
_AT_MOST_MERGED = 3
S, M, T, U = Phase.SCREENING, Phase.MATURATION, Phase.TRIAL, Phase.DISSEMINATION
# Which phases an initiative runs, those of one tuple together: by Bilag 1, where 33 of 44 are in screening and modning,
# 2 in afprøvning and 9 in udbredelse, with some that go through more, and some proposals.
_COURSES: dict[tuple[tuple[Phase, ...], ...], int] = {
    ((S, M),): 40, ((S,),): 10, ((M,),): 8, ((S,), (M,)): 8, ((S, M), (T,)): 5, ((T,),): 3, ((U,),): 17,
    ((S,), (M,), (T,)): 3, ((S,), (M,), (T,), (U,)): 3, (): 3,
}  # fmt: skip
_LENGTHS = {S: 300, M: 1000, T: 1400, U: 730}  # days (Drejebogen: up to 1 year, 2-4, 3-5, about 2)
_KINDS = [
    "støtte", "vejledning", "træning", "samtaleforløb", "netværk", "mentorordning", "familieindsats", "botilbud",
    "gruppeforløb",
]  # fmt: skip
_GROUPS = [
    "unge", "voksne", "familier", "børn", "ældre", "borgere", "kvinder", "mænd", "forældre", "pårørende", "anbragte",
    "udsatte",
]  # fmt: skip
_SUBJECTS = [
    "rusmidler", "hjemløshed", "ensomhed", "misbrug", "vold", "anbringelse", "handicap", "recovery", "bostøtte",
    "skole", "beskæftigelse", "netværk", "trivsel", "ærlighed", "åbenhed", "autisme", "adhd", "spiseforstyrrelser",
    "selvskade", "kriminalitet", "gæld", "sorg", "søvn", "fritidsliv", "uddannelse", "efterværn", "krisecentre",
    "stofmisbrugsbehandling",
]  # fmt: skip
_SAID_OF_THE_SUBJECT = 0.04  # of the words of a text


@dataclass
class Life:
    """An initiative being told: its runs so far, the events to come, and until when it stood in each phase."""

    initiative: Initiative
    born: date
    manager: User
    runs: list[PhaseRun] = field(default_factory=list)
    decisions: int = 0
    events: list[tuple[date, Callable[[date], None]]] = field(default_factory=list)


def _words_of_rulebook() -> list[str]:
    """Return the words of the published rulebook in their order, with all that are said more than once."""
    texts = [
        *Criterion.objects.filter(theme__edition__published_at__isnull=False).values_list("wording", flat=True),
        *DeliverableType.objects.filter(edition__published_at__isnull=False).values_list("description", flat=True),
        *EntryCondition.objects.filter(edition__published_at__isnull=False).values_list("text", flat=True),
    ]
    return " ".join(texts).split()


class Generator:
    """Tells lives with the chances of `seed`, as of `today`; each initiative is edited `changes` times besides."""

    def __init__(self, rows: Rows, *, seed: int, today: date, changes: int = 0) -> None:
        self.rows, self.today, self.changes = rows, today, changes
        self.chance = Random(seed)  # noqa: S311
        self.beginning = today - timedelta(days=365 * (YEARS + 1))
        self.numbers: Counter[str] = Counter()
        for number in Initiative.objects.values_list("number", flat=True):
            year, _, no = number.partition("-")
            self.numbers[year] = max(self.numbers[year], int(no))
        self.words = _words_of_rulebook()
        self.subjects: dict[int, list[str]] = {}
        self.continues: Counter[int] = Counter()
        self.places: dict[Phase, list[tuple[Initiative, str, date, date]]] = {phase: [] for phase in Phase}

    def setting(self) -> None:
        """Make the people and programmes; the target groups where they are missing. Nobody can log in in production."""
        self.password = make_password(None if settings.PRODUCTION else PASSWORD)
        self.people = [self._person(account.username, account.first_name, account.last_name, account.role)
                       for account in ACCOUNTS]  # fmt: skip
        self.people += [self._person(f"eksempel{no}", "Eksempel", f"Ansvarlig {no}", Role.LEAD)
                        for no in range(1, LEADS)]  # fmt: skip
        self.leads = [one for one in self.people if one.roles == {Role.LEAD}]
        self.managers = [one for one in self.people if Role.MANAGER in one.roles]
        self.groups = list(TargetGroup.objects.all()) or [
            self._kept(TargetGroup(key=f"eksempel-{no}", name=f"Eksempelmålgruppe {no}")) for no in (1, 2, 3)
        ]
        self.agreements: dict[int, list[Agreement]] = {}
        for key, since in (("voksne", 2017), ("boern-unge", 2019)):
            programme = self._kept(Programme(key=f"eksempel-{key}", name=f"Eksempelprogram {key}", since=since))
            years = range(since, self.today.year + 1)
            self.agreements[programme.pk] = [self._kept(Agreement(programme=programme, year=year)) for year in years]

    def tell(self) -> Life:
        """Add an initiative with all that has happened to it."""
        legs = self.chance.choices(list(_COURSES), list(_COURSES.values()))[0]
        born = self.today - timedelta(days=self.chance.randrange(40, 365 * YEARS))
        life = Life(self._initiative(born), born, self.chance.choice(self.managers))
        self._keep(life, born, "Oprettet som forslag")
        day = born + timedelta(days=self.chance.randrange(10, 90))
        from_source = self.chance.random() < 0.5
        for no, leg in enumerate(legs):
            if day >= self.today:
                break
            if no == 0 and from_source:
                self._plan(life, day, partial(self._begin_from_source, life, leg))
                day = self._length(leg[-1], day)
            else:
                for place, phase in enumerate(leg):
                    then = leg[place + 1] if place + 1 < len(leg) else None
                    self._plan(life, day, partial(self._enter, life, phase, then))
                    day = self._length(phase, day)
        if legs and day < self.today:
            self._plan(life, day, partial(self._end, life))
        for _ in range(self.changes):
            days = self.chance.randrange(1, max(2, min(300, (self.today - born).days)))
            self._plan(life, self.today - timedelta(days=days), partial(self._edit, life))
        for when, act in sorted(life.events, key=lambda event: event[0]):
            act(when)
        self._go_on(life)
        if self.chance.random() < 0.5:
            note = StatusNote(initiative=life.initiative, text=self.text(20, life.initiative), written_by=life.manager)
            note.written_at = self.moment(self.today - timedelta(days=1))
            self.rows.add(note)
        return life

    def assessed(self, life: Life, run: PhaseRun, day: date, *, to_phase: Phase, to_track: str) -> Any:
        """Tell of the SUSI-vurdering approved at the end of `run`; `susi` of the run says what it found."""
        return None

    def rests_on(self, decision: Decision, assessment: Any) -> None:
        """Tell that the decision rests on the assessment, where there is one."""

    def under_way(self, life: Life, run: PhaseRun) -> None:
        """Tell of the SUSI-vurdering under way in the open `run`."""

    def text(self, words: int, about: Initiative) -> str:
        """Return a text of as many `words`: those of the rulebook, as often as it uses them, and of the subject of the
        initiative it is `about`, so that a search finds about as many as it would in real texts."""
        said, subject = self.chance.choices(self.words, k=words), self.subjects[about.pk]
        said = [self.chance.choice(subject) if self.chance.random() < _SAID_OF_THE_SUBJECT else one for one in said]
        return " ".join(said).capitalize() + "."

    def _person(self, username: str, first_name: str, last_name: str, role: Role) -> User:
        user = User(username=username, first_name=first_name, last_name=last_name, password=self.password)
        user.date_joined = self.moment(self.beginning)
        self.rows.add(user)
        self.rows.relate(user, "groups", [Group.objects.get(name=role.value).pk])
        self.rows.keep(user, at=user.date_joined)
        user.__dict__["roles"] = frozenset([role])  # as `User.roles` will read them
        return user

    def _kept(self, row: Any) -> Any:
        self.rows.add(row)
        self.rows.keep(row, at=self.moment(self.beginning))
        return row

    def _initiative(self, born: date) -> Initiative:
        chance, year = self.chance, str(born.year)
        self.numbers[year] += 1
        has_programme = chance.random() < 0.8
        programme = chance.choice(list(self.agreements)) if has_programme else None
        title = f"{chance.choice(_KINDS).capitalize()} til {chance.choice(_GROUPS)} og {chance.choice(_GROUPS)}"
        initiative = Initiative(
            number=f"{year}-{self.numbers[year]:03d}",
            title=f"{MARK}{title} {self.numbers[year]}",
            programme_id=programme,
            funding="" if programme else "Eksempel: SSA-reserven",
            counts_as=3 if chance.random() < 0.02 else 1,
            lead=chance.choice(self.leads) if chance.random() < 0.9 else None,
            created_by=chance.choice(self.managers),
            created_at=self.moment(born),
        )
        self.rows.add(initiative)
        self.subjects[initiative.pk] = chance.sample(_SUBJECTS, 3)
        initiative.problem, initiative.description = self.text(25, initiative), self.text(40, initiative)
        agreements = [one.pk for one in self.agreements.get(programme or 0, [])]
        several = min(len(agreements), chance.choice([1, 1, 1, 2, 3]))
        self.rows.relate(initiative, "agreements", chance.sample(agreements, several))
        groups = chance.choice([0, 1, 1, 1, 2])
        self.rows.relate(initiative, "target_groups", [one.pk for one in chance.sample(self.groups, groups)])
        members = chance.choice([0, 0, 1, 2, 3])
        self.rows.relate(initiative, "members", [one.pk for one in chance.sample(self.leads, members)])
        return initiative

    def _plan(self, life: Life, day: date, act: Callable[[date], None]) -> None:
        if day < self.today:
            life.events.append((day, act))

    def _begin_from_source(self, life: Life, leg: tuple[Phase, ...], day: date) -> None:
        for phase in leg:
            if life.runs:
                life.runs[-1].state = PhaseRun.State.ENDED
                self._keep_run(life.runs[-1], day, life)
            run = self._run(life, phase, day, source=f"{SOURCE}, række {life.initiative.pk}")
            run.track = "" if phase == S else self.chance.choice(["", Track.ONE, Track.TWO])
            unknown = "" if self.chance.random() < 0.15 else Outcome.NOT_ENDED
            run.stated_outcome = run.outcome = Outcome.FINAL if phase == U else unknown
            run.stated_susi = run.susi = SusiStatement.FINAL if phase == U else SusiStatement.NOT_ENDED
            if self.chance.random() < 0.5:
                run.started_on, run.started_on_precision = None, ""
            self._keep_run(run, day, life)
        self._follow(life, Stage(life.runs[-1].phase), day, "Indlæst")

    def _enter(self, life: Life, phase: Phase, then: Phase | None, day: date) -> None:
        """Decide that the initiative enters `phase`, with `then` run together with it."""
        before = life.runs[-1] if life.runs else None
        planned = before if before and before.state == PhaseRun.State.PLANNED else None
        present = life.runs[-2] if planned else before
        track = self._track(life, phase)
        grounds = self.assessed(life, present, day, to_phase=phase, to_track=track) if present else None
        decision = self._decide(life, Outcome.CONTINUED, day, [present] if present else [], phase=phase, track=track)
        self.rests_on(decision, grounds)
        if present:
            self._close(life, present, decision, Outcome.CONTINUED, day)
        run = planned or self._run(life, phase, day)
        run.state, run.track, run.opened_by = PhaseRun.State.OPEN, track, decision
        run.started_on, run.started_on_precision = day, Precision.DAY
        run.expected_end, run.expected_end_precision = day + timedelta(days=_LENGTHS[phase]), Precision.MONTH
        self._keep_run(run, day, life)
        if then:
            later = self._run(life, then, day, state=PhaseRun.State.PLANNED, planned_by=decision)
            later.started_on, later.started_on_precision = None, ""
            self._keep_run(later, day, life)
        self._follow(life, Stage(phase), day, str(decision.get_outcome_display()), run)

    def _end(self, life: Life, day: date) -> None:
        """End it, carried on by another or not: by a decision, or in the words of its source."""
        run = life.runs[-1]
        targets = [] if run.phase == U else self._who_is_there(run.phase, day)
        carried_on = bool(targets) and self.chance.random() < 0.6
        outcome = Outcome.CONTINUED if carried_on else Outcome.STOPPED
        target, phase, track = self.chance.choice(targets[-25:]) if carried_on else (None, None, "")
        decision = None
        if run.source and self.chance.random() < 0.6:
            silent = [Outcome.STOPPED, Outcome.AWAITING, ""]
            stated = outcome if carried_on else Outcome.FINAL if run.phase == U else self.chance.choice(silent)
            run.state, run.stated_outcome, run.outcome = PhaseRun.State.ENDED, stated, stated
            run.ended_on, run.ended_on_precision = day.replace(month=1, day=1), Precision.YEAR
            if run.started_on:
                run.started_on_precision = Precision.MONTH
                run.started_on = run.started_on.replace(day=1)
        else:
            to_phase = phase or {S: M, M: T}.get(Phase(run.phase), U)
            to_track = track or self.chance.choice(list(Track))
            has_assessment = run.phase != U
            grounds = self.assessed(life, run, day, to_phase=to_phase, to_track=to_track) if has_assessment else None
            decision = self._decide(life, outcome, day, [run], phase=phase, track=to_track if phase else "")
            self.rests_on(decision, grounds)
            run.outcome, run.closed_by, run.state = outcome, decision, PhaseRun.State.ENDED
            run.ended_on, run.ended_on_precision = day, Precision.DAY
        self._keep_run(run, day, life)
        self._follow(life, Stage.ENDED, day, "Afsluttet")
        if target:
            link = Continuation(from_initiative=life.initiative, to_initiative=target, decision=decision)
            link.source = "" if decision else SOURCE
            self.continues[target.pk] += 1
            self.rows.add(link)
            self.rows.keep(link, at=self.moment(day), by=life.manager)

    def _go_on(self, life: Life) -> None:
        """Let what is open have its present: a decision that it waits, a SUSI-vurdering under way."""
        initiative = life.initiative
        for run in life.runs:
            until = run.ended_on or self.today
            started = run.started_on or life.born
            self.places[Phase(run.phase)].append((initiative, run.track, started, until))
        still_open = [run for run in life.runs if run.state == PhaseRun.State.OPEN and run.phase != U]
        if not still_open:
            return
        run = still_open[0]
        waits = self.chance.random()
        day = self.today - timedelta(days=1)
        if waits < 0.08 and initiative.programme_id:
            coming = self.agreements[initiative.programme_id][-1]
            self._decide(life, Outcome.RECOMMENDED, day, [run], agreement=coming)
            run.outcome = Outcome.RECOMMENDED
            self._keep_run(run, day, life)
        elif waits < 0.12 and (others := self.places[M]):
            awaited = self.chance.choice(others)[0]
            if awaited is not initiative:
                self._decide(life, Outcome.AWAITING, day, [run], awaits=awaited)
                run.outcome = Outcome.AWAITING
                self._keep_run(run, day, life)
        else:
            self.under_way(life, run)

    def _edit(self, life: Life, day: date) -> None:
        initiative = life.initiative
        initiative.version += 1
        initiative.case_number = f"Eksempel {self.chance.randrange(10_000)}"
        initiative.description = self.text(40, initiative)
        if self.chance.random() < 0.3:
            initiative.lead = self.chance.choice(self.leads)
        if self.chance.random() < 0.2:
            initiative.title = f"{initiative.title.rstrip(' *')} *"
        self._keep(life, day, "Stamoplysninger rettet")

    def _who_is_there(self, phase: str, day: date) -> list[tuple[Initiative, Phase, str]]:
        """Return the initiatives that were in a later phase on the day, with their phase and track."""
        later = {S: M, M: T, T: U}[Phase(phase)]
        recent = self.places[later][-400:]
        return [
            (one, later, track)
            for one, track, since, until in recent
            if since <= day <= until and self.continues[one.pk] < _AT_MOST_MERGED
        ]

    def _run(self, life: Life, phase: Phase, day: date, **values: Any) -> PhaseRun:
        run = PhaseRun(
            initiative=life.initiative,
            sequence=len(life.runs) + 1,
            phase=phase,
            started_on=day,
            started_on_precision=Precision.DAY,
            outcome=Outcome.FINAL if phase == U else Outcome.NOT_ENDED,
            susi=SusiStatement.FINAL if phase == U else SusiStatement.NOT_ENDED,
            **{"state": PhaseRun.State.OPEN, **values},
        )
        life.runs.append(run)
        return self.rows.add(run)

    def _close(self, life: Life, run: PhaseRun, decision: Decision, outcome: Outcome, day: date) -> None:
        run.state, run.closed_by, run.outcome = PhaseRun.State.ENDED, decision, outcome
        run.ended_on, run.ended_on_precision = day, Precision.DAY
        self._keep_run(run, day, life)

    def _decide(
        self, life: Life, outcome: Outcome, day: date, runs: list[PhaseRun], *, phase: Phase | None = None,
        track: str = "", agreement: Agreement | None = None, awaits: Initiative | None = None,
    ) -> Decision:  # fmt: skip
        life.decisions += 1
        decision = Decision(
            initiative=life.initiative,
            no=life.decisions,
            outcome=outcome,
            decided_by=self.chance.choice(Decision.DecidedBy.values),
            decided_on=day,
            agreement=agreement,
            awaits=awaits,
            to_phase=phase or "",
            to_track=track if phase and phase != S else "",
            reason=self.text(15, life.initiative),
            registered_by=life.manager,
            registered_at=self.moment(day),
        )
        self.rows.add(decision)
        self.rows.relate(decision, "runs", [run.pk for run in runs])
        self.rows.keep(decision, at=self.moment(day), by=life.manager, reason="Beslutning registreret")
        return decision

    def _track(self, life: Life, phase: Phase) -> str:
        if phase == S:
            return ""
        known = next((run.track for run in reversed(life.runs) if run.track), "")
        return known or self.chance.choice(list(Track))

    def _length(self, phase: Phase, day: date) -> date:
        return day + timedelta(days=round(_LENGTHS[phase] * self.chance.uniform(0.5, 1.4)))

    def _follow(self, life: Life, stage: Stage, day: date, reason: str, run: PhaseRun | None = None) -> None:
        life.initiative.current_run = run or life.runs[-1]
        life.initiative.follow_runs(stage)
        self._keep(life, day, reason)

    def _keep(self, life: Life, day: date, reason: str) -> None:
        one = life.initiative
        one.sort_key = sort_key(one.title)
        texts = [one.number, one.title, one.problem, one.description, one.funding, one.case_number]
        one.search_text = search_words(" ".join(texts))
        self.rows.keep(one, at=self.moment(day), by=one.lead or life.manager, reason=reason)

    def _keep_run(self, run: PhaseRun, day: date, life: Life) -> None:
        self.rows.keep(run, at=self.moment(day), by=life.manager)

    @staticmethod
    def moment(day: date) -> datetime:
        """Return ten o'clock on the day."""
        return datetime.combine(day, time(10), tzinfo=COPENHAGEN)
