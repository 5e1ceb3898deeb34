"""The sections of the gate room: each is what one page shows, lets be written, and saves.

A section is made of forms over what is stored (`Contents`). What is valid of it is saved; see `DraftForm`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from assessments.actions import drafting
from assessments.addresses import CONCLUSION, ENTRY, FORMER
from assessments.contents import Contents, CriterionContents, FormerDeviation
from assessments.forms import (
    MOST_REFERENCES,
    ConclusionForm,
    CriterionForm,
    DeviationForm,
    DraftForm,
    EntryForm,
    FormerDeviationForm,
    ReferenceFormSet,
)
from assessments.inputs import CriterionInput, ReferenceInput
from assessments.models import EntryJudgement
from phases.gates import needs_weighing
from phases.models import EntryCondition
from phases.terms import Stage
from susi.dates import danish
from susi.forms import as_read, name_of
from susi.models import User
from work.documentation import Documentation


class Section(ABC):
    """One page of the gate room. `data` is what was posted, None to show what is stored."""

    key: str
    heading: str
    template: str
    forms: Sequence[DraftForm]

    def __init__(self, contents: Contents, data: Any = None) -> None:
        self.contents = contents
        self.assessment = contents.assessment
        self.data = data

    @property
    @abstractmethod
    def version(self) -> int:
        """The number of the stored text, which the next save must name."""

    @abstractmethod
    def save(self, *, by: User, version: int) -> int:
        """Save what is valid and return its version. Raises what the action raises."""

    @property
    def saved_by(self) -> User | None:
        return None

    @property
    def saved_at(self) -> datetime | None:
        return self.assessment.saved_at if self.version else None

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    def is_whole(self) -> bool:
        """Whether everything on the page was sent: what is missing must not be taken for emptied."""
        return all(form.is_whole for form in self.forms)

    @property
    def errors(self) -> dict[str, list[str]]:
        """The sentences by the name of the field in the page ("__all__" for those of no single field)."""
        return {
            name if name == "__all__" else form.add_prefix(name): [str(sentence) for sentence in sentences]
            for form in self.forms
            for name, sentences in form.errors.items()
        }

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (label, text) of everything the section holds, as a person reads it."""
        for form in self.forms:
            for field in form.visible_fields():
                yield name_of(field), as_read(field)

    def differences_from(self, stored: "Section") -> list[tuple[str, str, str]]:
        """Return (label, mine, theirs) of every text that is not the same in both."""
        pairs = zip(self.texts(), stored.texts(), strict=True)
        return [(label, mine, theirs) for (label, mine), (_, theirs) in pairs if mine != theirs]


