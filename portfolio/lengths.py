"""The phases of an initiative with their length: as planned, as it was, and as is typical. Read for the pages."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Prefetch, QuerySet

from phases.models import PhaseDefinition
from portfolio import length
from portfolio.lengthening import facts_of
from portfolio.models import Initiative, LengthReason, PhaseExtension, PhasePause, PhaseRun
from portfolio.standing import Standing, surely_going_on
from susi.days import today


@dataclass(frozen=True)
class Stay:
    """A phase of the initiative, with what the rules say of its length on `day`."""

    run: PhaseRun
    typical: PhaseDefinition | None
    facts: length.LengthFacts
    pauses: list[PhasePause]
    extensions: list[PhaseExtension]
    reason: LengthReason | None
    day: date

    @property
    def runs_past(self) -> bool:
        return length.is_running_past(self.facts, self.day)

    @property
    def asks_for_reason(self) -> bool:
        return length.asks_for_reason(self.facts, self.day)

    @property
    def lasting_pause(self) -> PhasePause | None:
        return next((one for one in self.pauses if one.lasts), None) if self.facts.is_going_on else None

    @property
    def paused_days(self) -> int:
        """The days of pause so far, or until the phase ended."""
        return length.paused_days(self.facts.pauses, self.facts.ended.date if self.facts.ended else self.day)

    @property
    def sentence(self) -> str:
        """The phase in words: "Begyndt 01.03.2026, forventet afsluttet 2029. Typisk længde: fra 2 til 4 år."."""
        begun = f"Begyndt {self.facts.started}" if self.facts.started else "Begyndelsen er ikke oplyst"
        typical = f" Typisk længde: {self.typical.typical_length}." if self.typical else ""
        if self.facts.ended:
            return f"{begun}, afsluttet {self.facts.ended}.{typical}"
        expected = self.facts.expected_end
        ends = f", forventet afsluttet {expected}." if expected else ". Forventet afslutning mangler."
        return f"{begun}{ends}{typical}"

    @property
    def open(self) -> list[str]:
        """What is still to be settled of its length, one sentence each."""
        if not self.facts.is_going_on:
            return []
        paused = self.lasting_pause
        overdue = length.is_overdue(self.facts, self.day)
        return [
            *([f"På pause siden {paused.since:%d.%m.%Y}. Skriv, når arbejdet genoptages."] if paused else []),
            *(["Den forventede afslutning er overskredet. Forlæng fasen, eller ret datoen."] if overdue else []),
            *(["Fasen varer længere end typisk. Skriv den særlige begrundelse."] if self.asks_for_reason else []),
        ]


def stays(initiative: Initiative, *, with_extensions: bool = True) -> list[Stay]:
    """Return the phases begun, in order, of an initiative fetched `with_standing`. Four queries, whatever there is;
    three without the extensions, which are told for those who read on.
    """
    runs = initiative.runs.filter(state__in=[PhaseRun.State.OPEN, PhaseRun.State.ENDED]).prefetch_related(
        Prefetch("pauses", PhasePause.objects.select_related("registered_by", "annulled_by"))
    )
    if with_extensions:
        runs = runs.prefetch_related(Prefetch("extensions", PhaseExtension.objects.select_related("registered_by")))
    typical = {one.phase: one for one in PhaseDefinition.objects.in_force(today())}
    return [
        _stay(run, typical.get(run.phase), initiative, with_extensions=with_extensions)
        for run in runs.select_related("length_reason__written_by").order_by("sequence")
    ]


def asking_for_reason(initiatives: QuerySet[Initiative]) -> list[Stay]:
    """Return the present phases of `initiatives` that surely go on, past what is typical, without a special reason.

    In the order of their numbers; three queries, whatever there is. Extensions are not fetched.
    """
    runs = PhaseRun.objects.filter(
        state=PhaseRun.State.OPEN,
        length_reason__isnull=True,
        initiative__in=initiatives.filter(surely_going_on()).order_by().values("pk"),
        initiative__current_run=F("pk"),
    )
    runs = runs.select_related("initiative").prefetch_related("pauses").order_by("initiative__number")
    typical = {one.phase: one for one in PhaseDefinition.objects.in_force(today())}
    found = [_without_reason(run, typical.get(run.phase)) for run in runs]
    return [stay for stay in found if stay.asks_for_reason]


def _without_reason(run: PhaseRun, typical: PhaseDefinition | None) -> Stay:
    pauses = list(run.pauses.all())
    facts = facts_of(run, pauses=pauses, typical=typical, has_reason=False, is_going_on=True)
    return Stay(run, typical, facts, pauses, [], None, today())


def _stay(run: PhaseRun, typical: PhaseDefinition | None, initiative: Initiative, *, with_extensions: bool) -> Stay:
    is_silent = getattr(initiative, "standing", "") == Standing.UNKNOWN
    pauses, reason = list(run.pauses.all()), getattr(run, "length_reason", None)
    facts = facts_of(
        run,
        pauses=pauses,
        typical=typical,
        has_reason=reason is not None,
        is_going_on=run.state == PhaseRun.State.OPEN and not is_silent,
    )
    extensions = list(run.extensions.all()) if with_extensions else []
    return Stay(run, typical, facts, pauses, extensions, reason, today())
