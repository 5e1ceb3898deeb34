"""The case file: what is handed out and what is left out, that it is the same for the same case, and who gets it."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from assessments.actions.decisions import reverse_decision
from assessments.inputs import ContinueIn
from assessments.models import Assessment
from desk.actions.case_files import expire_case_files, make_step, make_whole, order_case_file
from desk.actions.exemptions import exempt, lift
from desk.case_file import making
from desk.models import CaseFile, Exemption
from phases.terms import Outcome, Phase, Stage, Track
from portfolio.actions import write_status
from portfolio.history import history_of
from portfolio.models import Initiative, PhaseRun
from susi.clock import clock_at
from susi.errors import Conflict, NotAllowed, Refused
from susi.models import User
from susi.roles import Role
from susi.uploads import check
from tests import factories
from tests.desk.files import everything, files_of, leave_out, lines, made, zipped
from tests.factories import initiative_in, noon, person
from tests.files import pdf, upload
from tests.portfolio.portfolios import anew, decide
from tests.visitor import Visitor
from work.actions import deliverables
from work.actions.deliverables import PlanInput, VersionInput
from work.models import DeliverableVersion

pytestmark = pytest.mark.django_db
SECRET = "Kun til internt brug"


@pytest.fixture
def manager() -> User:
    factories.rulebook()
    return person(Role.MANAGER)


@pytest.fixture
def initiative(manager) -> Initiative:
    """One that was assessed, with a fravigelse, and decided on, and has a draft."""
    initiative = initiative_in(Phase.SCREENING, title="Eksempel: Æblehaven")
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.1",))
    decide(initiative, manager, to_phase=Phase.MATURATION, to_track="1", reason="Eksempel på en begrundelse")
    initiative = anew(initiative)
    write_status(initiative=initiative, by=initiative.lead, text=SECRET)
    factories.complete_draft(initiative, to_phase=Phase.TRIAL, conclusion="Endnu en kladde")
    return anew(initiative)


def deliver(run: PhaseRun, by: User) -> None:
    """A deliverable of one's own, with a file."""
    own = deliverables.add_own(run=run, by=by, name="Eksempel: en film", planned=PlanInput(notes="Noter"))
    added = VersionInput(file=check(upload(pdf("Filmen"), "film.pdf")))
    deliverables.add_version(run=run, code=own.code, by=by, added=added)


