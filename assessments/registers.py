"""The register of fravigelser across the portfolio: which there are, by what, and what has become of them."""

from collections import Counter
from datetime import date
from typing import Any

from django import forms
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, ExtractYear, TruncDate

from assessments.models import Deviation, DeviationFollowUp
from phases.models import Criterion
from phases.terms import Ground, Phase
from portfolio import search
from portfolio.models import Programme
from susi.danish import fold, sort_key
from susi.dates import COPENHAGEN, danish
from susi.models import User
from susi.registers import ALL, RegisterForm

State = Deviation.State
MODEL = "model"
NONE = "none"
MINE = "me"
DUE = "due"
_STATES = [(state.value, state.label) for state in State if state != State.DRAFT]
SORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "review": ("Nærmeste opfølgning", ("is_closed", "review_on", "pk")),
    "newest": ("Nyeste først", ("-since", "-pk")),
    "initiative": ("Initiativ", ("initiative__sort_key", "initiative__number", "pk")),
    "criterion": ("Kriterie", ("code", "pk")),
}


def registered(user: User) -> QuerySet[Deviation]:
    """Return the fravigelser `user` may see, with what the register says of each: `code` of the criterion ("" for the
    phase model), the phase gone `to_phase`, the day it has been in force `since`, when it was `last_followed_up`, and
    `is_closed`, which puts first those that are followed up.
    """
    follow_ups = DeviationFollowUp.objects.filter(deviation=OuterRef("pk")).order_by("-written_at")
    return (
        Deviation.objects.visible_to(user)
        .annotate(
            code=Coalesce("criterion__code", Value("")),
            to_phase=Coalesce("assessment__to_phase", "decision__to_phase"),
            year=Case(
                When(assessment__isnull=False, then=ExtractYear("assessment__approved_at", tzinfo=COPENHAGEN)),
                default=ExtractYear("decision__decided_on"),
                output_field=IntegerField(),
            ),
            since=Coalesce(TruncDate("assessment__approved_at", tzinfo=COPENHAGEN), "decision__decided_on"),
            is_closed=Case(When(state=State.OPEN, then=0), default=1, output_field=IntegerField()),
            last_followed_up=Subquery(follow_ups.values("written_at")[:1]),
        )
        .select_related("criterion", "owner", "initiative__programme", "assessment", "decision")
        .defer("search_text", "assessment__sealed_data", "assessment__search_text")
    )


