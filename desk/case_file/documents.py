"""The documents of an initiative as they are handed out on a request for access to documents.

Each kind of document has a section; a section is one function in `SECTIONS`. They tell what a reader may know and no
more, whoever asks: drafts and proposals are not in them, so the same case gives the same file.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils import timezone

from assessments.models import Assessment, Deviation
from desk.case_file import course_documents, participant_documents, work_documents
from desk.case_file.document import Document, Ref, Rows, Section
from desk.models import Exemption
from portfolio.history import Change, Event, history_of
from portfolio.models import Continuation, Decision, Initiative, StatusNote
from portfolio.models.initiative import short_agreement_names
from susi.dates import danish, danish_moment, read
from susi.models import User
from susi.roles import Role


@dataclass(frozen=True)
class Contents:
    """All sections, and what is exempt, by the document it is about."""

    sections: list[Section]
    exempt: dict[Ref, Exemption] = field(default_factory=dict)

    @property
    def documents(self) -> list[Document]:
        return [document for section in self.sections for document in section.documents]

    @property
    def left_out(self) -> frozenset[Ref]:
        """What is exempt, and what is part of that."""
        return frozenset(self.exempt) | {one.ref for one in self.documents if self._exemption_of(one)}

    def ground_of(self, document: Document) -> str:
        """Return the ground it is left out on, its own or that of what it is part of; "" where it is handed out."""
        exemption = self._exemption_of(document)
        return exemption.get_ground_display() if exemption else ""

    def _exemption_of(self, document: Document) -> Exemption | None:
        """Its own, else that of what it is part of: of a follow-up the fravigelse, and of that its assessment."""
        ref: Ref | None = document.ref
        while ref:
            if ref in self.exempt:
                return self.exempt[ref]
            ref = self._part_of.get(ref)
        return None

    @cached_property
    def _part_of(self) -> dict[Ref, Ref | None]:
        return {one.ref: one.part_of for one in self.documents}


def contents_of(initiative: Initiative) -> Contents:
    """Return what there is to hand out of `initiative`, in a constant number of queries; the rows are asked later."""
    exemptions = Exemption.objects.in_force().filter(initiative=initiative)
    exempt = {(one.kind, one.key): one for one in exemptions.select_related("made_by")}
    return Contents([section for make in SECTIONS if (section := make(initiative)).documents], exempt)


def outsider() -> User:
    """Return somebody who may know what every reader may, for what goes out of the house."""
    person = User()
    person.roles, person.stands_in_for = frozenset({Role.READER}), frozenset()
    return person


def _facts(initiative: Initiative) -> Section:
    document = Document("facts", "all", "Oplysninger om initiativet", rows=lambda left_out: _fact_rows(initiative))
    return Section("Om initiativet", [document], ("Oplysning", "Indhold"))


def _fact_rows(initiative: Initiative) -> Rows:
    links = Continuation.objects.in_force().select_related("from_initiative", "to_initiative")
    facts = {
        "Nummer": initiative.number,
        "Titel": initiative.title,
        "Initiativansvarlig": str(initiative.lead or ""),
        "Medarbejdere": ", ".join(sorted(map(str, initiative.members.all()))),
        "Målgruppe": ", ".join(sorted(map(str, initiative.target_groups.all()))),
        "Program": str(initiative.programme or ""),
        "Aftaler": short_agreement_names(initiative.agreements.all()),
        "Anden finansieringskilde": initiative.funding,
        "Journalnummer": initiative.case_number,
        "Viderefører": _named(link.from_initiative for link in links.filter(to_initiative=initiative)),
        "Videreføres i": _named(link.to_initiative for link in links.filter(from_initiative=initiative)),
        "Det sociale problem": initiative.problem,
        "Indsatsen": initiative.description,
    }
    return [[name, value or "Ikke oplyst"] for name, value in facts.items()]


def _named(initiatives: Iterable[Initiative]) -> str:
    return ", ".join(sorted(str(one) for one in initiatives if not one.is_proposal))


def _phases(initiative: Initiative) -> Section:
    columns = ("Fase", "Spor", "Tilstand", "Begyndt", "Afsluttet", "Ventes afsluttet", "Kilde")
    document = Document("phases", "all", "Faser", rows=lambda left_out: _phase_rows(initiative))
    return Section("Faser", [document], columns)


def _phase_rows(initiative: Initiative) -> Rows:
    def row(run: Any) -> list[str]:
        dates = [str(read(run, name) or "Ikke oplyst") for name in ("started_on", "ended_on", "expected_end")]
        track = run.get_track_display() or ("" if run.phase == "screening" else "Ikke oplyst")
        return [run.get_phase_display(), track, run.get_state_display(), *dates, run.source]

    return [row(run) for run in initiative.runs.in_force().order_by("sequence")]


def _assessments(initiative: Initiative) -> Section:
    approved = initiative.assessments.approved().select_related("initiative").defer("sealed_data", "search_text")
    return Section("SUSI-vurderinger", [_assessment(one) for one in approved.order_by("no")])


def _assessment(one: Assessment) -> Document:
    return Document(
        "assessment",
        str(one.no),
        f"{one}, overgang til {one.get_to_phase_display().lower()}",
        timezone.localdate(one.approved_at) if one.approved_at else None,
        makes={
            "do": "sealed",
            "assessment": one.pk,
            "name": f"SUSI-vurdering_{one.document_number}_v{one.doc_version}",
        },
    )


def _decisions(initiative: Initiative) -> Section:
    columns = ("Nr.", "Besluttet", "Besluttet af", "Aftale", "Beslutning", "Begrundelse", "Registreret", "Omgjort")
    about = Decision.objects.about([initiative]).as_read_by(outsider())
    about = about.select_related("initiative", "agreement__programme", "registered_by").order_by("decided_on", "pk")
    return Section("Beslutninger om faseovergang", [_decision(one) for one in about], columns)


def _decision(one: Decision) -> Document:
    number = f"{one.initiative.number}-{one.no}"
    awaits = f"Afventer initiativ {one.awaits.number}." if one.awaits else ""
    reasons = " ".join(filter(None, [one.reason, one.departure_reason, awaits]))
    row = [
        number,
        danish(one.decided_on),
        one.get_decided_by_display(),
        str(one.agreement or ""),
        one.sentence,
        reasons,
        danish(one.registered_at),
        f"{danish(one.reversed_at)}: {one.reversal_reason}" if one.reversed_at else "",
    ]
    title = f"Beslutning om faseovergang {number}"
    return Document("decision", number, title, one.decided_on, rows=lambda left_out: [row])


def _deviations(initiative: Initiative) -> Section:
    columns = (
        "Fravigelse fra",
        "Skrevet i",
        "Grund",
        "Begrundelse",
        "Håndtering",
        "Ansvarlig",
        "Følges op",
        "Tilstand",
    )
    found = initiative.deviations.whole().were_in_force().order_by("pk")
    return Section("Fravigelser", [_deviation(one) for one in found], columns)


def _deviation(one: Deviation) -> Document:
    within, part_of = _written_in(one)
    row = [
        one.subject,
        within,
        ", ".join(ground.label for ground in one.grounds),
        one.reason,
        one.handling,
        str(one.owner or ""),
        danish(one.review_on) if one.review_on else "",
        one.get_state_display(),
    ]
    title = f"Fravigelse fra {one.subject} ({within})"
    return Document("deviation", str(one.pk), title, part_of=part_of, rows=lambda left_out: [row])


def _written_in(deviation: Deviation) -> tuple[str, Ref]:
    """Return where it was written, in words and as a document: the database sees to it that it is one of the two."""
    if deviation.assessment:
        return str(deviation.assessment), ("assessment", str(deviation.assessment.no))
    decision: Any = deviation.decision
    number = f"{decision.initiative.number}-{decision.no}"
    return f"Beslutning {number}", ("decision", number)


def _statuses(initiative: Initiative) -> Section:
    notes = initiative.status_notes.select_related("written_by").order_by("written_at", "pk")
    documents = [_status(note) for note in notes]
    return Section("Statusser", documents, ("Skrevet", "Af", "Status"))


def _status(note: StatusNote) -> Document:
    row = [danish_moment(note.written_at), str(note.written_by), note.text]
    title = f"Status skrevet af {note.written_by}"
    day = timezone.localdate(note.written_at)
    return Document("status", str(note.pk), title, day, rows=lambda left_out: [row])


def _history(initiative: Initiative) -> Section:
    document = Document("history", "all", "Historik", rows=lambda left_out: _history_rows(initiative, left_out))
    note = "Hvad der er sket med dokumenter, som er undtaget fra aktindsigt, er udeladt."
    return Section("Historik", [document], ("Tidspunkt", "Hvem", "Hvad", "Nærmere"), note)


def _history_rows(initiative: Initiative, left_out: frozenset[Ref]) -> Rows:
    told = [event for event in history_of(initiative, outsider()) if event.about not in left_out]
    return [[danish_moment(one.when), one.by, one.text, _closer(one)] for one in reversed(told)]


def _closer(event: Event) -> str:
    return "\n".join(filter(None, [event.detail, *map(_change, event.changes)]))


def _change(change: Change) -> str:
    return f"{change.what}: fra »{change.before or 'tomt'}« til »{change.after or 'tomt'}«"


SECTIONS: tuple[Callable[[Initiative], Section], ...] = (
    _facts,
    _phases,
    course_documents.lengths,
    _assessments,
    _decisions,
    _deviations,
    course_documents.follow_ups,
    work_documents.deliverables,
    work_documents.involvement,
    course_documents.worksheets,
    course_documents.fast_track,
    participant_documents.participants,
    participant_documents.puljer,
    participant_documents.rounds,
    participant_documents.recruitment,
    participant_documents.data_collections,
    _statuses,
    _history,
)