class TestContents:
    def test_everything_is_there_with_an_index_and_its_sums(self, initiative, manager) -> None:
        files = made(initiative, manager)
        number = initiative.number
        assessment = f"3_SUSI-vurderinger/SUSI-vurdering_{number}-1_v1"
        tables = ["0_Indeks", "1_Om_initiativet", "2_Faser", "4_Beslutninger_om_faseovergang", "5_Fravigelser",
                  "6_Statusser", "7_Historik"]  # fmt: skip
        expected = {f"{name}{end}" for name in tables for end in (".csv", ".pdf")}
        assert set(files) == expected | {f"{assessment}.json", f"{assessment}.pdf", "MANIFEST.sha256"}
        assert list(files) == [*sorted(set(files) - {"MANIFEST.sha256"}), "MANIFEST.sha256"]
        sealed = Assessment.objects.approved().get()
        assert hashlib.sha256(files[f"{assessment}.json"]).hexdigest() == sealed.sealed_sha256
        assert hashlib.sha256(files[f"{assessment}.pdf"]).hexdigest() == sealed.pdf_sha256
        for line in files["MANIFEST.sha256"].decode().splitlines():
            sum_, name = line.split("  ")
            assert hashlib.sha256(files[name]).hexdigest() == sum_
        assert len(files["MANIFEST.sha256"].splitlines()) == len(files) - 1

    def test_the_tables_tell_what_was_done(self, initiative, manager) -> None:
        files = made(initiative, manager)
        decision = lines(files, "4_Beslutninger_om_faseovergang.csv")[1]
        assert decision[0] == f"{initiative.number}-1"
        assert decision[4:6] == ["Videreføres i modning, spor 1", "Eksempel på en begrundelse"]
        assert lines(files, "5_Fravigelser.csv")[1][0] == "kriterie M1.1"
        told = [row[2] for row in lines(files, "7_Historik.csv")]
        assert "Status skrevet" in told
        assert f"SUSI-vurdering {initiative.number}-1, version 1: godkendt og forseglet" in told
        assert ["Titel", "Eksempel: Æblehaven"] in lines(files, "1_Om_initiativet.csv")

    def test_what_it_was_carried_on_in_is_told_until_that_is_reversed(self, manager) -> None:
        initiative = initiative_in(Phase.SCREENING)
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION)
        goes_on = {"to_phase": Phase.MATURATION, "to_track": "1"}
        decision = decide(initiative, manager, **goes_on, continue_in=ContinueIn.NEW, new_title="Eksempel: fulgt op")
        assert "Eksempel: fulgt op" in made(initiative, manager)["1_Om_initiativet.csv"].decode()
        reverse_decision(decision=decision, by=manager, reason="Forkert")
        Initiative.objects.filter(title="Eksempel: fulgt op").update(phase=Stage.ENDED)  # no proposal any more
        assert "Eksempel: fulgt op" not in made(initiative, manager)["1_Om_initiativet.csv"].decode()

    def test_drafts_and_proposals_are_left_out(self, initiative, manager) -> None:
        proposal = initiative_in(None, title="Eksempel: et hemmeligt forslag")
        decide(initiative, manager, Outcome.AWAITING, awaits=proposal)
        text = everything(made(initiative, manager))
        assert "Endnu en kladde" not in text
        assert f"SUSI-vurdering {initiative.number}-2" not in text
        assert "Eksempel: et hemmeligt forslag" not in text

    def test_the_work_of_the_phases_is_there_with_its_files(self, manager) -> None:
        run = initiative_in(Phase.MATURATION, Track.ONE).current_run
        lead = run.initiative.lead
        deliver(run, lead)
        files = made(run.initiative, manager)
        row = lines(files, "3_Leverancer.csv")[1]
        assert row[:4] == ["Modning", "Eksempel: en film", "Relevant", "I gang"]
        stored = next(name for name in files if name.startswith("3_Leverancer/"))
        assert stored.endswith("_v1_film.pdf")
        assert files[stored] == pdf("Filmen")
        exempt_one = leave_out(run.initiative, manager, "deliverable")
        left = made(run.initiative, manager)
        assert not any(name.startswith("3_") for name in left)
        assert "en film: version" not in left["4_Historik.csv"].decode()
        lift(exemption=exempt_one, by=manager)

    def test_of_a_file_that_is_exempt_neither_the_table_nor_the_history_tells(self, manager) -> None:
        run = initiative_in(Phase.MATURATION, Track.ONE).current_run
        deliver(run, run.initiative.lead)
        assert everything(made(run.initiative, manager)).count("film.pdf") > 2
        leave_out(run.initiative, manager, "deliverable_file")
        files = made(run.initiative, manager)
        assert "film.pdf" not in everything(files)
        assert lines(files, "3_Leverancer.csv")[1][1] == "Eksempel: en film"

    def test_a_file_that_is_gone_stops_it(self, manager) -> None:
        run = initiative_in(Phase.MATURATION, Track.ONE).current_run
        deliver(run, run.initiative.lead)
        default_storage.delete(DeliverableVersion.objects.get().file.name)
        assert "findes ikke" in make_whole(order_case_file(initiative=run.initiative, by=manager)).problem

    def test_it_is_the_same_whoever_asks_and_whenever(self, initiative, manager) -> None:
        one = make_whole(order_case_file(initiative=initiative, by=manager))
        with clock_at(noon(one.made_at.date() + timedelta(days=40))):
            other = make_whole(order_case_file(initiative=initiative, by=initiative.lead))
        assert one.manifest_sha256 == other.manifest_sha256
        assert zipped(one) == zipped(other)
        write_status(initiative=initiative, by=initiative.lead, text="Noget nyt")
        assert make_whole(order_case_file(initiative=initiative, by=manager)).manifest_sha256 != one.manifest_sha256

    @pytest.mark.real
    def test_so_is_what_is_typeset(self) -> None:
        table = {"do": "table", "name": "a", "heading": "Æ", "lead": "", "note": "", "columns": ["A"], "rows": [["b"]]}
        assert making.make(table) == making.make(table)
        assert making.make(table)[1][1].startswith(b"%PDF")