class CriterionSection(Section):
    """One criterion: rating, reasoning, references and, where it is departed from, the fravigelse."""

    template = "assessments/_criterion.html"

    def __init__(self, contents: Contents, row: CriterionContents, data: Any = None) -> None:
        super().__init__(contents, data)
        self.row = row
        self.key, self.heading = row.code, f"Kriterie {row.code}"
        self.form = CriterionForm(data, initial={"value": row.rating.value, "reasoning": row.rating.reasoning})
        self.references = ReferenceFormSet(
            data,
            prefix="henvisning",
            initial=[
                {"title": one.title, "link": one.link, "case_document": one.case_document, "page": one.page}
                for one in row.references
            ],
        )
        for number, reference in enumerate(self.references.forms, start=1):
            reference.subject = f"Henvisning {number}"
        self.deviation = DeviationForm(data, deviation=row.deviation)
        self.documentation = contents.documentation.get(row.code, [])
        self.used: ReferenceInput | None = None

    def use(self, key: str, absolute: Callable[[str], str]) -> None:
        """Let the next save also refer to the documentation `key`; one that is not there is passed over.

        `absolute` makes a whole address of one of ours.
        """
        one = next((one for one in self.documentation if one.key == key), None)
        if one:
            self.used = _reference_to(one, absolute)

    @property
    def forms(self) -> list[DraftForm]:  # type: ignore[override]
        return [self.form, *self.references.forms, self.deviation]

    @property
    def version(self) -> int:
        return self.row.rating.version

    @property
    def saved_by(self) -> User | None:
        return self.row.rating.saved_by

    @property
    def saved_at(self) -> datetime | None:
        return self.row.rating.saved_at

    def is_valid(self) -> bool:
        return super().is_valid() and self.references.is_valid()

    def is_whole(self) -> bool:
        return super().is_whole() and len(self.references.forms) > 0  # the page has at least one row

    @property
    def errors(self) -> dict[str, list[str]]:
        of_the_rows = [str(one) for one in self.references.non_form_errors()] if self.data is not None else []
        return {**super().errors, **({"__all__": of_the_rows} if of_the_rows else {})}

    def texts(self) -> Iterator[tuple[str, str]]:
        yield from ((name_of(field), as_read(field)) for field in self.form.visible_fields())
        rows = ([as_read(field) for field in form.visible_fields()] for form in self.references.forms)
        used = [[*astuple(self.used)]] if self.used and self._adds(self.used) else []
        yield "Henvisninger", "\n".join(", ".join(filter(None, row)) for row in [*rows, *used] if any(row))
        yield from ((name_of(field), as_read(field)) for field in self.deviation.visible_fields())

    def save(self, *, by: User, version: int) -> int:
        written = CriterionInput(**self.form.kept(), references=self._references(), deviation=self.deviation.written)
        criterion = self.row.criterion
        rating = drafting.save_criterion(
            assessment=self.assessment, criterion=criterion, by=by, version=version, written=written
        )
        return rating.version

    def _references(self) -> list[ReferenceInput]:
        """The rows as written; those stored while one of them cannot be saved."""
        if self.references.is_valid():
            written = [form.written for form in self.references.forms if form.written]
            return [*written, self.used] if self.used and self._adds(self.used) else written
        return [
            ReferenceInput(title=one.title, link=one.link, case_document=one.case_document, page=one.page)
            for one in self.row.references
        ]

    def _adds(self, used: ReferenceInput) -> bool:
        """Whether it is one more: not where it stands there already, or something else is to be put right first."""
        written = [form.written for form in self.references.forms] if self.is_valid() else []
        return self.is_valid() and used not in written and len(written) <= MOST_REFERENCES


def _reference_to(one: Documentation, absolute: Callable[[str], str]) -> ReferenceInput:
    """Return the documentation as a reference: the document of the case or the link of its newest version, else where
    its file, or it itself, is found here.
    """
    version = one.latest
    if version is None:
        return ReferenceInput(title=one.title, link=absolute(one.url))
    link = version.link or ("" if version.case_document else absolute(one.file_url))
    return ReferenceInput(f"{one.title}, version {version.no}", link, version.case_document)


@dataclass(frozen=True, slots=True)
class ConditionToJudge:
    condition: EntryCondition
    form: EntryForm


class EntrySection(Section):
    """The conditions for entering the model and, where screening is left out, the fravigelse from the model.

    For anything but a proposal judging them again is a choice, so that those left unjudged are not stored.
    """

    key, heading, template = ENTRY, "Betingelser for at indgå", "assessments/_entry.html"

    def __init__(self, contents: Contents, data: Any = None) -> None:
        super().__init__(contents, data)
        judged = {row.condition.pk: row.judgement for row in contents.entry}
        self.conditions = [
            ConditionToJudge(
                condition,
                EntryForm(data, judgement=judged.get(condition.pk) or EntryJudgement(), prefix=condition.code),
            )
            for condition in self.assessment.edition.entry_conditions.all()
        ]
        self.deviation = (
            DeviationForm(data, deviation=contents.model_deviation) if contents.leaves_out_screening else None
        )
        for row in self.conditions:
            row.form.subject = row.condition.heading
        self.forms = [row.form for row in self.conditions] + ([self.deviation] if self.deviation else [])

    @property
    def is_required(self) -> bool:
        return self.assessment.from_stage == Stage.PROPOSAL

    @property
    def version(self) -> int:
        return self.assessment.entry_version

    def save(self, *, by: User, version: int) -> int:
        stored = {row.condition.pk for row in self.contents.entry}
        written = {row.condition: (row.form.kept()["met"], row.form.kept()["note"]) for row in self.conditions}
        saved = drafting.save_entry(
            assessment=self.assessment,
            by=by,
            version=version,
            judged={one: said for one, said in written.items() if one.pk in stored or any(said) or said[0] is False},
            model_deviation=self.deviation.written if self.deviation else None,
        )
        return saved.entry_version


