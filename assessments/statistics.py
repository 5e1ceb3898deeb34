"""The gates in numbers: every number is the length of a list of things that can be opened.

A `Fact` is one thing that counts once. What is counted, and of when and where it is, is decided here alone; the page
says the same in words. Nothing is read from drafts.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.db.models import Exists, OuterRef, QuerySet, TextChoices
from django.urls import reverse

from assessments.models import Assessment, Deviation
from phases.terms import Outcome, Phase, Stage, SusiStatement, Track
from portfolio.models import Decision, Initiative, PhaseRun
from susi.dates import COPENHAGEN, danish, read

UNKNOWN = "unknown"
IN_FORCE = Deviation.IN_FORCE
PERCENT_FROM = 20
_PHASES = {
    Stage.PROPOSAL.value: "Før første fase",
    **{phase.value: f"Efter {phase.label.lower()}" for phase in Phase},
}


class What(TextChoices):
    """What is counted of the agency's own work."""

    APPROVED = "approved", "Godkendte SUSI-vurderinger"
    DEPARTED = "departed", "heraf med fravigelse"
    RETURNED = "returned", "Sendt tilbage"
    CONTINUED = "continued", "Videreføres"
    STOPPED = "stopped", "Videreføres ikke"
    WAITING = "waiting", "Afventer nu"


_BY_OUTCOME: dict[str, What] = {Outcome.CONTINUED: What.CONTINUED, Outcome.STOPPED: What.STOPPED}
_WAITING = (Outcome.AWAITING, Outcome.RECOMMENDED)


class Placed(Protocol):
    """Whatever has a phase, a track, a programme and a year; "" and None are unknown."""

    @property
    def initiative(self) -> Initiative: ...
    @property
    def phase(self) -> str: ...
    @property
    def track(self) -> str: ...
    @property
    def year(self) -> int | None: ...


@dataclass(frozen=True)
class Fact:
    """One thing that counts as one `what`. `phase` is the one that ends, "proposal" before the first."""

    what: str
    initiative: Initiative
    phase: str
    track: str
    year: int | None
    text: str
    url: str

    @property
    def phase_label(self) -> str:
        return _PHASES[self.phase]

    @property
    def track_label(self) -> str:
        return track_label(self.track)


@dataclass(frozen=True)
class Chosen:
    """What the page is limited to; "" is everything. `year` is a year or `UNKNOWN`."""

    programme: str = ""
    phase: str = ""
    track: str = ""
    year: str = ""

    def holds(self, one: Placed) -> bool:
        return (
            self.programme in ("", programme_key(one))
            and self.phase in ("", one.phase)
            and self.track in ("", one.track or UNKNOWN)
            and self.year in ("", str(one.year or UNKNOWN))
        )


class Row(NamedTuple):
    """One line of a table: what it is about, the value that finds it again, and how many of each."""

    label: str
    value: str
    counts: dict[str, int]


def facts(initiatives: QuerySet[Initiative], documents: Iterable[Any]) -> list[Fact]:
    """Return what was concluded in `documents` (`approved_documents`) and decided about `initiatives`."""
    return [*_approved(documents), *_decided(initiatives)]


def stated(initiatives: QuerySet[Initiative]) -> list[Fact]:
    """Return what sources say of the outcome and the SUSI-vurdering of the last phase they tell of."""
    runs = PhaseRun.objects.in_force().exclude(source="").filter(initiative__in=initiatives.order_by().values("pk"))
    found = []
    for run in runs.exclude(stated_outcome="", stated_susi="").select_related("initiative__programme"):
        ended = read(run, "ended_on")
        url = reverse("portfolio:initiative_detail", args=[run.initiative.number])
        about: dict[str, Any] = {
            "initiative": run.initiative,
            "phase": run.phase,
            "track": run.track,
            "year": ended.date.year if ended else None,
            "url": url,
        }
        outcome = run.get_stated_outcome_display() or "Ikke oplyst"
        susi = run.get_stated_susi_display() or "Ikke oplyst"
        found.append(Fact(f"udfald-{run.stated_outcome or UNKNOWN}", text=f"Udfald: {outcome}", **about))
        found.append(Fact(f"susi-{run.stated_susi or UNKNOWN}", text=f"SUSI-vurdering: {susi}", **about))
    return found


def sent_back(initiatives: QuerySet[Initiative], until: datetime | None) -> Iterable[Fact]:
    """Yield every time an assessment was sent back, up to `until`. For managers: nobody else may know of each.

    Saving it afterwards writes the same moment again.
    """
    keys = initiatives.order_by().values("pk")
    rows: Any = Assessment.history.filter(state=Assessment.State.RETURNED, initiative__in=keys)
    rows = rows.filter(history_date__lte=until) if until else rows
    seen: set[tuple[int, datetime]] = set()
    for row in rows.select_related("initiative__programme").order_by("history_date", "history_id"):
        if (row.id, row.returned_at) in seen:
            continue
        seen.add((row.id, row.returned_at))
        number = row.initiative.number
        yield Fact(
            What.RETURNED,
            row.initiative,
            row.from_stage,
            row.to_track,
            row.returned_at.astimezone(COPENHAGEN).year,
            f"SUSI-vurdering {number}-{row.document_no}, version {row.doc_version}, "
            f"sendt tilbage {danish(row.returned_at)}",
            reverse("assessments:detail", args=[number, row.no]),
        )


