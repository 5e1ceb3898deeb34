"""The course of the case as it is handed out: what was done about the fravigelser, what lengthened the phases, the
worksheets of the transitions, and how knowledge was passed on.

The history tells of each under the same name (`assessments.history`, `portfolio.length_history`,
`work.knowledge_history`).
"""

from collections.abc import Iterator

from django.db.models import Prefetch
from django.utils import timezone

from assessments.models import DeviationFollowUp
from desk.case_file.document import Document, Section
from phases.terms import Phase, Track, WayOn
from phases.track_choice import Fit
from portfolio.models import Initiative, PhaseExtension, PhasePause, PhaseRun
from susi.dates import danish, read
from work.models import KnowledgeProduct, TrackChoice, WayWeighing

_YES_OR_NO = {True: "Ja", False: "Nej", None: "Ikke besvaret"}


def follow_ups(initiative: Initiative) -> Section:
    """Each follow-up is a document, and part of the fravigelse it is about."""
    columns = ("Fravigelse fra", "Skrevet", "Af", "Hvad der er gjort", "Følges op igen", "Hvorfor flyttet")
    found = DeviationFollowUp.objects.filter(deviation__initiative=initiative)
    found = found.select_related("deviation__criterion", "written_by").order_by("written_at", "pk")
    return Section("Opfølgning på fravigelser", [_follow_up(one) for one in found], columns)


def _follow_up(one: DeviationFollowUp) -> Document:
    line = [
        one.deviation.subject,
        danish(one.written_at),
        str(one.written_by),
        one.text,
        danish(one.review_on) if one.review_on else "",
        one.move_reason,
    ]
    return Document(
        "follow_up",
        str(one.pk),
        f"Opfølgning på fravigelsen fra {one.deviation.subject}",
        timezone.localdate(one.written_at),
        rows=lambda left_out: [line],
        part_of=("deviation", str(one.deviation_id)),
    )


def lengths(initiative: Initiative) -> Section:
    """What lengthened a phase is one document for each phase."""
    columns = ("Fase", "Hvad", "Fra", "Til", "Begrundelse", "Registreret", "Af")
    runs = initiative.runs.in_force().select_related("length_reason__written_by").order_by("sequence")
    runs = runs.prefetch_related(
        Prefetch("extensions", PhaseExtension.objects.select_related("registered_by")),
        Prefetch("pauses", PhasePause.objects.select_related("registered_by")),
    )
    return Section("Fasernes længde", [_length(run, lines) for run in runs if (lines := list(_longer(run)))], columns)


def _length(run: PhaseRun, lines: list[list[str]]) -> Document:
    title = f"Længden af {Phase(run.phase).definite}"
    return Document("length", str(run.pk), title, rows=lambda left_out: lines)


def _longer(run: PhaseRun) -> Iterator[list[str]]:
    phase = run.get_phase_display()
    for one in run.extensions.all():
        days = [str(read(one, name)) for name in ("end_before", "end_after")]
        yield [phase, "Forlængelse", *days, one.reason, danish(one.registered_at), str(one.registered_by)]
    for pause in run.pauses.all():
        days = [danish(day) if day else "" for day in (pause.since, pause.until)]
        what = f"Pause, annulleret: {pause.annulment_reason}" if pause.is_annulled else "Pause"
        yield [phase, what, *days, pause.reason, danish(pause.registered_at), str(pause.registered_by)]
    if given := getattr(run, "length_reason", None):
        yield [phase, "Særlig begrundelse", "", "", given.text, danish(given.written_at), str(given.written_by)]


def worksheets(initiative: Initiative) -> Section:
    choices = TrackChoice.objects.filter(initiative=initiative).select_related("run").order_by("pk")
    weighings = WayWeighing.objects.filter(run__initiative=initiative).select_related("run").order_by("run__sequence")
    documents = [*map(_choice, choices), *map(_weighing, weighings)]
    return Section("Sporvalg og de tre veje videre", documents, ("Ark", "Hvad", "Indhold"))


def _choice(one: TrackChoice) -> Document:
    title = f"Sporvalg efter {Phase(one.run.phase).definite}" if one.run else "Sporvalg for forslaget"
    told = [
        *((f"Kendetegn, {Track(row['track']).label.lower()}: {row['wording']}", _judged(row)) for row in one.fits),
        ("Vidensmål for den næste fase", one.knowledge_goal),
        ("Er den næste fase velforberedt?", ". ".join(filter(None, [_YES_OR_NO[one.is_prepared], one.preparation]))),
        ("Spor", one.get_track_display() or "Ikke valgt"),
        ("Begrundelse", one.reason),
    ]
    rows = [[title, what, text] for what, text in told]
    return Document("track_choice", str(one.pk), title, timezone.localdate(one.saved_at), rows=lambda left_out: rows)


def _judged(row: dict[str, str]) -> str:
    fit = Fit(row["fit"]).label if row["fit"] else "Ikke vurderet"
    return ". ".join(filter(None, [fit, row["note"]]))


def _weighing(one: WayWeighing) -> Document:
    title = f"De tre veje videre efter {Phase(one.run.phase).definite}"
    ways = [
        (f"{WayOn(way.way).label}: {aspect}", text)
        for way in one.weighed
        for aspect, text in (("for", way.pros), ("imod", way.cons), ("udbytte", way.gain))
    ]
    chosen = [("Vej videre", one.get_way_display() or "Ikke valgt"), ("Begrundelse", one.reason)]
    rows = [[title, what, text] for what, text in [*ways, *chosen]]
    return Document("weighing", str(one.pk), title, timezone.localdate(one.saved_at), rows=lambda left_out: rows)


def fast_track(initiative: Initiative) -> Section:
    """The answer given on the phase itself, and its products. What a SUSI-vurdering answers stands in that."""
    columns = ("Fase", "Hvad", "Indhold", "Til hvem", "Kanal", "Planlagt til", "Formidlet", "Link")
    products = KnowledgeProduct.objects.order_by("created_at", "pk")
    runs = initiative.runs.in_force().select_related("fast_track_answer").order_by("sequence")
    runs = runs.prefetch_related(Prefetch("knowledge_products", products))
    documents = [_knowledge(run, lines) for run in runs if (lines := list(_passed_on(run)))]
    return Section("Fast track af viden", documents, columns)


def _knowledge(run: PhaseRun, lines: list[list[str]]) -> Document:
    title = f"Fast track af viden fra {Phase(run.phase).definite}"
    return Document("fast_track", str(run.pk), title, rows=lambda left_out: lines)


def _passed_on(run: PhaseRun) -> Iterator[list[str]]:
    phase = run.get_phase_display()
    if given := getattr(run, "fast_track_answer", None):
        answer = f"{_YES_OR_NO[given.answer]}. {given.reason}"
        yield [phase, "Skal den nye viden formidles nu?", answer, "", "", "", "", ""]
    for one in run.knowledge_products.all():
        days = [str(day or "") for day in (one.planned, one.published)]
        what = f"Vidensprodukt, annulleret: {one.annulment_reason}" if one.annulment_reason else "Vidensprodukt"
        yield [phase, what, one.title, one.audience, one.get_channel_display(), *days, one.link]
