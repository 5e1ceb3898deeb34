"""The filters of the initiative list, in any combination, as parameters of the address."""

from collections import Counter
from collections.abc import Hashable
from datetime import date
from functools import cache, lru_cache
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode

from phases.models import PhaseDefinition
from phases.terms import Outcome, Phase, Stage, Track
from portfolio import search, sorting
from portfolio.models import Agreement, Initiative, PhaseRun, Programme, TargetGroup
from portfolio.models.initiative import shown_to
from portfolio.outlook import (
    Roles,
    beyond_typical_length,
    has_outcome,
    longest_by_phase,
    waits_for_agreement,
    within_by_pauses,
)
from portfolio.standing import Standing, left_open, present_runs, surely_going_on
from susi.danish import fold, sort_key
from susi.dates import surely_before
from susi.days import DAY, today
from susi.forms import DrawnOnce, Form
from susi.http import UserRequest
from susi.models import User
from susi.phase_model import WITH_TRACKS
from susi.prepared import Prepared

UNKNOWN = "unknown"
NONE = "none"
NOT_ENDED = "not_ended"
MINE = "me"
YES, NO = "yes", "no"
OVERDUE = "overdue"
BEYOND = "beyond"
WAITING = "waiting"
AHEAD = "ahead"
SEEN_FIRST = ("q", "phase", "track", "status", "deviations")
_STATUSES_BESIDES = [(NOT_ENDED, "Ikke afsluttet"), (WAITING, "Afventer en kommende aftale (også forslag)")]
_NO_FILTER = ("sort",)
_A_FEW_WORDS = 5  # of the free text, of which it is told what is found without each
_ASKS_FIRST = {"deviations", "length", "transition"}  # their conditions hold what they have found
_GONE = (
    "Valget findes ikke på listen (længere), og listen er derfor ikke filtreret efter det. "
    "Vælg en af mulighederne på listen."
)


class _FilterForm(Form):
    """Says of a bookmark whose choice is gone that it was not used."""

    bound_field_class = DrawnOnce

    def full_clean(self) -> None:
        for name, field in self.fields.items():
            if name not in _NO_FILTER:
                field.error_messages["invalid_choice"] = _GONE
        super().full_clean()


