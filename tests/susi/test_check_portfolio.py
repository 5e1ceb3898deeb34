"""What always holds: a sound portfolio has no breach, and whatever is broken on purpose is named."""

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from assessments.models import Assessment, DecisionGround, Deviation, Snapshot
from assessments.pdf import ensure_pdf
from phases.terms import Phase, Stage
from portfolio.models import Continuation, Decision, Initiative, PhaseRun
from susi import invariants, typesetting
from susi.invariants import breaches
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.susi import breaking
from tests.world import World
from work.models import DeliverableVersion

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch) -> None:
    """Let the documents lie in a folder of the test's own, and be what they are typeset from: quick to make."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(typesetting, "typeset", lambda html, css, **how: html.encode())


@pytest.fixture
def document() -> Assessment:
    """A portfolio of one approved assessment with its document."""
    factories.rulebook()
    initiative = factories.initiative_in(Phase.SCREENING)
    manager = factories.person(Role.MANAGER)
    return ensure_pdf(factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION))


@pytest.fixture
def sound() -> World:
    """A portfolio with everything in it."""
    world = World()
    for deviation in Deviation.objects.all():  # the world lets them come due behind the back of history
        deviation.history.update(review_on=deviation.review_on)
    world.approved = ensure_pdf(world.approved)
    return world


def named() -> list[str]:
    return [f"{breach.about}: {breach.sentence}" for breach in breaches()]


@contextmanager
def broken(how: Callable[[], object]) -> Iterator[None]:
    """Break something and take it back afterwards."""
    with transaction.atomic():
        how()
        yield
        transaction.set_rollback(True)


def rows(model: type, **values: object):
    return model._base_manager.filter(**values)


def breaks(world: World) -> dict[str, tuple[Callable[[], object], str]]:
    """Return ways to break the rows, by name, each with the words that name the breach."""
    merger, link = world.merger, Continuation.objects.get(decision=world.merger)
    opened = PhaseRun.objects.get(opened_by=merger)
    closed = PhaseRun.objects.filter(closed_by=merger).first()
    stop = Decision.objects.get(initiative=world.stopped, outcome="stopped")
    approved, idle, hub = world.approved, world.idle, world.hub
    ground = DecisionGround.objects.filter(decision=merger).first()
    deviation = Deviation.objects.filter(assessment=approved).in_force().first()
    reversal = {"reversed_by": world.manager, "reversed_at": merger.registered_at, "reversal_reason": "Eksempel"}

    def sets(row, **values: object) -> Callable[[], object]:
        return lambda: rows(type(row), pk=row.pk).update(**values)

    def ring() -> None:
        Continuation.objects.create(from_initiative=hub, to_initiative=link.from_initiative, source="Eksempel")

    return {
        "phase": (sets(idle, phase=Stage.TRIAL), f"{idle.number}: Initiativet siger Afprøvning, men faserne viser"),
        "present run": (
            sets(world.stopped, current_run=None),
            f"{world.stopped.number}: Initiativets nuværende fase er ikke den, faserne viser.",
        ),
        "run of another phase": (sets(opened, phase=Phase.TRIAL), "som siger noget andet"),
        "run of another initiative": (
            sets(link, to_initiative=idle),
            "er åbnet af en beslutning om et andet initiativ",
        ),
        "reversed opening": (sets(merger, **reversal), "er omgjort, men forløbet i modningsfasen står ved magt"),
        "reversed closing": (sets(merger, **reversal), "er omgjort, men har afsluttet screeningsfasen"),
        "reversed link": (sets(merger, **reversal), f"er omgjort, men initiativet er stadig videreført i {hub.number}"),
        "outcome": (sets(closed, outcome="stopped"), "Udfaldet af screeningsfasen er ikke det"),
        "nothing carried on": (
            lambda: (sets(opened, state="annulled")(), sets(link, is_annulled=True)()),
            f"{merger.initiative.number}-{merger.no}: Beslutningen siger, at initiativet videreføres",
        ),
        "not stopped": (
            lambda: (
                PhaseRun.objects.filter(closed_by=stop).update(state="open", closed_by=None),
                sets(world.stopped, phase=Stage.SCREENING)(),
            ),
            f"{world.stopped.number}-{stop.no}: Beslutningen siger, at initiativet ikke videreføres",
        ),
        "carried on and running": (sets(link, from_initiative=idle), "er videreført i"),
        "ring": (ring, f"{hub.number}: Initiativet er videreført i en ring"),
        "order": (sets(idle, title="Ændret uden om siderne"), f"{idle.number}: Initiativet står ikke efter sin titel"),
        "lead who has left": (
            lambda: rows(User, pk=idle.lead_id).update(left_at=merger.registered_at),
            f"{idle.number}: Den initiativansvarlige er fratrådt.",
        ),
        "seal": (sets(approved, sealed_data="{}"), "De forseglede data passer ikke til kontrolsummen"),
        "seal and checksum": (
            sets(approved, sealed_data="{}", sealed_sha256=_sha256("{}")),
            "De forseglede data er ikke dem, der blev indsendt",
        ),
        "row under the seal": (sets(approved, conclusion="En anden"), "Oplysningerne på siden er andre end"),
        "snapshot": (
            lambda: rows(Snapshot, assessment=approved).update(data="{}"),
            "passer ikke til sin kontrolsum",
        ),
        "checksum of the pdf": (sets(approved, pdf_sha256="0" * 64), "PDF'en er ændret, siden den blev dannet"),
        "pdf without checksum": (sets(approved, pdf_sha256=""), "PDF'en og dens kontrolsum er der ikke begge"),
        "pdf of a draft": (
            sets(world.draft, pdf="susi-vurderinger/x.pdf", pdf_sha256="0" * 64),
            "Der er gemt en PDF af noget, der ikke er godkendt",
        ),
        "two eyes": (
            lambda: approved.writers.add(world.manager),
            "SUSI-vurderingen er godkendt af en, der selv har skrevet på den",
        ),
        "correction of another": (
            sets(world.correction, corrects=world.merger.grounds.first().assessment),
            "Rettelsen hører ikke til det dokument",
        ),
        "deviation": (sets(deviation, reason="En anden"), "er ændret, efter at den trådte i kraft"),
        "deviation without history": (deviation.history.all().delete, "er i kraft, men historikken siger det ikke"),
        "deviation of a draft": (
            lambda: rows(Deviation, pk=deviation.pk).update(assessment=world.hub_draft, criterion=None),
            "er i kraft, men det, den står i, er det ikke",
        ),
        "ground": (
            lambda: rows(DecisionGround, pk=ground.pk).update(assessment=world.draft),
            "som ikke er godkendt",
        ),
        "verdict": (
            lambda: rows(PhaseRun, pk=approved.run_id).update(susi="no"),
            "er ikke konklusionen i",
        ),
        "uploaded file": (
            lambda: DeliverableVersion.objects.exclude(file="").update(sha256="0" * 64),
            "er ændret, siden den blev tilføjet",
        ),
        "migration": (
            lambda: MigrationRecorder(connection).record_unapplied("portfolio", "0001_initial"),
            "portfolio.0001_initial: Ændringen af databasens tabeller er ikke udført",
        ),
    }


def _sha256(text: str) -> str:
    from assessments.record import checksum

    return checksum(text)


@pytest.mark.slow
def test_a_sound_portfolio_has_no_breach_and_every_row_broken_on_purpose_is_named(sound) -> None:
    assert named() == []
    of_the_rows = [one for one in invariants.all_invariants() if one is not invariants.rules_are_in_the_database]
    unnamed = {}
    rooms = (breaking.of_the_course, breaking.of_participants, breaking.of_work, breaking.of_the_desk)
    for name, (how, words) in [*breaks(sound).items(), *(one for room in rooms for one in room(sound).items())]:
        with broken(how):
            found = [f"{breach.about}: {breach.sentence}" for invariant in of_the_rows for breach in invariant()]
            if not any(words in sentence for sentence in found):
                unnamed[name] = found
    assert unnamed == {}
    assert named() == []


def test_the_command_numbers_the_breaches_and_fails(document) -> None:
    out = io.StringIO()
    call_command("check_portfolio", stdout=out)
    assert out.getvalue() == "Alt er efterset, og der er ikke fundet brud.\n"
    Initiative.objects.filter(pk=document.initiative_id).update(title="Ændret")
    Path(document.pdf.path).write_bytes(b"%PDF changed")
    out = io.StringIO()
    with pytest.raises(CommandError, match="2 brud er fundet") as failure:
        call_command("check_portfolio", stdout=out)
    assert failure.value.returncode == 1
    first, second = out.getvalue().splitlines()
    assert first.startswith(f"1. {document.initiative.number}: ")
    assert second == f"2. {document.document_number} v1: PDF'en er ændret, siden den blev dannet."


def test_a_file_that_is_gone_is_named(document) -> None:
    default_storage.delete(document.pdf.name)
    [breach] = breaches()
    assert (breach.about, breach.sentence[:22]) == (document.pdf.name, "Filen findes ikke, men")


def test_a_file_without_a_row_is_named_when_it_has_lain_a_while(document) -> None:
    name = default_storage.save("susi-vurderinger/efterladt.pdf", ContentFile(b"%PDF"))
    assert named() == []
    long_ago = time.time() - 2 * invariants.A_WHILE.total_seconds()
    os.utime(default_storage.path(name), (long_ago, long_ago))
    assert [breach.about for breach in breaches()] == [name]


def test_a_rule_that_the_database_has_lost_is_named() -> None:
    [rule] = [one for one in PhaseRun._meta.constraints if one.name == "one_open_run"]
    with broken(lambda: _without(rule)):
        assert named() == [
            "portfolio_phaserun: Reglen one_open_run mangler i databasen, så den håndhæves ikke.",
        ]


def test_two_open_runs_are_named(document) -> None:
    [rule] = [one for one in PhaseRun._meta.constraints if one.name == "one_open_run"]

    def both_open() -> None:
        _without(rule)
        values = {"state": "open", "phase": "trial", "track": "1", "source": "Eksempel", "sequence": 9}
        PhaseRun.objects.create(initiative=document.initiative, **values)

    with broken(both_open):
        assert f"{document.initiative.number}: Initiativet er i 2 faser på én gang." in named()


def _without(rule) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX "{rule.name}"')


@pytest.mark.once  # PostgreSQL sees to it itself
def test_a_reference_to_nothing_is_named_on_sqlite(document) -> None:
    def dangle() -> None:
        Assessment.objects.filter(pk=document.pk).update(run=99_999)

    with transaction.atomic():
        dangle()
        assert any("som ikke findes" in sentence for sentence in named())
        transaction.set_rollback(True)
