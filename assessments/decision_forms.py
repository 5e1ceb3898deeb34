"""The forms of a decision on a transition, and of its reversal. What may be decided is asked of the action."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from assessments.actions.decisions import (
    ContinueIn,
    DecisionInput,
    findings_so_far,
    grounds_for,
    last_decision_no,
    unexplained_by_grounds,
)
from assessments.contents import Contents, CriterionContents
from assessments.decision_parts import (
    CONDITION_PREFIX,
    DEVIATION_PREFIX,
    AgreementChoice,
    ConditionForm,
    DependentField,
    InitiativeChoice,
    OwnDeviationForm,
    Problem,
    problems_of,
)
from assessments.facts import grounds_facts
from assessments.forms import text
from assessments.inputs import DeviationInput
from assessments.models import Assessment
from phases.gates import Finding, departs_from_recommendation, needs_weighing
from phases.machine import phases_after
from phases.models import Criterion, Edition, EntryCondition
from phases.terms import Outcome, Phase, Stage, Track
from portfolio.models import Decision, Initiative
from susi.dates import DateField, danish
from susi.errors import Refused
from susi.forms import Form, ModelMultipleChoiceField


class DecisionForm(Form):
    """What is decided of `initiative`. Only what applies to the chosen outcome is read; the page folds the rest.

    `grounds` are the approved assessments the decision would rest on, and `open_assessments` those still under way,
    of the initiatives merged with too.
    """

    bound_field_class = DependentField

    seen = forms.IntegerField(widget=forms.HiddenInput)
    seen_ground = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="Hvad er besluttet?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Vælg, hvad der er besluttet.",
            "invalid_choice": "Det kan ikke besluttes, som initiativet står nu.",
        },
    )
    decided_by = forms.ChoiceField(
        label="Hvem har besluttet det?",
        choices=Decision.DecidedBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Vælg, hvem der har besluttet det."},
    )
    decided_on = DateField(
        label="Hvornår er det besluttet?",
        error_messages={"required": "Skriv den dag, beslutningen blev truffet."},
    )
    agreement = AgreementChoice(
        label="Aftale",
        required=False,
        empty_label="Ingen aftale",
        help_text="Den aftale, beslutningen er truffet under. Indstilles initiativet, er det den kommende aftale.",
    )
    to_phase = forms.ChoiceField(label="Fase, der overgås til", widget=forms.RadioSelect, required=False)
    to_track = forms.ChoiceField(label="Spor", choices=Track.choices, widget=forms.RadioSelect, required=False)
    then_phase = forms.ChoiceField(
        label="Gennemføres samlet med",
        required=False,
        help_text="Vælg kun en fase her, hvis to faser gennemføres samlet, fx screening og modning.",
    )
    continue_in = forms.ChoiceField(
        label="Hvor føres arbejdet videre?",
        widget=forms.RadioSelect,
        required=False,
        initial=ContinueIn.SAME,
        choices=[
            (ContinueIn.SAME.value, "I det samme initiativ"),
            (ContinueIn.NEW.value, "I et nyt initiativ med egen titel"),
            (ContinueIn.EXISTING.value, "I et initiativ, der allerede er i gang"),
        ],
    )
    new_title = forms.CharField(label="Det nye initiativs titel", max_length=300, required=False)
    existing = InitiativeChoice(
        queryset=Initiative.objects.none(),
        label="Initiativ, der føres videre i",
        required=False,
        empty_label="Vælg et initiativ",
    )
    split_title = forms.CharField(
        label="Titel på et udskilt initiativ",
        max_length=300,
        required=False,
        help_text="Udfyld kun feltet, hvis et udvalg af kerneelementer skal afprøves for sig i spor 1, mens helheden "
        "fortsætter i spor 2. Det bliver et nyt forslag, som får sin egen SUSI-vurdering.",
    )
    merged = ModelMultipleChoiceField(
        queryset=Initiative.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label="Føres videre sammen med",
        required=False,
        help_text="Andre initiativer, der er vurderet til den samme overgang. Beslutningen gælder også dem.",
    )
    awaits = InitiativeChoice(
        queryset=Initiative.objects.none(),
        label="Initiativ, der afventes",
        required=False,
        empty_label="Intet initiativ",
        help_text="Afventes der noget andet, så vælg aftalen eller skriv det i begrundelsen.",
    )
    reason = text("Begrundelse")
    departure_reason = text("Hvorfor afviges der fra indstillingen?")

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiative = initiative
        self._stated: list[str] = []
        own = grounds_for([initiative])
        self.initial.update(seen=last_decision_no(initiative), seen_ground=own[0].pk if own else 0)
        self._set_choices(own)
        self._set_hints()
        merged = self._merged_as_sent()
        self.grounds = [*own, *grounds_for(merged)]
        self.open_assessments = (
            Assessment.objects.open().filter(initiative__in=[initiative, *merged]).select_related("initiative")
        )
        self.departing_outcomes = self._departing_outcomes()
        if not self.departing_outcomes:
            del self.fields["departure_reason"]
        self.conditions = self._condition_forms()
        self.own_deviations = self._deviation_forms()

    def _set_choices(self, own: Sequence[Assessment]) -> None:
        others = Initiative.objects.exclude(pk=self.initiative.pk).exclude(phase=Stage.ENDED)
        others = others.select_related("current_run")
        phases = [] if self.initiative.phase == Stage.DISSEMINATION else phases_after(self.initiative.phase)
        later = [("", "Ingen anden fase"), *((phase.value, phase.label) for phase in phases[1:])]
        self._offer("outcome", outcomes(self.initiative))
        self._offer("to_phase", [(phase.value, phase.label) for phase in phases])
        self._offer("then_phase", later if self.initiative.phase in (Stage.PROPOSAL, Stage.SCREENING) else [])
        self._offer_initiatives("awaits", others)
        self._offer_initiatives("existing", others.filter(phase__in=phases))
        self._offer_initiatives("merged", merger_candidates(self.initiative, own))
        if not phases:
            del self.fields["to_track"]
        elif own:
            self.initial["to_phase"], self.initial["to_track"] = own[0].to_phase, own[0].to_track
        elif self.initiative.is_proposal:
            self.initial["to_phase"] = Phase.SCREENING
        if not phases or self.initiative.is_proposal:
            for name in ("continue_in", "new_title", "existing", "merged"):
                self.fields.pop(name, None)
        if not needs_weighing(self.initiative.phase, self.initiative.track):
            del self.fields["split_title"]

    def _set_hints(self) -> None:
        today = danish(timezone.localdate())
        self.fields["outcome"].help_text = _more_questions(self.initiative)
        self.fields[
            "decided_on"
        ].help_text = f"I dag er det {today}. Skriv datoen på samme måde. Den må gerne ligge tilbage i tiden."
        self.fields["reason"].help_text = _when_a_reason_is_due(self.initiative)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Let the field have these choices; without any it is not asked."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields[name]

    def _offer_initiatives(self, name: str, initiatives: QuerySet[Initiative]) -> None:
        self.fields[name].queryset = initiatives  # type: ignore[attr-defined]

    def _merged_as_sent(self) -> list[Initiative]:
        """The initiatives ticked, before the form is valid: their criteria may need a fravigelse too."""
        if not self.is_bound or "merged" not in self.fields:
            return []
        sent = self["merged"].data or []
        return [one for one in self.fields["merged"].queryset if str(one.pk) in sent]  # type: ignore[attr-defined]

    def _departing_outcomes(self) -> list[str]:
        facts = [grounds_facts(assessment) for assessment in self.grounds]
        return [value for value, _ in outcomes(self.initiative) if departs_from_recommendation(value, facts)]

    def _condition_forms(self) -> list[ConditionForm]:
        if not self.initiative.is_proposal:
            return []
        conditions = Edition.objects.current().entry_conditions.all()
        return [ConditionForm(self.data if self.is_bound else None, condition=one) for one in conditions]

    def _deviation_forms(self) -> list[OwnDeviationForm]:
        """One for each thing that is to be explained: a criterion as its assessment rates it, or the model."""
        rows: dict[Criterion | None, CriterionContents | None] = {}
        for assessment in self.grounds:
            left = unexplained_by_grounds([assessment.initiative])
            rated = {row.criterion: row for row in Contents(assessment).criteria} if any(left) else {}
            rows |= {criterion: rated[criterion] if criterion else None for criterion in left}
        return [OwnDeviationForm(self.data if self.is_bound else None, row=row) for row in rows.values()]

    @property
    def parts(self) -> list[Form]:
        """This form and those within it, in the order of the page."""
        return [self, *self.conditions, *self.own_deviations]

    @property
    def problems(self) -> list[Problem]:
        """What is wrong in this form and those within it, in the order of the page."""
        return [problem for form in self.parts for problem in problems_of(form, self._stated)]

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in self.conditions + self.own_deviations] + [super().is_valid()])

    @property
    def departing(self) -> str:
        """The outcomes that depart from the recommendation, for the page to fold by."""
        return " ".join(self.departing_outcomes)

    @property
    def seen_there(self) -> dict[str, int]:
        """What stood on the page when it was opened, as the action takes it. The form is valid."""
        return {name: self.cleaned_data[name] for name in ("seen", "seen_ground")}

    def wanted(self) -> DecisionInput:
        """Return what is decided, without what belongs to other outcomes than the one chosen. The form is valid."""
        outcome = self.cleaned_data["outcome"]
        common = {name: self.cleaned_data[name] for name in ("decided_by", "decided_on", "agreement", "reason")}
        if outcome in self.departing_outcomes:
            common["departure_reason"] = self.cleaned_data["departure_reason"]
        if outcome == Outcome.AWAITING:
            common["awaits"] = self.cleaned_data["awaits"]
        if outcome != Outcome.CONTINUED:
            return DecisionInput(outcome=outcome, **common)
        return DecisionInput(outcome=outcome, **common, **self._transition(), **self._destination())

    def _transition(self) -> dict[str, Any]:
        to_phase = self.cleaned_data["to_phase"]
        to_track = "" if to_phase == Phase.SCREENING else self.cleaned_data["to_track"]
        return {
            "to_phase": to_phase,
            "to_track": to_track,
            "deviations": self._deviations(),
            "entry": self._entry() if to_phase == Phase.SCREENING else {},
        }

    def _destination(self) -> dict[str, Any]:
        continue_in = ContinueIn(self.cleaned_data.get("continue_in") or ContinueIn.SAME)
        destination = {"continue_in": continue_in, "merged": list(self.cleaned_data.get("merged", []))}
        if continue_in == ContinueIn.NEW:
            return destination | {"new_title": self.cleaned_data["new_title"]}
        if continue_in == ContinueIn.EXISTING:
            return destination | {"existing": self.cleaned_data["existing"]}
        # The second phase follows the track entered; where that is screening, it is settled there.
        return destination | {name: self.cleaned_data.get(name, "") for name in ("then_phase", "split_title")}

    def _deviations(self) -> dict[Criterion | None, DeviationInput]:
        written = {form.criterion: form.written for form in self.own_deviations}
        return {criterion: deviation for criterion, deviation in written.items() if not deviation.is_empty}

    def _entry(self) -> dict[EntryCondition, tuple[bool | None, str]]:
        return {form.condition: (form.cleaned_data["met"], form.cleaned_data["note"]) for form in self.conditions}

    def tell_what_else(self) -> None:
        """Beside what cannot be read, tell what the rules find. The form is not valid.

        Only where nothing is wrong but in fields the rules hold against no other: who, when and why.
        """
        stands_in = {"decided_by": "", "decided_on": timezone.localdate()}
        stands_in |= {name: self[name].data for name in ("reason", "departure_reason") if name in self.fields}
        wrong = set(self.errors)
        if wrong - set(stands_in) or any(part.errors for part in self.parts[1:]):
            return
        self.cleaned_data |= {name: stands_in[name] for name in wrong}
        findings = [one for one in findings_so_far(self.initiative, self.wanted()) if one.code not in wrong]
        if findings:
            self.refuse(Refused(findings=findings))

    def refuse(self, refused: Refused) -> None:
        """Show each reason at the field that settles it, and the rest above the form."""
        self._stated = list(refused.sentences)
        for finding in refused.findings:
            self._show(finding)
        if not refused.findings:
            self.add_error(None, list(refused.sentences))

    def _show(self, finding: Finding) -> None:
        for condition in self.conditions:
            if finding.code in ("entry_unjudged", "entry_not_met") and condition.condition.code == finding.criterion:
                return condition.add_error("met", finding.sentence)
        for deviation in self.own_deviations:
            if deviation.settles(finding):
                return deviation.add_error(deviation.first_missing, finding.sentence)
        name = "awaits" if finding.code == "awaited" else finding.code
        return self.add_error(name if name in self.fields else None, finding.sentence)


class ReversalForm(Form):
    """Why a wrong decision is reversed."""

    reason = text(
        "Hvorfor omgøres beslutningen?",
        required=True,
        help_text="Begrundelsen vises sammen med beslutningen, og begge bliver stående.",
        error_messages={"required": "Skriv, hvorfor beslutningen omgøres."},
    )


def texts_in(sent: QueryDict) -> list[tuple[str, str]]:
    """Return (label, text) for every text sent, also of fields the form no longer asks for."""
    within = OwnDeviationForm.base_fields | ConditionForm.base_fields
    texts = []
    for name, written in sent.items():
        prefix, _, own_name = name.rpartition("-")
        field = (within if prefix else DecisionForm.base_fields).get(own_name)
        if type(field) is forms.CharField and str(written).strip():
            texts.append((" – ".join(filter(None, [_subject_of(prefix), str(field.label)])), str(written)))
    return texts


def _subject_of(prefix: str) -> str:
    """Return what the form with the `prefix` is about, as the browser sent it."""
    kind, _, key = prefix.rpartition("-")
    if kind == CONDITION_PREFIX:
        return f"Betingelse {key}"
    if kind != DEVIATION_PREFIX:
        return ""
    codes = {str(pk): code for pk, code in Criterion.objects.values_list("pk", "code")}
    return f"Kriterie {codes[key]}" if key in codes else "Fasemodellen"


def outcomes(initiative: Initiative) -> list[tuple[str, str]]:
    """Return what may be decided, in the agency's words: in udbredelse only that it waits or is ended."""
    awaiting = (Outcome.AWAITING.value, "Afventer")
    if initiative.phase == Stage.DISSEMINATION:
        return [(Outcome.STOPPED.value, "Afsluttes"), awaiting]
    begins = " (initiativet begynder i en fase)" if initiative.is_proposal else ""
    return [
        (Outcome.CONTINUED.value, f"Videreføres{begins}"),
        (Outcome.RECOMMENDED.value, "Indstilles til kommende aftale"),
        awaiting,
        (Outcome.STOPPED.value, "Videreføres ikke"),
    ]


