"""Taking an import back as one, while nobody has edited what it touched.

What it changed gets its former values again. What it created is taken out: nobody has written on it or referred to it
since, so nothing is lost, and the history keeps every row of it with who took it out and why. Its number is not given
again (`portfolio.actions.next_number`).
"""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from phases.terms import Stage
from portfolio.access import require_role
from portfolio.imports.carrying_out import TO_IMPORT, last_history, lock, short_name, what_was_done, write_values
from portfolio.models import Initiative, PhaseRun, PortfolioImport
from portfolio.transitions import follow_runs
from susi.dates import danish_moment
from susi.errors import Conflict, Refused
from susi.history import save_with_reason
from susi.models import User
from susi.roles import Role

_SHOWN = 10


@transaction.atomic
def take_back(*, portfolio_import: PortfolioImport, by: User, reason: str) -> PortfolioImport:
    """Undo everything the import did, or nothing.

    Raises `Conflict` where it is not in force (a second click), and `Refused`, naming the initiatives, where somebody
    has edited or used what it touched, or where one that goes on would be given back to a lead who has left.
    """
    require_role(by, Role.ADMINISTRATOR, TO_IMPORT)
    made = lock(portfolio_import)
    refuse_unless_in_force(made)
    pks = [one["pk"] for one in made.written]
    there = {
        one.pk: one
        for one in Initiative.objects.select_for_update(of=("self",))
        .select_related("current_run")
        .filter(pk__in=pks)
        .order_by("pk")
    }
    _refuse_edited(made.written)
    _refuse_leads_who_have_left(made.written, there)
    why = f"Taget tilbage: {short_name(made)}: {reason}"
    used = [sentence for one in made.written if (sentence := _undo(one, there[one["pk"]], by=by, reason=why))]
    if used:
        raise Refused(*_first(used))
    made.state, made.taken_back_reason = PortfolioImport.State.TAKEN_BACK, reason
    made.taken_back_by, made.taken_back_at = by, timezone.now()
    made.save()
    return made


def refuse_unless_in_force(made: PortfolioImport) -> None:
    """Raise `Conflict` where the import has not been confirmed, or has been taken back."""
    if made.state == PortfolioImport.State.CHECKED:
        raise Conflict("Filen er ikke indlæst, og der er intet at tage tilbage.")
    if made.state != PortfolioImport.State.CONFIRMED:
        raise Conflict(f"{what_was_done(made)} Du har ikke ændret noget.")


def edited_since(written: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each initiative that somebody has edited since the import wrote it: who and when."""
    initiatives = _last_rows(Initiative, {one["pk"]: one["history"] for one in written})
    runs = _last_rows(PhaseRun, {pk: history for one in written for pk, history in one["runs"]})
    sentences = []
    for one in written:
        newer = [initiatives.get(one["pk"]), *(runs.get(pk) for pk, _ in one["runs"])]
        sentences += [_sentence(one["number"], row) for row in [row for row in newer if row][:1]]
    return sentences


def _last_rows(model: Any, expected: dict[int, int]) -> dict[int, Any]:
    """Return the last history row of those objects for which it is another than expected."""
    last = last_history(model, list(expected))
    newer = [history for pk, history in last.items() if history != expected[pk]]
    rows = model.history.select_related("history_user").in_bulk(newer)
    return {row.id: row for row in rows.values()}


def _sentence(number: str, row: Any) -> str:
    who = str(row.history_user) if row.history_user else "systemet"
    return f"Initiativ {number} er ændret {danish_moment(row.history_date)} af {who}."


def _refuse_edited(written: list[dict[str, Any]]) -> None:
    edited = edited_since(written)
    if edited:
        raise Refused(*_first(edited), "Ret oplysningerne på initiativernes egne sider i stedet.")


def _refuse_leads_who_have_left(written: list[dict[str, Any]], there: dict[int, Initiative]) -> None:
    """The import took the initiative from its lead, who could leave then: nobody works on it if it is given back."""
    leads = {one["pk"]: one["before"].get("lead_id") for one in written if not one["created"]}
    found = User.objects.filter(pk__in={*leads.values()} - {None}, left_at__isnull=False)
    left = set(found.values_list("pk", flat=True))
    sentences = [
        f"Initiativ {there[pk].number} havde en initiativansvarlig, som siden er fratrådt."
        for pk, lead in leads.items()
        if lead in left and not there[pk].has_ended
    ]
    if sentences:
        raise Refused(
            *_first(sentences), "Ret oplysningerne og udpeg den ansvarlige på initiativernes egne sider i stedet."
        )


def _first(sentences: list[str]) -> list[str]:
    more = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"Det samme gælder {more} til."] if more > 0 else [])]


def _undo(one: dict[str, Any], initiative: Initiative, *, by: User, reason: str) -> str:
    """Give the initiative its former values, or take it out. Return why that cannot be done, "" where it is."""
    if not one["created"]:
        initiative.version += 1
        write_values(initiative, one["before"], by=by, reason=reason)
        return ""
    try:
        _take_out(initiative, by=by, reason=reason)
    except ProtectedError as error:
        kinds = {type(held)._meta.verbose_name for held in error.protected_objects}
        return f"Initiativ {initiative.number} er taget i brug siden ({', '.join(sorted(map(str, kinds)))})."
    return ""


def _take_out(initiative: Initiative, *, by: User, reason: str) -> None:
    runs = list(initiative.runs.all())
    for run in runs:
        run.state = PhaseRun.State.ANNULLED
        save_with_reason(run, by=by, reason=reason)
    if initiative.phase != Stage.PROPOSAL:
        follow_runs(initiative, by=by, reason=reason)
    for one in [*runs, initiative]:
        one._history_user, one._change_reason = by, reason  # type: ignore[attr-defined]
        one.delete()
