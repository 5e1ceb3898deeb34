"""Who took part, as it is handed out: participants, puljer and who applied, rounds, recruitment, and that personal data
is collected. Citizens are numbers only.

The history tells of each under the same name (`participants.history`). What is annulled is left out but for a pulje,
which the history tells of by itself and which can be exempt.
"""

from collections.abc import Iterator

from desk.case_file.document import Document, Rows, Section
from participants.models import (
    Application,
    Call,
    DataCollection,
    Participation,
    RecruitmentCount,
    RecruitmentPlan,
    Round,
)
from portfolio.models import Initiative
from susi.dates import danish, read
from susi.kroner import kroner

_WHOLE_PHASE = "Hele fasen"


def participants(initiative: Initiative) -> Section:
    columns = ("Fase", "Organisation", "Rolle", "Fra", "Til", "Frafald", "Parathedsanalyse", "Implementeringsplan")
    found = Participation.objects.of(initiative).in_force().select_related("run", "organisation")
    lines = [_participant(one) for one in found.order_by("run__sequence", "pk")]
    return _as_one("Deltagere", ("participants", "all"), lines, columns)


def _participant(one: Participation) -> list[str]:
    dropped = f"{read(one, 'dropped_out_on')}: {one.dropout_reason}" if one.dropped_out_on else ""
    readiness = [one.get_readiness_display(), one.readiness_conclusion, one.readiness_case_number]
    return [
        one.run.get_phase_display(),
        str(one.organisation),
        one.get_role_display(),
        _day(one, "started_on") or "Ikke oplyst",
        _day(one, "ended_on"),
        dropped,
        ". ".join(filter(None, readiness)),
        " ".join(filter(None, [one.get_plan_display(), one.plan_case_number])),
    ]


def puljer(initiative: Initiative) -> Section:
    """Each pulje is a document, with the applications for it."""
    columns = ("Fase", "Pulje", "Ansøger", "Udmeldt eller ansøgt", "Frist", "Beløb", "Resultat", "Nærmere")
    applications: dict[int, Rows] = {}
    applied = Application.objects.of(initiative).in_force().select_related("call__run", "organisation")
    for one in applied.order_by("organisation__sort_key", "pk"):
        applications.setdefault(one.call_id, []).append(_application(one))
    calls = Call.objects.of(initiative).select_related("run").order_by("run__sequence", "announced_on", "pk")
    return Section("Puljer", [_pulje(one, applications.get(one.pk, [])) for one in calls], columns)


def _pulje(one: Call, applications: Rows) -> Document:
    line = [
        one.run.get_phase_display(),
        one.title,
        "",
        _day(one, "announced_on") or "Ikke oplyst",
        _day(one, "deadline") or "Ikke oplyst",
        kroner(one.amount) or "Ikke oplyst",
        f"Annulleret: {one.annulment_reason}" if one.is_annulled else "",
        " ".join(filter(None, [one.case_number, one.link])),
    ]
    return Document("call", str(one.pk), f"Pulje: {one.title}", rows=lambda left_out: [line, *applications])


def _application(one: Application) -> list[str]:
    phase = one.call.run.get_phase_display()
    applied, granted = _day(one, "applied_on") or "Ikke oplyst", kroner(one.granted)
    return [phase, one.call.title, str(one.organisation), applied, "", granted, one.get_state_display(), one.reason]


def rounds(initiative: Initiative) -> Section:
    columns = ("Runde", "Forberedelse fra", "Forandring fra", "Forankring fra", "Slut", "Bemærkning")
    found = Round.objects.of(initiative).in_force().order_by("run__sequence", "no", "pk")
    lines = [[str(one), *(_day(one, name) or "Ikke oplyst" for name in Round.DATES), one.note] for one in found]
    return _as_one("Runder", ("rounds", "all"), lines, columns)


def recruitment(initiative: Initiative) -> Section:
    columns = ("Hvad", "Optalt", "Organisation", "Antal borgere", "Heraf gennemført", "Styrkeberegningen står i")
    return _as_one("Rekruttering", ("recruitment", "all"), list(_recruited(initiative)), columns)


def _recruited(initiative: Initiative) -> Iterator[list[str]]:
    for plan in RecruitmentPlan.objects.of(initiative).in_force().order_by("run__sequence", "pk"):
        yield ["Rekrutteringsmål", "", _WHOLE_PHASE, str(plan.planned), "", plan.basis]
    counts = RecruitmentCount.objects.of(initiative).in_force().select_related("organisation")
    for one in counts.order_by("run__sequence", "counted_on", "organisation__sort_key", "pk"):
        where = str(one.organisation or _WHOLE_PHASE)
        yield ["Optælling", danish(one.counted_on), where, str(one.recruited), str(one.completed), ""]


def data_collections(initiative: Initiative) -> Section:
    columns = ("Fase", "Formål", "Hjemmel", "Opbevares i", "Dataansvarlig", "Indsamles fra", "Indsamles til")
    found = DataCollection.objects.of(initiative).in_force().select_related("run", "responsible")
    lines = [_collection(one) for one in found.order_by("run__sequence", "collected_from", "pk")]
    return _as_one("Indsamling af personoplysninger", ("data_collections", "all"), lines, columns)


def _collection(one: DataCollection) -> list[str]:
    return [
        one.run.get_phase_display(),
        one.purpose,
        one.legal_basis,
        one.place,
        str(one.responsible or "Socialstyrelsen"),
        _day(one, "collected_from") or "Ikke oplyst",
        _day(one, "collected_to"),
    ]


def _as_one(name: str, ref: tuple[str, str], lines: Rows, columns: tuple[str, ...]) -> Section:
    """The section whose lines are one document; empty where there are none."""
    document = Document(*ref, name, rows=lambda left_out: lines)
    return Section(name, [document] if lines else [], columns)


def _day(row: Application | Call | DataCollection | Participation | Round, name: str) -> str:
    return str(read(row, name) or "")