def stated_kinds() -> dict[str, dict[str, str]]:
    """Return the columns of the two tables of what sources say: caption → what → heading."""
    return {
        "Udfald ifølge kilden": {f"udfald-{value}": label for value, label in _with_unknown(Outcome)},
        "SUSI-vurdering ifølge kilden": {f"susi-{value}": label for value, label in _with_unknown(SusiStatement)},
    }


def tally(found: Iterable[Fact], by: Callable[[Fact], tuple[str, str]]) -> list[Row]:
    """Return how many of each kind there are for each (value, label) that `by` gives, in the order of the values."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for fact in found:
        counts.setdefault(by(fact), Counter())[fact.what] += 1
    return [Row(label, value, dict(counts[value, label])) for value, label in sorted(counts, key=_place)]


def by_phase(fact: Placed) -> tuple[str, str]:
    return fact.phase, _PHASES[fact.phase]


def by_track(fact: Placed) -> tuple[str, str]:
    return fact.track or UNKNOWN, track_label(fact.track)


def by_programme(fact: Placed) -> tuple[str, str]:
    programme = fact.initiative.programme
    return programme_key(fact), programme.name if programme else "Uden program"


def by_year(fact: Placed) -> tuple[str, str]:
    return str(fact.year or UNKNOWN), str(fact.year or "År ikke oplyst")


def programme_key(one: Placed) -> str:
    return one.initiative.programme.key if one.initiative.programme else UNKNOWN


def track_label(track: str) -> str:
    return str(Track(track).label) if track else "Uden spor eller ikke oplyst"


def share(part: int, whole: int) -> str:
    """Return "3 af 4"; with a percentage only where there are enough for one: "12 af 40 (30 %)"."""
    percent = f" ({round(100 * part / whole)} %)" if whole >= PERCENT_FROM else ""
    return f"{part} af {whole}{percent}"


def approved_documents(initiatives: QuerySet[Initiative]) -> list[Any]:
    """Return each document once: its newest approved version, with the `year` its first version was approved in.

    `departs` says whether it has fravigelser that are or were in force.
    """
    keys = initiatives.order_by().values("pk")
    first = Assessment.objects.approved().filter(initiative__in=keys, corrects__isnull=True)
    years = {
        (initiative, document): approved_at.astimezone(COPENHAGEN).year
        for initiative, document, approved_at in first.values_list("initiative_id", "document_no", "approved_at")
        if approved_at
    }
    departures = Deviation.objects.filter(assessment=OuterRef("pk"), state__in=IN_FORCE)
    newest: Any = (
        Assessment.objects.latest_approved()
        .filter(initiative__in=keys)
        .annotate(departs=Exists(departures))
        .select_related("initiative__programme")
        .only(
            "no", "document_no", "doc_version", "from_stage", "to_phase", "to_track", "edition_id", "verdict",
            "initiative__number", "initiative__title", "initiative__programme__name", "initiative__programme__key",
        )
    )  # fmt: skip
    documents = list(newest.order_by("initiative__number", "document_no"))
    for document in documents:
        document.year = years[document.initiative_id, document.document_no]
    return documents


def _approved(documents: Iterable[Any]) -> Iterable[Fact]:
    for one in documents:
        url = reverse("assessments:detail", args=[one.initiative.number, one.no])
        text = f"{one}, egnet til ny fase: {one.get_verdict_display().lower()}"
        placed = (one.initiative, one.from_stage, one.to_track, one.year)
        yield Fact(What.APPROVED, *placed, text, url)
        if one.departs:
            yield Fact(What.DEPARTED, *placed, f"{text}, med fravigelse", url)


def _decided(initiatives: QuerySet[Initiative]) -> Iterable[Fact]:
    decisions = list(
        Decision.objects.in_force()
        .filter(initiative__in=initiatives.order_by().values("pk"))
        .select_related("initiative__programme")
        .prefetch_related("runs")
        .order_by("pk")
    )
    newest = {key: decision.pk for decision in decisions for key in _concerned(decision)}
    for decision in decisions:
        what = _BY_OUTCOME.get(decision.outcome)
        if decision.outcome in _WAITING and newest[decision.initiative_id] == decision.pk:
            what = What.WAITING
        if what is None:
            continue
        yield Fact(
            what,
            decision.initiative,
            *place_of(decision),
            decision.decided_on.year,
            f"{decision.sentence}, besluttet {danish(decision.decided_on)}",
            reverse("assessments:decision_detail", args=[decision.initiative.number, decision.no]),
        )


def place_of(decision: Decision) -> tuple[str, str]:
    """Return the phase that ends by the decision, and the track: the one gone to, else that of the phase."""
    runs = sorted(decision.runs.all(), key=lambda run: (run.initiative_id == decision.initiative_id, run.sequence))
    if not runs:
        return Stage.PROPOSAL.value, decision.to_track
    return runs[-1].phase, decision.to_track or runs[-1].track


def _concerned(decision: Decision) -> set[int]:
    return {decision.initiative_id, *(run.initiative_id for run in decision.runs.all())}


def _with_unknown(choices: type[TextChoices]) -> list[tuple[str, str]]:
    return [*((str(value), str(label)) for value, label in choices.choices), (UNKNOWN, "Ikke oplyst")]


def _place(key: tuple[str, str]) -> tuple[bool, int, int, str]:
    """The order of the lines: unknown last, phases as they follow, the newest year first, the rest by name."""
    value, label = key
    phase = list(_PHASES).index(value) if value in _PHASES else 0
    return value == UNKNOWN, phase, -int(value) if value.isdecimal() and len(value) == 4 else 0, label