class TestExemption:
    def test_only_title_and_ground_are_told(self, initiative, manager) -> None:
        assert SECRET in everything(made(initiative, manager))
        leave_out(initiative, manager, "status")
        files = made(initiative, manager)
        assert SECRET not in everything(files)
        assert "Eksempel på en begrundelse" not in files["0_Indeks.csv"].decode()
        line = next(row for row in lines(files, "0_Indeks.csv") if row[0] == "Statusser")
        assert line[3:] == ["Nej", "Internt dokument (offentlighedsloven § 23)"]
        assert "6_Statusser.csv" not in files

    def test_with_a_document_goes_what_is_part_of_it_and_what_the_history_says_of_it(self, initiative, manager) -> None:
        leave_out(initiative, manager, "assessment")
        files = made(initiative, manager)
        left = [row[0] for row in lines(files, "0_Indeks.csv") if row[3] == "Nej"]
        assert left == ["SUSI-vurderinger", "Fravigelser"]
        assert not any(name.startswith(("3_", "5_")) for name in files)
        assert "Datagrundlaget er spinkelt" not in everything(files)
        assert CaseFile.objects.first().left_out == 2

    @pytest.mark.parametrize("kind", ["facts", "phases", "assessment", "decision", "deviation", "status", "history"])
    def test_every_kind_can_be_left_out_and_handed_out_again(self, initiative, manager, kind) -> None:
        before = order_case_file(initiative=initiative, by=manager).plan
        exemption = leave_out(initiative, initiative.lead, kind)
        index = made(initiative, manager)["0_Indeks.csv"].decode()
        assert f"{exemption.title};" in index
        assert "Nej" in index
        with pytest.raises(Conflict, match="allerede undtaget"):
            leave_out(initiative, manager, kind, exemption.key)
        lift(exemption=exemption, by=manager)
        with pytest.raises(Conflict, match="allerede ophævet"):
            lift(exemption=exemption, by=manager)
        assert order_case_file(initiative=initiative, by=manager).plan == before

    def test_what_was_made_before_can_no_longer_be_fetched(self, initiative, manager) -> None:
        ready = make_whole(order_case_file(initiative=initiative, by=manager))
        making_now = make_step(order_case_file(initiative=initiative, by=manager))
        leave_out(initiative, manager, "status")
        assert [CaseFile.objects.get(pk=one.pk).state for one in (ready, making_now)] == ["expired", "failed"]
        assert make_step(making_now).state == "failed"
        client = Client()
        client.force_login(manager)
        assert client.get(f"/initiativer/{initiative.number}/akter/{ready.pk}/hent/").status_code == 409

    def test_it_needs_the_right_a_document_and_a_reason(self, initiative, manager) -> None:
        for user in (person(Role.READER), person(Role.LEAD), person(Role.ADMINISTRATOR)):
            with pytest.raises(NotAllowed):
                leave_out(initiative, user, "status")
        with pytest.raises(Refused, match="findes ikke"):
            leave_out(initiative, manager, "assessment", "2")  # a draft is no document
        with pytest.raises(Refused, match="hvorfor"):
            exempt(initiative=initiative, kind="history", key="all", ground="internal", reason=" ", by=manager)
        exemption = leave_out(initiative, manager, "status")
        with pytest.raises(NotAllowed):
            lift(exemption=exemption, by=person(Role.LEAD))
        with pytest.raises(IntegrityError), transaction.atomic():
            Exemption.objects.filter(pk=exemption.pk).update(reason="")

    def test_the_history_tells_those_who_work_with_it_and_no_reader(self, initiative, manager) -> None:
        lift(exemption=leave_out(initiative, manager, "status"), by=manager)
        told = {user: [event.text for event in history_of(initiative, user)] for user in (manager, person(Role.READER))}
        assert [sum("ndtaget fra aktindsigt" in text for text in texts) for texts in told.values()] == [2, 0]


