"""The agreement's year: what is recommended for a coming agreement, how ready it is, and what came of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from assessments.models import Assessment, Deviation
from assessments.models.assessment import of_present_phase
from assessments.outlook import readiness_of
from phases.gates import Readiness
from phases.terms import Phase, Recommendation, Stage
from portfolio.models import Agreement, AgreementEntry, Initiative
from portfolio.outlook import recommended_for
from susi.models import User

Result = AgreementEntry.Result


@dataclass(frozen=True)
class Line:
    """An initiative in the agreement's year. `assessment` is what a decision now rests on, `readiness` how far it is;
    `seen` is the number of its newest decision, 0 for none.
    """

    initiative: Any
    entry: AgreementEntry | None
    assessment: Assessment | None = None
    readiness: Readiness | None = None
    seen: int = 0

    @property
    def seen_ground(self) -> int:
        return self.assessment.pk if self.assessment else 0

    @property
    def sought(self) -> int | None:
        return self.entry.sought if self.entry else None

    @property
    def where_to(self) -> str:
        """Where it goes on if it is prioritised: "Modning, spor 1"; "Screening" for a proposal; "" where unknown."""
        if self.assessment:
            track = self.assessment.get_to_track_display().lower() if self.assessment.to_track else ""
            return ", ".join(filter(None, [self.assessment.get_to_phase_display(), track]))
        return Phase.SCREENING.label if self.initiative.is_proposal else ""

    @property
    def readiness_words(self) -> str:
        """How ready it is, in a sentence."""
        if self.readiness:
            one = self.readiness
            return f"{one.met} opfyldt, {one.explained} forklaret, {one.missing} mangler"
        if self.assessment and self.assessment.recommendation == Recommendation.STOP:
            return "SUSI-vurderingen indstiller til, at det ikke videreføres"
        if self.initiative.is_proposal:
            return "Screening har ingen kriterier"
        return "Ingen godkendt SUSI-vurdering"

    @property
    def enters_model(self) -> bool:
        """Whether going on lets it enter the model, so that the conditions for that are judged now."""
        return self.initiative.is_proposal and self.assessment is None

    @property
    def result_words(self) -> str:
        if self.entry is None or not self.entry.is_settled:
            return "Indstillet"
        return self.entry.get_result_display()


@dataclass(frozen=True)
class Year:
    """An agreement with the `lines` that wait for it and those that are settled."""

    agreement: Agreement
    waiting: list[Line]
    settled: list[Line]

    @property
    def sought(self) -> int:
        """The sum of what is sought, as far as it is stated: also for what is settled."""
        return sum(line.sought or 0 for line in self.lines)

    @property
    def unstated(self) -> int:
        """Of how many no amount is stated."""
        return sum(1 for line in self.lines if line.sought is None)

    @property
    def prioritised(self) -> int:
        return sum((line.entry and line.entry.prioritised) or 0 for line in self.settled)

    @property
    def lines(self) -> list[Line]:
        return [*self.waiting, *self.settled]


def years(user: User) -> tuple[list[Year], list[Initiative]]:
    """Return the agreements something waits for or was settled under, the newest first, without what a decision rests
    on; and the initiatives that wait for an agreement no one names. Three queries.
    """
    visible = Initiative.objects.visible_to(user)
    waiting: dict[int | None, list[Any]] = defaultdict(list)
    for one in recommended_for(visible):
        waiting[one.coming_agreement].append(one)
    entries = _entries(visible)
    settled = {entry.agreement_id for entry in entries if entry.is_settled}
    agreements = Agreement.objects.filter(pk__in={pk for pk in waiting if pk} | settled).select_related("programme")
    found = [
        _year(agreement, waiting[agreement.pk], entries) for agreement in agreements.order_by("-year", "programme")
    ]
    return found, waiting[None]


def year_of(agreement: Agreement, user: User) -> Year:
    """Return the agreement's year with everything its page shows, in a constant number of queries."""
    visible = Initiative.objects.visible_to(user)
    waiting = list(recommended_for(visible).filter(coming_agreement=agreement.pk).select_related("current_run"))
    grounds = _grounds(one.pk for one in waiting)
    ready = readiness_of([one for one in grounds.values() if one.recommendation != Recommendation.STOP])
    year = _year(agreement, waiting, _entries(visible.filter(agreement_entries__agreement=agreement)))
    lines = []
    for line in year.waiting:
        ground = grounds.get(line.initiative.pk)
        ready_now = ready.get(ground.pk) if ground else None
        lines.append(Line(line.initiative, line.entry, ground, ready_now, line.initiative.last_no or 0))
    return Year(agreement, lines, year.settled)


def _entries(initiatives: QuerySet[Initiative]) -> list[AgreementEntry]:
    found = AgreementEntry.objects.filter(initiative__in=initiatives.order_by().values("pk"))
    return list(
        found.select_related("initiative", "decision__initiative", "settled_by").order_by(
            "initiative__sort_key", "initiative__number"
        )
    )


def _year(agreement: Agreement, waiting: Iterable[Any], entries: list[AgreementEntry]) -> Year:
    mine = {entry.initiative_id: entry for entry in entries if entry.agreement_id == agreement.pk}
    settled = [Line(entry.initiative, entry) for entry in mine.values() if entry.is_settled]
    return Year(agreement, [Line(one, mine.get(one.pk)) for one in waiting], settled)


def _grounds(initiatives: Iterable[int]) -> dict[int, Assessment]:
    """Return what a decision now would rest on, by initiative: the rule of `grounds_for`, asked of many."""
    found = Assessment.objects.filter(of_present_phase(), initiative__in=list(initiatives))
    in_force = Deviation.objects.exclude(state=Deviation.State.ANNULLED).defer("search_text")
    newest_last = (
        found.select_related("initiative", "edition")
        .defer("sealed_data")
        .prefetch_related(Prefetch("deviations", in_force, to_attr="departures"))
        .order_by("document_no")
    )
    return {one.initiative_id: one for one in newest_last}


COLUMNS: dict[str, Any] = {
    "Nummer": lambda line: line.initiative.number,
    "Initiativ": lambda line: line.initiative.title,
    "Står i": lambda line: str(Stage(line.initiative.phase).label),
    "Overgår til": lambda line: line.where_to,
    "Søgt (kr.)": lambda line: line.sought,
    "Parathed": lambda line: "" if line.entry and line.entry.is_settled else line.readiness_words,
    "Bemærkning": lambda line: line.entry.note if line.entry else "",
    "Udfald": lambda line: line.result_words,
    "Prioriteret (kr.)": lambda line: line.entry.prioritised if line.entry and line.entry.is_settled else None,
    "Begrundelse": lambda line: line.entry.decision.reason if line.entry and line.entry.is_settled else "",
}
PRINTED = {
    "Nummer": 6, "Initiativ": 18, "Står i": 8, "Overgår til": 10, "Søgt (kr.)": 10, "Parathed": 12, "Bemærkning": 14,
    "Udfald": 12, "Prioriteret (kr.)": 10,
}  # fmt: skip
