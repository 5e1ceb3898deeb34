"""How an initiative stands, in one word. Defined here alone; the list, its filter and the pages all ask here."""

from functools import cache

from django.db.models import Case, CharField, F, IntegerField, Q, TextChoices, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet

from phases.terms import Outcome, Phase, Stage
from portfolio.models.phase_run import PhaseRun


class Standing(TextChoices):
    """Every initiative has exactly one."""

    PROPOSAL = "proposal", "Forslag"
    RUNNING = "running", "I gang"
    RECOMMENDED = "recommended", "Indstillet til kommende aftale"
    AWAITING = "awaiting", "Afventer"
    CONTINUED = "continued", "Afsluttet og videreført"
    STOPPED = "stopped", "Afsluttet, ikke videreført"
    ENDED_AWAITING = "ended_awaiting", "Afsluttet, afventer andre initiativer"
    ENDED = "ended", "Afsluttet"
    UNKNOWN = "unknown", "Ikke oplyst"


def _rules() -> list[tuple[Standing, Q]]:
    """Return the rules on an initiative, in their order."""
    ended = Q(phase=Stage.ENDED)
    return [
        (Standing.PROPOSAL, Q(phase=Stage.PROPOSAL)),
        (Standing.STOPPED, ended & Q(current_run__isnull=True)),  # given up before the first phase
        (Standing.CONTINUED, ended & Q(current_run__outcome=Outcome.CONTINUED)),
        # After udbredelse nothing is carried on (rule of the strategy): it has ended, no more is said by that.
        (
            Standing.STOPPED,
            ended & Q(current_run__outcome=Outcome.STOPPED) & ~Q(current_run__phase=Phase.DISSEMINATION),
        ),
        (Standing.ENDED_AWAITING, ended & Q(current_run__outcome=Outcome.AWAITING)),
        (Standing.ENDED, ended),
        (Standing.RECOMMENDED, Q(current_run__outcome=Outcome.RECOMMENDED)),
        (Standing.AWAITING, Q(current_run__outcome=Outcome.AWAITING)),
        (Standing.UNKNOWN, left_open()),
    ]


def left_open(of: str = "") -> Q:
    """Return the condition on an initiative in a phase that a source does not say whether it has ended. `of` is the
    lookup from what is asked to the initiative ("initiative__"), where that is not asked itself."""
    run = f"{of}current_run"
    from_source = Q(**{f"{run}__isnull": False}) & ~Q(**{f"{run}__source": ""})
    return from_source & Q(**{f"{run}__outcome__in": ["", Outcome.FINAL]})


@cache
def standing() -> Case:
    """Return the expression for the `Standing` of an initiative: the first rule that fits, else in progress."""
    rules = [When(rule, then=Value(one.value)) for one, rule in _rules()]
    return Case(*rules, default=Value(Standing.RUNNING.value), output_field=CharField())


@cache
def standing_place() -> Case:
    """Return the expression for the place of an initiative's `Standing` in their order, for sorting."""
    order = list(Standing)
    rules = [When(rule, then=Value(order.index(one))) for one, rule in _rules()]
    return Case(*rules, default=Value(order.index(Standing.RUNNING)), output_field=IntegerField())


def surely_going_on() -> Q:
    """Return the condition on an initiative that its present phase is open and no source leaves open whether it has
    ended."""
    return Q(current_run__state=PhaseRun.State.OPEN) & ~left_open()


def present_runs() -> QuerySet[PhaseRun]:
    """Return the runs every initiative is in now, or ended with: several where phases are run together.

    The same as `PhaseRun.is_run_together_with` the current run.
    """
    return _present_runs().all()


@cache
def _present_runs() -> QuerySet[PhaseRun]:
    """The query put together once, since every page asks it of other initiatives."""
    current = "initiative__current_run"
    together = Q(pk=F(current)) | (~Q(source="") & Q(source=F(f"{current}__source")))
    together |= Q(source="") & Q(**{f"{current}__source": ""}) & Q(begun_by=F("current_begun_by"))
    return (
        PhaseRun.objects.in_force()
        .alias(
            begun_by=Coalesce("planned_by", "opened_by"),
            current_begun_by=Coalesce(f"{current}__planned_by", f"{current}__opened_by"),
        )
        .filter(together)
    )