class DeviationFilter(RegisterForm):
    """The filters of the register."""

    q = forms.CharField(
        label="Fritekst",
        required=False,
        max_length=200,
        help_text="Søger i begrundelse, håndtering, initiativets nummer og titel. Alle ord skal være der.",
    )
    state = forms.ChoiceField(label="Tilstand", required=False, choices=[ALL, (DUE, "Åben, opfølgning nu"), *_STATES])
    criterion = forms.ChoiceField(label="Kriterie", required=False)
    ground = forms.ChoiceField(label="Grundlag", required=False, choices=[ALL, *Ground.choices])
    phase = forms.ChoiceField(label="Fase, der overgås til", required=False, choices=[ALL, *Phase.choices])
    owner = forms.ChoiceField(label="Ansvarlig", required=False)
    year = forms.ChoiceField(label="År", required=False)
    programme = forms.ChoiceField(label="Program", required=False)
    sort = forms.ChoiceField(
        label="Sortér efter", required=False, choices=[(key, label) for key, (label, _) in SORTS.items()]
    )

    def __init__(self, *args: Any, rows: QuerySet[Deviation], day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows, self.day = rows, day
        told: Any = rows.order_by().values_list("criterion", "owner", "year")  # type: ignore[misc]
        found = list(told.distinct())
        owners = User.objects.in_bulk({owner for _, owner, _ in found if owner})
        named = sorted(((str(pk), str(one)) for pk, one in owners.items()), key=lambda one: sort_key(one[1]))
        offered: dict[str, list[tuple[str, str]]] = {
            "criterion": [*_criteria({pk for pk, *_ in found if pk}), (MODEL, "Fasemodellen (screening udeladt)")],
            "owner": [(MINE, "Mig"), *named],
            "year": [(str(year), str(year)) for year in sorted({one[2] for one in found if one[2]}, reverse=True)],
            "programme": [*Programme.objects.values_list("key", "name"), (NONE, "Uden program")],
        }
        for name, choices in offered.items():
            self.fields[name].choices = [ALL, *choices]  # type: ignore[attr-defined]

    def found(self, user: User) -> QuerySet[Deviation]:
        """Return the rows that fit everything that is understood of the address, in its order."""
        rows = self.rows
        for name, value in self.cleaned_data.items():
            if value and name != "sort":
                rows = rows.filter(self._condition(name, value, user))
        return rows.order_by(*SORTS[self.order][1])

    @property
    def order(self) -> str:
        return self.cleaned_data.get("sort") or next(iter(SORTS))

    def _condition(self, name: str, value: str, user: User) -> Q:
        match name:
            case "q":
                return _holding(search.words_of(value))
            case "state":
                due = Q(state=State.OPEN, review_on__lte=self.day)
                return due if value == DUE else Q(state=value)
            case "criterion":
                return Q(criterion__isnull=True) if value == MODEL else Q(criterion=value)
            case "ground":
                return Q(**{value: True})
            case "phase":
                return Q(to_phase=value)
            case "owner":
                return Q(owner=user.pk if value == MINE else value)
            case "year":
                return Q(year=value)
            case _:
                return Q(initiative__programme=None) if value == NONE else Q(initiative__programme__key=value)


def _criteria(pks: set[int]) -> list[tuple[str, str]]:
    """Return the criteria departed from, by code; the edition is named, since the same code may be in several."""
    found = Criterion.objects.filter(pk__in=pks).select_related("theme__edition").order_by("code", "-theme__edition")
    return [(str(one.pk), f"{one.code} ({one.theme.edition})") for one in found]


def _holding(words: list[str]) -> Q:
    condition = Q()
    for word in words:
        condition &= Q(search_text__contains=word) | Q(initiative__search_text__contains=fold(word))
    return condition


def in_a_sentence(rows: QuerySet[Deviation], day: date) -> str:
    """Return how many there are and in what state: "12 fravigelser: 5 åbne, heraf 2 med opfølgning nu, 7 afklarede"."""
    told = rows.order_by().values_list("state", "review_on")
    counts: Counter[str] = Counter()
    due = 0
    for state, review_on in told:
        counts[state] += 1
        due += state == State.OPEN and review_on is not None and review_on <= day
    parts = [
        f"{counts[state]} {one if counts[state] == 1 else several}"
        + (f", heraf {due} med opfølgning nu" if due and state == State.OPEN else "")
        for state, (one, several) in _IN_STATE.items()
        if counts[state]
    ]
    number = sum(counts.values())
    head = f"{number} fravigelse{'' if number == 1 else 'r'}"
    return f"{head}: {', '.join(parts)}" if parts else head


_IN_STATE = {
    State.OPEN: ("åben", "åbne"),
    State.SETTLED: ("afklaret", "afklarede"),
    State.FAILED: ("med håndtering, der ikke lykkedes", "med håndtering, der ikke lykkedes"),
    State.REPLACED: ("erstattet af en rettet version", "erstattede af en rettet version"),
    State.ANNULLED: ("annulleret", "annullerede"),
}


def written_in(row: Any) -> str:
    """Return the document it was written in: "SUSI-vurdering 2026-014-1, version 2", "Beslutning 2026-014-3"."""
    number = row.initiative.number
    if row.assessment:
        return f"SUSI-vurdering {number}-{row.assessment.document_no}, version {row.assessment.doc_version}"
    return f"Beslutning {number}-{row.decision.no}"


COLUMNS: dict[str, Any] = {
    "Initiativ": lambda row: row.initiative.number,
    "Titel": lambda row: row.initiative.title,
    "Program": lambda row: str(row.initiative.programme or ""),
    "Kriterie": lambda row: row.code or "Fasemodellen",
    "Fase, der overgås til": lambda row: Phase(row.to_phase).label if row.to_phase else "",
    "Grundlag": lambda row: ", ".join(ground.label for ground in row.grounds),
    "Begrundelse": lambda row: row.reason,
    "Håndtering": lambda row: row.handling,
    "Ansvarlig": lambda row: str(row.owner or ""),
    "I kraft": lambda row: row.since,
    "Følges op": lambda row: row.review_on,
    "Senest fulgt op": lambda row: danish(row.last_followed_up) if row.last_followed_up else "",
    "Tilstand": lambda row: row.get_state_display(),
    "Skrevet i": written_in,
}
PRINTED = {
    "Initiativ": 7, "Titel": 14, "Kriterie": 7, "Grundlag": 8, "Begrundelse": 20, "Håndtering": 20, "Ansvarlig": 8,
    "Følges op": 8, "Tilstand": 8,
}  # fmt: skip