class TestMaking:
    def test_a_second_click_finds_the_one_being_made(self, initiative, manager) -> None:
        first = order_case_file(initiative=initiative, by=manager)
        assert order_case_file(initiative=initiative, by=initiative.lead) == first
        assert CaseFile.objects.count() == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseFile.objects.create(
                initiative=initiative, ordered_by=manager, ordered_at=first.ordered_at, plan=[], steps=1
            )

    def test_it_goes_on_where_it_was_broken_off_with_what_there_was_when_it_was_ordered(
        self, initiative, manager, django_capture_on_commit_callbacks
    ) -> None:
        case_file = make_step(order_case_file(initiative=initiative, by=manager))
        assert (case_file.done, case_file.steps, case_file.percent) == (1, 9, 11)
        write_status(initiative=initiative, by=initiative.lead, text="Skrevet imens")
        with django_capture_on_commit_callbacks(execute=True):
            case_file = make_whole(order_case_file(initiative=initiative, by=manager))
        assert "Skrevet imens" not in everything(files_of(case_file))
        assert not default_storage.exists(case_file.folder)
        assert make_step(case_file).is_ready

    @pytest.mark.parametrize(
        ("problem", "said"),
        [
            (OSError(28, "No space left"), "Filen kunne ikke gemmes"),
            (ValueError(), "Der skete en fejl"),
            (Refused("Forseglet forkert."), "Forseglet forkert."),
        ],
    )
    def test_what_goes_wrong_ends_it_and_says_why(self, initiative, manager, problem, said) -> None:
        case_file = order_case_file(initiative=initiative, by=manager)
        with mock.patch.object(making, "keep", side_effect=problem):
            assert make_step(case_file).problem.startswith(said)
        assert made(initiative, manager)

    def test_a_broken_seal_is_never_handed_out(self, initiative, manager) -> None:
        Assessment.objects.approved().update(sealed_data="{}")
        case_file = make_whole(order_case_file(initiative=initiative, by=manager))
        assert case_file.state == "failed"
        assert "kontrolsummen" in case_file.problem

    def test_the_worker_makes_it_where_there_is_one(
        self, initiative, manager, settings, django_capture_on_commit_callbacks
    ) -> None:
        from desk import tasks

        settings.PDF_IN_BACKGROUND = True
        with (
            mock.patch.object(tasks.make_case_file, "delay") as delay,
            django_capture_on_commit_callbacks(execute=True),
        ):
            case_file = order_case_file(initiative=initiative, by=manager)
        delay.assert_called_once_with(case_file.pk, 0)
        client = Client()
        client.force_login(manager)
        step = f"/initiativer/{initiative.number}/akter/{case_file.pk}/videre/"
        assert "0 af 9 dele" in client.post(step, headers={"HX-Request": "true"}).content.decode()
        with mock.patch.object(tasks.make_case_file, "delay", tasks.make_case_file):
            tasks.make_case_file(case_file.pk, 0)
        assert "Akterne er klar" in client.post(step, headers={"HX-Request": "true"}).content.decode()

    def test_what_could_not_be_asked_for_is_asked_for_by_the_clock(
        self, initiative, manager, settings, django_capture_on_commit_callbacks
    ) -> None:
        from desk import tasks

        settings.PDF_IN_BACKGROUND = True
        gone = mock.patch.object(tasks.make_case_file, "delay", side_effect=ConnectionError)
        with gone, django_capture_on_commit_callbacks(execute=True):
            case_file = order_case_file(initiative=initiative, by=manager)
        with mock.patch.object(tasks.make_case_file, "delay", tasks.make_case_file):
            tasks.make_waiting_case_files()
        case_file.refresh_from_db()
        assert case_file.is_ready
        with mock.patch.object(tasks.make_case_file, "delay") as delay:
            tasks.make_waiting_case_files()
        delay.assert_not_called()

    def test_of_two_who_ask_for_one_step_one_goes_on(self, initiative, manager) -> None:
        from desk import tasks

        case_file = order_case_file(initiative=initiative, by=manager)
        asked = [(case_file.pk, 0), (case_file.pk, 0)]  # when it was ordered, and by the clock
        with mock.patch.object(tasks.make_case_file, "delay", lambda pk, done: asked.append((pk, done))):
            for pk, done in asked:  # which grows meanwhile
                tasks.make_case_file(pk, done)
        assert [done for _, done in asked] == [0, *range(9)]
        case_file.refresh_from_db()
        assert case_file.is_ready

    @pytest.mark.parametrize("steps", [0, 8])
    def test_a_step_that_ends_the_worker_is_given_up_in_the_end(self, initiative, manager, steps) -> None:
        case_file = order_case_file(initiative=initiative, by=manager)
        for _ in range(steps):
            case_file = make_step(case_file)
        killed = mock.Mock(side_effect=KeyboardInterrupt)
        with mock.patch.object(making, "keep", killed), mock.patch.object(making, "zip_of", killed):
            for _ in range(3):
                with pytest.raises(KeyboardInterrupt):
                    make_step(case_file)
            assert make_step(case_file).problem.startswith("Arbejdet gik i stå 3 gange samme sted.")
        assert killed.call_count == 3
        assert made(initiative, manager)

    def test_a_file_that_is_gone_is_said_to_be(self, initiative, manager) -> None:
        case_file = make_whole(order_case_file(initiative=initiative, by=manager))
        default_storage.delete(case_file.file.name)
        address = f"/initiativer/{initiative.number}/akter/{case_file.pk}/hent/"
        Visitor(manager).opens(address, 409).reads("Filen findes ikke længere")

    def test_it_is_taken_away_after_some_days(
        self, initiative, manager, settings, django_capture_on_commit_callbacks
    ) -> None:
        settings.CASE_FILE_DAYS = 7
        case_file = make_whole(order_case_file(initiative=initiative, by=manager))
        name = case_file.file.name
        with clock_at(noon(case_file.expires_on - timedelta(days=1))):
            assert expire_case_files() == 0
        fetch = f"/initiativer/{case_file.initiative.number}/akter/{case_file.pk}/hent/"
        with clock_at(noon(case_file.expires_on)):  # also where nothing has taken it away yet
            assert Visitor(case_file.ordered_by).client.get(fetch).status_code == 409
        out = io.StringIO()
        with clock_at(noon(case_file.expires_on)), django_capture_on_commit_callbacks(execute=True):
            call_command("expire_case_files", stdout=out)
        assert out.getvalue() == "1 slettet\n"
        assert not default_storage.exists(name)
        case_file.refresh_from_db()
        assert (case_file.state, case_file.file.name) == ("expired", "")
        assert case_file.manifest_sha256