@dataclass(frozen=True, slots=True)
class FormerToJudge:
    former: FormerDeviation
    wording: str
    form: FormerDeviationForm

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The fravigelse as it was written, as (term, value)."""
        deviation = self.former.deviation
        return [
            ("Grundlag", ", ".join(ground.label for ground in deviation.grounds)),
            ("Begrundelse", deviation.reason),
            ("Håndtering", deviation.handling),
            ("Ansvarlig", str(deviation.owner or "")),
            ("Følges op", danish(deviation.review_on) if deviation.review_on else ""),
        ]


class FormerSection(Section):
    """The fravigelser of earlier gates, each to be judged: settled, continued or failed."""

    key, heading, template = FORMER, "Tidligere fravigelser", "assessments/_former.html"

    def __init__(self, contents: Contents, data: Any = None) -> None:
        super().__init__(contents, data)
        self.rows = [
            FormerToJudge(
                former,
                _wording(former),
                FormerDeviationForm(data, judgement=former.judgement, prefix=f"f{former.deviation.pk}"),
            )
            for former in contents.former_deviations
        ]
        for row in self.rows:
            row.form.subject = str(row.former.deviation)
        self.forms = [row.form for row in self.rows]

    @property
    def version(self) -> int:
        return self.assessment.former_version

    def save(self, *, by: User, version: int) -> int:
        judged = {row.former.deviation: (row.form.kept()["outcome"], row.form.kept()["text"]) for row in self.rows}
        saved = drafting.save_former_deviations(assessment=self.assessment, by=by, version=version, judged=judged)
        return saved.former_version


def _wording(former: FormerDeviation) -> str:
    """The wording departed from, on the track aimed at where the fravigelse was written."""
    deviation = former.deviation
    written_in = deviation.assessment or deviation.decision
    if deviation.criterion is None or written_in is None:
        return "Screeningsfasen springes over."
    return deviation.criterion.wording_for(written_in.to_track)


class ConclusionSection(Section):
    """Verdict, conclusion, recommendation, the weighing of the three ways and fast track."""

    key, heading, template = CONCLUSION, "Konklusion og indstilling", "assessments/_conclusion.html"

    def __init__(self, contents: Contents, data: Any = None) -> None:
        super().__init__(contents, data)
        weighs = needs_weighing(self.assessment.from_stage, self.assessment.from_track)
        self.form = ConclusionForm(data, assessment=self.assessment, weighs=weighs)
        self.forms = [self.form]

    @property
    def version(self) -> int:
        return self.assessment.conclusion_version

    @cached_property
    def departures(self) -> list[CriterionContents]:
        """The criteria that are not fully met: what the conclusion has to take in."""
        return [row for row in self.contents.criteria if row.is_departed_from]

    def save(self, *, by: User, version: int) -> int:
        saved = drafting.save_conclusion(assessment=self.assessment, by=by, version=version, **self.form.kept())
        return saved.conclusion_version


def section_at(contents: Contents, key: str, data: Any = None) -> Section:
    """Return the section `key`, or the criterion with that code. Raises `LookupError` where there is none."""
    for kind in (EntrySection, FormerSection, ConclusionSection):
        if kind.key == key:
            return kind(contents, data)
    for row in contents.criteria:
        if row.code == key:
            return CriterionSection(contents, row, data)
    raise LookupError(key)
