"""What a decision did, what reversing it would do, and what holds now, in Danish sentences for the pages."""

from collections.abc import Iterator
from dataclasses import dataclass

from phases.terms import Outcome, Phase, Track
from portfolio.models import Decision, Initiative, PhaseRun

_WORK = ("work", "participants")
_NOT_SHOWN_ANY_MORE = (
    "Det, der er registreret om arbejdet i fasen, vises ikke længere. Tag en kopi først, hvis det skal bruges igen."
)


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something that happens to `initiative`."""

    initiative: Initiative
    sentence: str


def named(phase: str, track: str) -> str:
    """Return a phase and track in running text: "modning, spor 1"."""
    return ", ".join(filter(None, [Phase(phase).label.lower(), Track(track).label.lower() if track else ""]))


def consequences_of(decision: Decision) -> list[Consequence]:
    """Return what the decision did to each initiative; nothing once it is reversed."""
    return list(_done(decision))


def consequences_of_reversal(decision: Decision) -> list[Consequence]:
    """Return what reversing the decision would do."""
    return list(_taken_back(decision))


def what_now_holds(decision: Decision) -> str:
    """Return one or two sentences on where the initiative stands after the decision."""
    match decision.outcome:
        case Outcome.CONTINUED:
            return _goes_on(decision)
        case Outcome.STOPPED:
            return "Initiativet er afsluttet."
        case Outcome.RECOMMENDED:
            return f"Initiativet er indstillet til {decision.agreement} og {_stays(decision)}."
        case _:
            awaited = decision.awaits or decision.agreement
            return f"Initiativet afventer{f' {awaited}' if awaited else ''} og {_stays(decision)}."


def _goes_on(decision: Decision) -> str:
    where = named(decision.to_phase, decision.to_track)
    links = [link for link in decision.continuations.all() if not (link.is_annulled or link.is_split)]
    if not links:
        planned = [run for run in decision.planned_runs.all() if run.state != PhaseRun.State.ANNULLED]
        together = f", som gennemføres samlet med {planned[0].get_phase_display().lower()}" if planned else ""
        return f"Initiativet er nu i {where}{together}.{_split_off(decision)}"
    ended = " og ".join(sorted(link.from_initiative.number for link in links))
    target = links[0].to_initiative
    if target == decision.initiative:
        return f"Initiativet er nu i {where}. {ended} er afsluttet og føres videre i det.{_split_off(decision)}"
    return f"{ended} er afsluttet og føres videre i {target}, som er i {where}."


def _split_off(decision: Decision) -> str:
    links = [link for link in decision.continuations.all() if link.is_split and not link.is_annulled]
    return f" Et udvalg af kerneelementer er udskilt som forslaget {links[0].to_initiative}." if links else ""


def _stays(decision: Decision) -> str:
    initiative = decision.initiative
    where = "er stadig et forslag" if initiative.is_proposal else f"bliver i {initiative.phase_label.lower()}"
    return f"{where}, til der er truffet en ny beslutning"


def _done(decision: Decision) -> Iterator[Consequence]:
    for run in decision.closed_runs.all():
        if run.state == PhaseRun.State.ANNULLED:
            yield Consequence(run.initiative, f"{run.get_phase_display()} blev ikke til noget: Fasen var kun planlagt.")
        else:
            yield Consequence(run.initiative, f"{_run(run)} blev afsluttet.")
    for link in decision.continuations.all():
        if link.is_split and not link.is_annulled:
            yield Consequence(link.to_initiative, f"Er udskilt fra {link.from_initiative.number} som et forslag.")
        elif not link.is_annulled:
            yield Consequence(link.from_initiative, f"Føres videre i {link.to_initiative}.")
    opened = [run for run in decision.opened_runs.all() if run.state != PhaseRun.State.ANNULLED]
    for run in opened:
        yield Consequence(run.initiative, f"{_run(run)} begyndte.")
    for run in decision.planned_runs.all():
        if run.state != PhaseRun.State.ANNULLED:
            yield Consequence(
                run.initiative, f"{run.get_phase_display()} gennemføres samlet med den fase, der begyndte."
            )


def _taken_back(decision: Decision) -> Iterator[Consequence]:
    opened, planned = list(decision.opened_runs.all()), list(decision.planned_runs.all())
    for run in opened:
        if run.planned_by_id and run.planned_by_id != decision.pk:
            yield Consequence(run.initiative, f"{_run(run)} bliver planlagt igen.")
        else:
            yield Consequence(run.initiative, f"{_run(run)} annulleres.{_what_is_written_in(run)}")
    for run in planned:
        if run not in opened:
            yield Consequence(run.initiative, f"{run.get_phase_display()}, som er planlagt, annulleres.")
    for link in decision.continuations.all():
        if link.is_split:
            sentence = f"Bliver stående som et forslag, der ikke længere er udskilt fra {link.from_initiative.number}."
            yield Consequence(link.to_initiative, sentence)
        else:
            yield Consequence(link.from_initiative, f"Føres ikke længere videre i {link.to_initiative}.")
    closed = list(decision.closed_runs.all())
    for run in closed:
        again = "er planlagt igen" if run.state == PhaseRun.State.ANNULLED else "er i gang igen"
        yield Consequence(run.initiative, f"{_run(run)} {again}.")
    yield from _proposals_again(decision, opened)
    for deviation in decision.deviations.all():
        yield Consequence(deviation.initiative, f"Beslutningens egen {str(deviation).lower()} annulleres.")
    if decision.outcome in (Outcome.RECOMMENDED, Outcome.AWAITING):
        yield Consequence(decision.initiative, "Det, der gjaldt før beslutningen, gælder igen.")


def _what_is_written_in(run: PhaseRun) -> str:
    """Return the sentence on the work registered in the phase, "" where there is none: it stays on record, unseen."""
    of_the_work = [one for one in run._meta.related_objects if one.related_model._meta.app_label in _WORK]
    if not any(one.related_model._default_manager.filter(**{one.field.name: run}).exists() for one in of_the_work):
        return ""
    return f" {_NOT_SHOWN_ANY_MORE}"


def _proposals_again(decision: Decision, opened: list[PhaseRun]) -> Iterator[Consequence]:
    """The initiatives that had no phase before the decision: they are proposals again, also the one it created."""
    begun = [run.initiative for run in opened if run.sequence == 1]
    ended_before_begun = decision.outcome == Outcome.STOPPED and decision.initiative.current_run_id is None
    for initiative in [*begun, *([decision.initiative] if ended_before_begun else [])]:
        yield Consequence(initiative, "Bliver et forslag igen.")


def _run(run: PhaseRun) -> str:
    name = named(run.phase, run.track)
    return name[0].upper() + name[1:] + ("," if run.track else "")