class TestPages:
    @pytest.fixture
    def visitor(self, initiative) -> Iterator[Visitor]:
        return Visitor(initiative.lead).opens(f"/initiativer/{initiative.number}/")

    def test_from_the_initiative_to_the_file(self, initiative, visitor) -> None:
        visitor.follows("Hent sagens akter").reads("Beslutning om faseovergang", "Historik")
        visitor.presses("Hent sagens akter").reads("0 af 9 dele er dannet")
        for _ in range(9):
            visitor.presses("Dan den næste del")
        visitor.reads("Akterne er klar: 7 dokumenter.")
        response = visitor.client.get(f"{visitor.address}hent/")
        assert response["Content-Type"] == "application/zip"
        assert response["Content-Disposition"].startswith(f'attachment; filename="Sagsakter_{initiative.number}_')
        assert response["X-Content-Type-Options"] == "nosniff"
        assert zipfile.is_zipfile(io.BytesIO(b"".join(response.streaming_content)))

    def test_a_document_is_exempt_and_handed_out_again(self, visitor) -> None:
        visitor.follows("Hent sagens akter").follows("Undtag").writes("Begrundelse", "Født 010190-1235")
        visitor.presses("Undtag dokumentet", 422).reads("CPR", "Vælg en mulighed")
        visitor.writes("Begrundelse", "Eksempel").chooses("Grundlag", "Internt dokument (offentlighedsloven § 23)")
        visitor.presses("Undtag dokumentet").reads("er undtaget fra aktindsigt", "1 dokument er undtaget")
        visitor.presses("Ophæv undtagelsen").reads("udleveres nu").does_not_read("1 dokument er undtaget")

    def test_nobody_else_gets_near_it(self, initiative, manager) -> None:
        case_file = make_whole(order_case_file(initiative=initiative, by=manager))
        base = f"/initiativer/{initiative.number}/akter/"
        for user in (person(Role.READER), person(Role.LEAD)):
            client = Client()
            client.force_login(user)
            for address in ("", f"{case_file.pk}/", f"{case_file.pk}/hent/", "undtag/history/all/"):
                assert client.get(base + address).status_code == 403, address
            assert client.post(base).status_code == 403
        other = initiative_in(Phase.TRIAL)
        client = Client()
        client.force_login(other.lead)
        assert client.get(f"/initiativer/{other.number}/akter/{case_file.pk}/hent/").status_code == 404