def _more_questions(initiative: Initiative) -> str:
    """Return what the form goes on to ask where the initiative is carried on."""
    if initiative.phase == Stage.DISSEMINATION:
        return ""
    last = "om betingelserne er opfyldt" if initiative.is_proposal else "hvor arbejdet føres videre"
    return f"Vælger du Videreføres, kommer der flere spørgsmål: hvilken fase, hvilket spor, og {last}."


def _when_a_reason_is_due(initiative: Initiative) -> SafeString:
    """Return a sentence for each outcome; the page shows the one that applies to the outcome chosen."""
    ends = initiative.phase == Stage.DISSEMINATION
    goes_on = [Outcome.CONTINUED, Outcome.RECOMMENDED]
    sentences = [
        ([Outcome.STOPPED], f"Skal skrives, når initiativet {'afsluttes' if ends else 'ikke videreføres'}."),
        ([Outcome.AWAITING], "Skal skrives, når der afventes andet end en aftale eller et initiativ."),
        *([] if ends else [(goes_on, "Frivillig, når initiativet videreføres eller indstilles.")]),
    ]
    part = '<span data-when="outcome" data-is="{}">{}</span>'
    return format_html_join(" ", part, [(" ".join(outcomes), sentence) for outcomes, sentence in sentences])


def merger_candidates(initiative: Initiative, grounds: Sequence[Assessment]) -> QuerySet[Initiative]:
    """Return the other initiatives that are assessed, in their present phase, for the same transition."""
    if not grounds:
        return Initiative.objects.none()
    same = Assessment.objects.latest_approved().filter(
        to_phase=grounds[0].to_phase, to_track=grounds[0].to_track, run=F("initiative__current_run")
    )
    candidates = Initiative.objects.filter(pk__in=same.values("initiative")).exclude(pk=initiative.pk)
    return candidates.exclude(phase=Stage.ENDED)