class _Choices(tuple):
    """What can be chosen, taken over and never copied: a filter set and its form are copied for every page."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Choices":
        return self


def _choice(label: str, method: str | None = None, **options: Any) -> django_filters.ChoiceFilter:
    choices = {"choices": _Choices(options["choices"])} if "choices" in options else {}
    return django_filters.ChoiceFilter(label=label, method=method, **{"empty_label": "Alle", **options, **choices})


class InitiativeFilter(django_filters.FilterSet):
    """Filters initiatives fetched `with_standing`. `request` is needed: the text and "Mig" depend on who asks."""

    request: UserRequest

    q = django_filters.CharFilter(
        label="Fritekst",
        method="filter_text",
        max_length=200,
        help_text="Søger i nummer, titel, problem, indsats, finansieringskilde, journalnummer, SUSI-vurderinger og "
        "fravigelser. Alle ord skal være der, i vilkårlig rækkefølge.",
    )
    phase = _choice(
        "Fase", "filter_present_runs", choices=[(Stage.PROPOSAL.value, Stage.PROPOSAL.label), *Phase.choices]
    )
    track = _choice("Spor", "filter_present_runs", choices=[*Track.choices, (UNKNOWN, "Spor ikke oplyst")])
    status = _choice("Status", "filter_status", choices=[*_STATUSES_BESIDES, *Standing.choices])
    deviations = _choice("Åbne fravigelser", "filter_deviations", choices=[(YES, "Ja"), (NO, "Nej")])
    programme = _choice("Program", field_name="programme__key", null_label="Uden program", null_value=NONE)
    agreement = _choice("Aftale", field_name="agreements", null_label="Uden aftale", null_value=NONE)
    year = _choice("Aftaleår", "filter_year")
    target_group = _choice("Målgruppe", field_name="target_groups__key", null_label="Ikke oplyst", null_value=NONE)
    lead = _choice("Initiativansvarlig", "filter_lead")
    outcome = _choice("Udfald", "filter_outcome", choices=[*Outcome.choices, (UNKNOWN, "Ikke oplyst")])
    funding = _choice("Anden finansieringskilde", "filter_funding", choices=[(YES, "Oplyst"), (NO, "Ikke oplyst")])
    expected_end = _choice(
        "Forventet afslutning", "filter_expected_end", choices=[(OVERDUE, "Overskredet"), (UNKNOWN, "Ikke oplyst")]
    )
    length = _choice("Tid i fasen", "filter_length", choices=[(BEYOND, "Længere end typisk")])
    transition = _choice("Faseovergang", "filter_transition", choices=[(AHEAD, "På vej")])
    sort = _choice("Sortér efter", "leave", empty_label=None, choices=sorting.CHOICES)

    class Meta:
        model = Initiative
        fields: list[str] = []
        form = _FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes, self.agreements = _programmes_and_agreements()
        self.leads = {user.pk: str(user) for user in _leading(self.request.user.roles).rows()}
        leads = sorted(self.leads.items(), key=lambda lead: (sort_key(lead[1]), lead[0]))
        choices: dict[str, list[tuple[Any, str]]] = {
            "programme": [(one.key, one.name) for one in programmes],
            "target_group": _target_groups().rows(),
            "agreement": [(str(pk), str(one)) for pk, one in self.agreements.items()],
            "year": [(str(year), str(year)) for year in sorted({one.year for one in self.agreements.values()})],
            "lead": [
                (MINE, "Mig, som ansvarlig eller medarbejder"),
                (NONE, "Ingen udpeget"),
                *((str(pk), name) for pk, name in leads),
            ],
        }
        for name, offered in choices.items():
            self.filters[name].extra["choices"] = _Choices(offered)

    @property
    def words(self) -> list[str]:
        """The words of the free text, folded. Asked after the filtering."""
        return search.words_of(self.form.cleaned_data.get("q") or "") if self.is_bound else []

    @cached_property
    def _holding_the_words(self) -> Any:
        return search.holding(self.words, self.request.user)

    def filter_text(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        """Keep those whose texts hold every word, in whatever order (`portfolio.search`)."""
        return initiatives.filter(self._holding_the_words)

    def filter_status(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        if value == NOT_ENDED:
            return initiatives.exclude(phase=Stage.ENDED)
        if value == WAITING:
            return initiatives.filter(waits_for_agreement())
        return initiatives.filter(standing=value)

    def filter_deviations(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        having = Initiative.objects.with_open_deviations().order_by().values("pk")
        return initiatives.filter(pk__in=having) if value == YES else initiatives.exclude(pk__in=having)

    def filter_year(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        rests_on = Initiative.agreements.through.objects.filter(agreement__year=value)
        return initiatives.filter(pk__in=rests_on.values("initiative"))

    def filter_lead(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        if value == MINE:
            return initiatives.worked_on_by(self.request.user)  # type: ignore[attr-defined]
        return initiatives.filter(lead=None if value == NONE else value)

    def filter_outcome(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        """Ask what is stated or decided of the present run, and of what never began a phase what was decided last."""
        return initiatives.filter(Q(current_run__outcome="") if value == UNKNOWN else has_outcome(value))

    def filter_funding(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        return initiatives.exclude(funding="") if value == YES else initiatives.filter(funding="")

    def filter_expected_end(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        """Ask of the phase that is open when it was expected to end; a month or a year is over when all of it is."""
        if value == UNKNOWN:
            return initiatives.filter(current_run__state=PhaseRun.State.OPEN, current_run__expected_end__isnull=True)
        return initiatives.filter(surely_going_on(), surely_before("current_run__expected_end", self._day))

    def filter_length(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        longest = longest_by_phase(PhaseDefinition.objects.in_force(self._day))
        return initiatives.filter(beyond_typical_length(self._day, longest, within_by_pauses(self._day, longest)))

    def filter_transition(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        """Ask of the SUSI-vurderinger the user may see, as the overview does."""
        assessments: Any = Initiative._meta.get_field("assessments").related_model
        ahead = assessments.objects.visible_to(self.request.user).ahead()
        return initiatives.filter(pk__in=ahead.order_by().values("initiative"))

    @property
    def _day(self) -> date:
        """The day the list is of."""
        return getattr(self.request, "day", None) or today()

    def filter_present_runs(self, initiatives: QuerySet, name: str, value: str) -> QuerySet:
        """Pass on: phase and track are asked of one and the same run, in `_narrowed`."""
        return initiatives

    leave = filter_present_runs

    @property
    def depends_on(self) -> Hashable:
        """Return what its query is made from; None where it holds what a filter or the order has found first."""
        chosen = {name: value for name, value in self.form.cleaned_data.items() if value}
        if chosen.keys() & _ASKS_FIRST or self.order.removeprefix("-") in sorting.ASKS_FIRST:
            return None
        if "q" in chosen:
            if not self._holding_the_words.is_told:
                return None
            chosen["q"] = True
        user = self.request.user
        people = user.acts_for if chosen.get("lead") == MINE else None
        return user.roles, people, self._day, tuple(chosen.items())

    @property
    def told(self) -> dict[str, Any]:
        """What its query is told when it is asked."""
        held = self._holding_the_words if self.form.cleaned_data.get("q") else None
        return {held.name: held.keys} if held else {}

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        chosen = self.form.cleaned_data
        return self._narrowed(queryset, chosen).order_by(*sorting.order(chosen.get("sort") or sorting.DEFAULT))

    def _narrowed(self, queryset: QuerySet, chosen: dict[str, Any]) -> QuerySet:
        for name, value in chosen.items():
            queryset = self.filters[name].filter(queryset, value)
        phase, track = chosen.get("phase"), chosen.get("track")
        if phase == Stage.PROPOSAL:
            queryset = queryset.filter(phase=phase)
        if phase in Phase.values or track:
            runs = present_runs().filter(initiative=OuterRef("pk"))
            runs = runs.filter(phase=phase) if phase in Phase.values else runs
            runs = runs.filter(track=track) if track in Track.values else runs
            runs = runs.filter(track="").exclude(phase=Phase.SCREENING) if track == UNKNOWN else runs
            queryset = queryset.filter(Exists(runs))
        return queryset

    def chosen(self) -> list[dict[str, str]]:
        """Return what is filtered by, in the order of the form: `name`, `label`, `words`, and `without`, the address
        of the same page without it. Asked after the filtering.
        """
        if not self.is_bound:
            return []
        chosen = self.form.cleaned_data
        return [
            {
                "name": field.name,
                "label": str(field.label),
                "words": _words(field.field, value),
                "without": self._address(without=(field.name,)),
            }
            for field in self.form
            if field.name not in _NO_FILTER and (value := chosen.get(field.name))
        ]

    def without_any(self) -> str:
        """Return the address of the same page without any filter, in the same order and as of the same day."""
        return self._address(without=tuple(name for name in self.filters if name not in _NO_FILTER))

    def wider(self) -> list[dict[str, Any]]:
        """Return `chosen`, each with `hits`: how many initiatives there are without that one filter.

        One query for each filter that is chosen.
        """
        given = self.form.cleaned_data
        return [
            {**one, "hits": self._narrowed(self.queryset, {**given, one["name"]: ""}).order_by().count()}
            for one in self.chosen()
        ]

    def without_a_word(self) -> list[dict[str, Any]]:
        """Return the words of the free text without which something is found, where there are a few: `word`, `without`,
        the address of the same page without it, and `hits`. At most three queries for each word and one more.
        """
        given = self.form.cleaned_data
        words = list(dict.fromkeys((given.get("q") or "").split()))
        if not 1 < len(words) <= _A_FEW_WORDS:
            return []
        nowhere = set(search.held_nowhere([fold(word) for word in words]))  # without another word, there is still this
        beside = self._narrowed(self.queryset, {**given, "q": ""}).order_by()
        found = []
        for word in (word for word in words if nowhere <= {fold(word)}):
            text = " ".join(one for one in words if one != word)
            hits = beside.filter(search.holding(search.words_of(text), self.request.user)).count()
            found.append({"word": word, "without": self._address(without=("q",), q=text), "hits": hits})
        return [one for one in found if one["hits"]]

    def _address(self, *, without: tuple[str, ...], **instead: str) -> str:
        kept = [(key, value) for key, value in self.data.items() if value and key not in (*without, "page")]
        kept += instead.items()
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    @property
    def order(self) -> str:
        """The order chosen, a key of `sorting.CHOICES`."""
        chosen = self.form.cleaned_data.get("sort") if self.is_bound else ""
        return chosen or sorting.DEFAULT


def _programmes_and_agreements() -> tuple[list[Programme], dict[int, Agreement]]:
    """Return all programmes in their order and all agreements by key in theirs, in one query."""
    programmes: dict[int, Programme] = {}
    agreements: dict[int, Agreement] = {}
    for pk, key, name, agreement, year in _with_agreements().rows():
        programme = programmes.setdefault(pk, Programme(pk=pk, key=key, name=name))
        if agreement:
            agreements[agreement] = Agreement(pk=agreement, programme=programme, year=year)
    return list(programmes.values()), agreements


@cache
def _with_agreements() -> Prepared:
    found = Programme.objects.order_by("since", "pk", "agreements__year")
    return Prepared(found.values_list("pk", "key", "name", "agreements", "agreements__year"))


@cache
def _target_groups() -> Prepared:
    return Prepared(TargetGroup.objects.values_list("key", "name"))


@lru_cache(maxsize=100)
def _leading(roles: Roles) -> Prepared:
    """The query of those who lead any initiative that `roles` may see."""
    led = Initiative.objects.visible_by(roles).order_by().filter(lead=OuterRef("pk"))
    return Prepared(User.objects.filter(Exists(led)).only("username", "first_name", "last_name"))


def _words(field: forms.Field, value: Any) -> str:
    """Return the choice `value` of `field` as a person reads it."""
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices)[value])  # type: ignore[arg-type]
    return f"»{value}«"


def phase_model(roles: Roles, day: str = "") -> tuple[list[dict[str, Any]], int]:
    """Return how many of the initiatives `roles` may see are in each phase and track and have not ended, for the phase
    model, and of how many of them it is not known whether they have ended. One query.

    A row that counts as several counts as them, as in Bilag 1; one that runs two phases together counts in both.
    `url` of a cell finds the same ones in the list, as of `day` where one is given ("31.10.2026").
    """
    counts: Counter[tuple[str, str]] = Counter()
    unknown = 0
    for phase, track, is_unknown, count in _going_on(roles).rows():
        counts[phase, track if phase in WITH_TRACKS else ""] += count
        unknown += count if is_unknown else 0
    places = [(phase, track) for phase in Phase for track in (["1", "2", ""] if phase in WITH_TRACKS else [""])]
    cells = [
        {"phase": phase.value, "track": track, "count": counts[phase, track], "url": _list_of(phase, track, day)}
        for phase, track in places
    ]
    return cells, unknown


@lru_cache(maxsize=100)
def _going_on(roles: Roles) -> Prepared:
    """The query of how many are in each phase and track, and of whether a source leaves open if they have ended: told
    where their open phase is counted, not where another is that is run together with it. What has not ended has an open
    phase, which the database finds first.
    """
    not_ended = ~Q(initiative__phase=Stage.ENDED) & Q(initiative__current_run__state=PhaseRun.State.OPEN)
    is_unknown = Q(state=PhaseRun.State.OPEN) & left_open("initiative__")
    return Prepared(
        present_runs()
        .filter(shown_to(roles, "initiative__"), not_ended)
        .order_by()
        .values_list("phase", "track", Case(When(is_unknown, then=Value(1)), default=Value(0)))
        .annotate(count=Sum("initiative__counts_as"))
    )


@lru_cache(maxsize=500)
def _list_of(phase: Phase, track: str, day: str) -> str:
    chosen = {"phase": phase.value, "status": NOT_ENDED}
    if phase in WITH_TRACKS:
        chosen["track"] = track or UNKNOWN
    if day:
        chosen[DAY] = day
    return f"{reverse('portfolio:initiative_list')}?{urlencode(chosen)}"
