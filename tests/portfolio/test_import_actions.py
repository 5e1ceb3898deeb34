"""Confirming, discarding and taking back: all of it or nothing, once, with name, file and reason in the history."""

import datetime

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from phases.terms import Outcome, Phase, Stage, SusiStatement, Track
from portfolio import actions
from portfolio import columns as c
from portfolio.imports import carrying_out
from portfolio.imports.carrying_out import confirm, digest, discard, upload
from portfolio.imports.table import Unreadable
from portfolio.imports.taking_back import edited_since, take_back
from portfolio.invariants import nobody_who_has_left_leads_what_goes_on
from portfolio.models import Initiative, PhaseRun, PortfolioImport, StatusNote, TargetGroup
from portfolio.standing import Standing
from susi.dates import PartialDate, read
from susi.errors import Conflict, NotAllowed, Refused
from susi.leaving import take_name
from susi.past import as_of
from susi.roles import Role
from tests.factories import AgreementFactory, initiative_in, person
from tests.portfolio.portfolios import anew, from_source
from tests.portfolio.sheets import Row, confirmed, exported, uploaded, xlsx

pytestmark = pytest.mark.django_db
State = PortfolioImport.State


@pytest.fixture
def by():
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def lead():
    return person(Role.LEAD, first_name="Bo", last_name="Eksempel")


@pytest.fixture
def initiative() -> Initiative:
    return from_source(Phase.MATURATION, title="Eksempel: Et sted at bo", funding="Før")


def row_of(initiative: Initiative, **cells: object) -> Row:
    """Return a row of the file: the initiative as it is, with other cells by the names in `portfolio.columns`."""
    return exported(initiative)[0] | {getattr(c, name): value for name, value in cells.items()}


def told(initiative: Initiative) -> list[tuple]:
    """Return what the history says, newest first."""
    return [(row.history_type, row.history_user, row.history_change_reason)
            for row in Initiative.history.filter(id=initiative.pk)]  # fmt: skip


class TestConfirm:
    def test_the_cells_are_written_with_name_file_and_reason(self, by, lead, initiative) -> None:
        agreement, group = AgreementFactory(year=2019), TargetGroup.objects.create(key="v", name="Udsatte voksne")
        row = row_of(initiative, LEAD="Bo Eksempel", FUNDING=None, PROGRAMME=agreement.programme.name,
                     AGREEMENTS=f"{agreement.programme.name} 2019", TARGET_GROUPS=group.name, COUNTS_AS=2,
                     STARTED="november 2023", EXPECTED_END="2027")  # fmt: skip
        made = confirmed(by, row)
        after = anew(initiative)
        assert (after.lead, after.funding, after.programme, after.counts_as) == (lead, "", agreement.programme, 2)
        assert [*after.agreements.all(), *after.target_groups.all()] == [agreement, group]
        assert str(read(after.current_run, "started_on")) == "november 2023"
        assert str(read(after.current_run, "expected_end")) == "2027"
        assert after.version == initiative.version + 1
        assert told(after)[0] == ("~", by, "Indlæst fra rettelser.xlsx: Aftalt på mødet")
        run = PhaseRun.history.filter(id=after.current_run_id).first()
        assert (run.history_user, run.history_change_reason) == (by, "Indlæst fra rettelser.xlsx: Aftalt på mødet")
        assert (made.state, made.confirmed_by, made.reason) == (State.CONFIRMED, by, "Aftalt på mødet")

    def test_a_new_row_becomes_a_proposal(self, by) -> None:
        confirmed(by, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"}, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt igen"})
        first, second = Initiative.objects.order_by("number")
        assert first.phase == Stage.PROPOSAL
        assert first.number.startswith(f"{timezone.localdate().year}-")
        assert int(second.number[5:]) == int(first.number[5:]) + 1
        assert (first.created_by, first.lead) == (by, None)

    def test_one_begun_before_the_system_has_its_source_in_place_of_a_decision(self, by) -> None:
        confirmed(by, {c.NUMBER: None, c.TITLE: "Eksempel: Fra før", c.PHASE: "Screening/modning", c.TRACK: "Spor 2",
                       c.STARTED: "2021", c.EXPECTED_END: "2027", c.OUTCOME: "Ikke afsluttet", c.SUSI: "Ja til begge",
                       c.SOURCE: "Eksempelkilde, række 4"})  # fmt: skip
        initiative = Initiative.objects.with_standing().get()
        first, run = initiative.runs.order_by("sequence")
        assert (first.phase, first.track, first.state) == (Phase.SCREENING, "", PhaseRun.State.ENDED)
        assert (run.phase, run.track, run.state) == (Phase.MATURATION, Track.TWO, PhaseRun.State.OPEN)
        assert (run.source, run.opened_by) == ("Eksempelkilde, række 4", None)
        assert (run.outcome, run.stated_susi) == (Outcome.NOT_ENDED, SusiStatement.YES)
        assert read(first, "started_on") == PartialDate(datetime.date(2021, 1, 1), "year")
        assert (read(run, "started_on"), str(read(run, "expected_end"))) == (None, "2027")
        assert initiative.phase_label == "Screening/modning"
        assert initiative.standing == Standing.RUNNING

    def test_one_that_has_ended_and_whose_track_is_unknown(self, by) -> None:
        confirmed(by, {c.NUMBER: None, c.TITLE: "Eksempel", c.PHASE: "Afprøvning", c.TRACK: "Spor ikke oplyst",
                       c.ENDED: "11.2022", c.SOURCE: "Eksempelkilde"})  # fmt: skip
        initiative = Initiative.objects.with_standing().get()
        assert (initiative.phase, initiative.track_label, initiative.standing) == (
            Stage.ENDED, "Spor ikke oplyst", Standing.ENDED)  # fmt: skip

    def test_a_second_click_writes_nothing(self, by, initiative) -> None:
        made = confirmed(by, row_of(initiative, FUNDING="Efter"))
        with pytest.raises(Conflict, match=r"blev indlæst af .* Du har ikke ændret noget"):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="igen")
        assert anew(initiative).version == initiative.version + 1

    def test_what_somebody_edited_meanwhile_stops_all_of_it(self, by, initiative) -> None:
        made = uploaded(by, row_of(initiative, FUNDING="Efter"), {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})
        initiative.members.add(member := person(Role.LEAD))
        actions.edit_initiative(initiative=initiative, by=member, version=1, funding="Midt imellem")
        with pytest.raises(Conflict, match=f"Række 2: Initiativ {initiative.number} er ændret"):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")
        assert anew(initiative).funding == "Midt imellem"
        assert Initiative.objects.count() == 1
        made.refresh_from_db()
        assert made.plan["rows"][0]["cells"] == [["J2", c.FUNDING, "Midt imellem", "Efter"]]
        confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")
        assert anew(initiative).funding == "Efter"

    def test_a_lead_who_lost_the_role_meanwhile(self, by, lead, initiative) -> None:
        made = uploaded(by, row_of(initiative, LEAD="Bo Eksempel"))
        lead.groups.clear()
        with pytest.raises(Conflict):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")
        made.refresh_from_db()
        assert (made.refused_count, anew(initiative).lead) == (1, initiative.lead)

    def test_a_plan_that_was_not_shown_is_not_confirmed(self, by, initiative) -> None:
        made = uploaded(by, row_of(initiative, FUNDING="Efter"))
        with pytest.raises(Conflict, match="lavet om"):
            confirm(portfolio_import=made, by=by, seen="en anden", reason="r")

    @pytest.mark.parametrize("funding", ["Før", "x" * 201])
    def test_nothing_to_do_and_something_refused(self, by, initiative, funding) -> None:
        made = uploaded(by, row_of(initiative, FUNDING=funding), {c.NUMBER: None, c.TITLE: None})
        with pytest.raises(Refused):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")
        assert anew(initiative).funding == "Før"

    def test_the_same_file_again_is_gone_through_anew(self, by, initiative) -> None:
        content = xlsx(row_of(initiative, FUNDING="Efter"))
        first, second = (upload(by=by, file_name="a.xlsx", content=content) for _ in range(2))
        assert first.pk == second.pk
        other = upload(by=person(Role.ADMINISTRATOR), file_name="a.xlsx", content=content)
        assert other.pk != first.pk

    def test_the_past_knows_what_it_was(self, by, initiative) -> None:
        before = timezone.now()
        confirmed(by, row_of(initiative, FUNDING="Efter"), {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})
        with as_of(before):
            assert [one.funding for one in Initiative.objects.all()] == ["Før"]

    def test_a_long_name_leaves_room_for_the_reason(self, by, initiative) -> None:
        made = upload(by=by, file_name=f"{'lang' * 30}.xlsx", content=xlsx(row_of(initiative, FUNDING="b")))
        made = confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="Aftalt på mødet")
        assert told(initiative)[0][2].endswith("ang.xlsx: Aftalt på mødet")
        assert len(told(initiative)[0][2]) <= 100

    def test_the_reason_is_kept_whole(self, by, initiative) -> None:
        reason = f"{'Aftalt ' * 42}SLUT"
        made = confirmed(by, row_of(initiative, FUNDING="Efter"), reason=reason)
        assert told(initiative)[0][2] == f"Indlæst fra rettelser.xlsx: {reason}"
        take_back(portfolio_import=made, by=by, reason=reason)
        assert told(initiative)[0][2] == f"Taget tilbage: rettelser.xlsx: {reason}"

    def test_a_title_that_was_given_to_another_meanwhile_is_named(self, by) -> None:
        mine, other = (
            uploaded(one, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"}) for one in (by, person(Role.ADMINISTRATOR))
        )
        confirm(portfolio_import=other, by=other.uploaded_by, seen=digest(other.plan), reason="r")
        number = Initiative.objects.get().number
        with pytest.raises(Conflict, match=f"Række 2: Titlen er nu den samme som {number}, siden"):
            confirm(portfolio_import=mine, by=by, seen=digest(mine.plan), reason="r")
        assert Initiative.objects.count() == 1

    def test_nor_is_an_initiative_said_to_be_changed_that_is_not(self, by, initiative) -> None:
        made = uploaded(by, {c.NUMBER: initiative.number, c.TITLE: "Eksempel: Nyt"})
        other = initiative_in(Phase.SCREENING, title="Eksempel: nyt")
        with pytest.raises(Conflict, match=f"Række 2: Titlen er nu den samme som {other.number}, siden"):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")
        made.refresh_from_db()
        Initiative.objects.filter(pk=other.pk).update(title="Eksempel: Noget andet")
        with pytest.raises(Conflict, match="Række 2: Titlen er ikke længere den samme som et andet initiativs, siden"):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r", same_titles=True)

    def test_titles_that_are_taken_must_be_wanted(self, by, initiative) -> None:
        made = uploaded(by, {c.NUMBER: None, c.TITLE: initiative.title})
        seen = digest(made.plan)
        with pytest.raises(Refused, match="samme titel"):
            confirm(portfolio_import=made, by=by, seen=seen, reason="r")
        assert Initiative.objects.count() == 1
        confirm(portfolio_import=made, by=by, seen=seen, reason="r", same_titles=True)
        assert Initiative.objects.count() == 2

    def test_a_number_that_somebody_else_was_given_is_a_conflict(self, by, monkeypatch) -> None:
        made = uploaded(by, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})
        taken = actions.new_initiative(by=by, reason="r", lead=None, title="Eksempel").number
        monkeypatch.setattr(carrying_out, "next_number", lambda year: taken)
        with pytest.raises(Conflict, match="i samme øjeblik"):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")

    def test_what_else_the_database_refuses_is_a_fault(self, by, monkeypatch) -> None:
        made = uploaded(by, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})

        def writes_nonsense(initiative, values, **_):
            initiative.counts_as = 0
            initiative.save()

        monkeypatch.setattr(carrying_out, "write_values", writes_nonsense)
        with pytest.raises(IntegrityError):
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")

    def test_an_upload_does_not_undo_a_confirmation_meanwhile(self, by, monkeypatch) -> None:
        content = xlsx({c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})
        made = upload(by=by, file_name="a.xlsx", content=content)
        real = carrying_out.plan

        def confirms_first(table):
            monkeypatch.setattr(carrying_out, "plan", real)
            confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")
            return real(table)

        monkeypatch.setattr(carrying_out, "plan", confirms_first)
        again = upload(by=by, file_name="a.xlsx", content=content)
        made.refresh_from_db()
        assert (made.state, again.state) == (State.CONFIRMED, State.CHECKED)
        assert Initiative.objects.count() == 1


def test_a_file_that_would_write_too_much_for_one_request(by, monkeypatch) -> None:
    monkeypatch.setattr(carrying_out, "MAX_TOUCHED", 1)
    uploaded(by, {c.NUMBER: None, c.TITLE: "Eksempel"})
    with pytest.raises(Unreadable, match="ændrer eller opretter 2 initiativer"):
        uploaded(by, {c.NUMBER: None, c.TITLE: "Eksempel"}, {c.NUMBER: None, c.TITLE: "Eksempel igen"})


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_a_file_is_read(monkeypatch) -> None:
    during = []
    for module, name in ((carrying_out.reading, "read"), (carrying_out, "plan")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *args, real=real: during.append(connection.in_atomic_block) or real(*args)
        )
    uploaded(person(Role.ADMINISTRATOR), {c.NUMBER: None, c.TITLE: "Eksempel"})
    assert during == [False, False]


class TestDiscard:
    def test_it_can_be_put_aside_once(self, by, initiative) -> None:
        made = discard(portfolio_import=uploaded(by, row_of(initiative, FUNDING="b")), by=by)
        assert (made.state, made.discarded_by) == (State.DISCARDED, by)
        for again in (lambda: discard(portfolio_import=made, by=by),
                      lambda: confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")):  # fmt: skip
            with pytest.raises(Conflict):
                again()


class TestTakeBack:
    def test_everything_is_as_before(self, by, lead, initiative) -> None:
        group = TargetGroup.objects.create(key="v", name="Udsatte voksne")
        row = row_of(initiative, LEAD=str(lead), FUNDING="Efter", TARGET_GROUPS=group.name, STARTED="2023")
        new = {c.NUMBER: None, c.TITLE: "Eksempel: Nyt", c.TARGET_GROUPS: group.name}
        from_before = {c.NUMBER: None, c.TITLE: "Eksempel: Fra før", c.PHASE: "Screening/modning", c.SOURCE: "k"}
        made = confirmed(by, row, new, from_before)
        during = timezone.now()
        created = list(Initiative.objects.exclude(pk=initiative.pk))
        made = take_back(portfolio_import=made, by=by, reason="Forkert fil")
        after = anew(initiative)
        assert (after.lead, after.funding, read(after.current_run, "started_on")) == (initiative.lead, "Før", None)
        assert list(after.target_groups.all()) == []
        assert after.version == initiative.version + 2
        assert list(Initiative.objects.all()) == [initiative]
        assert list(PhaseRun.objects.exclude(initiative=initiative)) == []
        assert (made.state, made.taken_back_by, made.taken_back_reason) == (State.TAKEN_BACK, by, "Forkert fil")
        for one in created:
            assert told(one)[0] == ("-", by, "Taget tilbage: rettelser.xlsx: Forkert fil")
        with as_of(during):
            assert set(Initiative.objects.all()) == {initiative, *created}
            assert [one.target_groups.count() for one in created] == [0, 1]
        with as_of(timezone.now()):
            assert list(Initiative.objects.all()) == [initiative]

    def test_the_number_is_not_given_again(self, by) -> None:
        made = confirmed(by, {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})
        number = Initiative.objects.get().number
        take_back(portfolio_import=made, by=by, reason="r")
        assert actions.next_number(timezone.localdate().year) > number

    def test_not_once_somebody_has_edited(self, by, initiative) -> None:
        other = from_source(Phase.TRIAL, funding="Også før")
        made = confirmed(by, row_of(initiative, FUNDING="Efter"), row_of(other, FUNDING="Efter"))
        other.members.add(member := person(Role.LEAD, first_name="Ida", last_name="Eksempel"))
        actions.edit_initiative(initiative=other, by=member, version=2, title="Eksempel: Ny titel")
        with pytest.raises(Refused, match=f"Initiativ {other.number} er ændret .* af Ida Eksempel") as refused:
            take_back(portfolio_import=made, by=by, reason="r")
        assert initiative.number not in str(refused.value)
        assert anew(initiative).funding == "Efter"
        assert len(edited_since(made.written)) == 1

    def test_nor_when_a_date_of_the_phase_was(self, by, initiative) -> None:
        made = confirmed(by, row_of(initiative, STARTED="2023"))
        anew(initiative).current_run.save()
        with pytest.raises(Refused, match="er ændret"):
            take_back(portfolio_import=made, by=by, reason="r")

    def test_of_phases_run_together_the_first_has_begun_and_the_last_ends(self, by) -> None:
        together = from_source(Phase.SCREENING, Phase.MATURATION)
        made = confirmed(by, row_of(together, STARTED="2021", EXPECTED_END="2027"))
        first, last = together.runs.order_by("sequence")
        assert (str(read(first, "started_on")), read(last, "started_on")) == ("2021", None)
        assert (read(first, "expected_end"), str(read(last, "expected_end"))) == (None, "2027")
        assert exported(together)[0][c.STARTED] == "2021"
        first.save()
        with pytest.raises(Refused, match="er ændret"):
            take_back(portfolio_import=made, by=by, reason="r")

    def test_and_both_get_their_dates_back(self, by) -> None:
        together = from_source(Phase.SCREENING, Phase.MATURATION)
        made = confirmed(by, row_of(together, STARTED="2021", EXPECTED_END="2027"))
        take_back(portfolio_import=made, by=by, reason="r")
        first, last = together.runs.order_by("sequence")
        assert (read(first, "started_on"), read(last, "expected_end")) == (None, None)

    def test_nor_when_a_new_one_is_in_use(self, by, initiative) -> None:
        made = confirmed(by, row_of(initiative, FUNDING="Efter"), {c.NUMBER: None, c.TITLE: "Eksempel: Nyt"})
        new = Initiative.objects.exclude(pk=initiative.pk).get()
        StatusNote.objects.create(initiative=new, text="Det går", written_by=by, written_at=timezone.now())
        with pytest.raises(Refused, match=rf"Initiativ {new.number} er taget i brug siden \(status\)"):
            take_back(portfolio_import=made, by=by, reason="r")
        assert anew(initiative).funding == "Efter"
        assert Initiative.objects.count() == 2

    def test_nor_when_the_lead_it_would_give_back_has_left(self, by, lead, initiative) -> None:
        former = person(Role.LEAD, first_name="Ida", last_name="Eksempel")
        Initiative.objects.filter(pk=initiative.pk).update(lead=former)
        made = confirmed(by, row_of(anew(initiative), LEAD=str(lead)))
        take_name(former, by=by)
        with pytest.raises(Refused, match=f"{initiative.number} havde en .* som siden er fratrådt") as refused:
            take_back(portfolio_import=made, by=by, reason="r")
        assert "udpeg den ansvarlige" in str(refused.value)
        assert (anew(initiative).lead, list(nobody_who_has_left_leads_what_goes_on())) == (lead, [])
        Initiative.objects.filter(pk=initiative.pk).update(lead=former)
        assert [breach.about for breach in nobody_who_has_left_leads_what_goes_on()] == [initiative.number]
        Initiative.objects.filter(pk=initiative.pk).update(phase=Stage.ENDED)
        assert list(nobody_who_has_left_leads_what_goes_on()) == []

    def test_once(self, by, initiative) -> None:
        made = take_back(portfolio_import=confirmed(by, row_of(initiative, FUNDING="b")), by=by, reason="r")
        with pytest.raises(Conflict):
            take_back(portfolio_import=made, by=by, reason="r")
        with pytest.raises(Conflict):
            take_back(portfolio_import=uploaded(by, row_of(initiative, FUNDING="c")), by=by, reason="r")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_the_other_roles_do_none_of_it(by, initiative, role) -> None:
    other, made = person(role), uploaded(by, row_of(initiative, FUNDING="b"))
    for act in (lambda: confirm(portfolio_import=made, by=other, seen=digest(made.plan), reason="r"),
                lambda: discard(portfolio_import=made, by=other),
                lambda: take_back(portfolio_import=made, by=other, reason="r")):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()


def test_a_fault_half_way_leaves_nothing(by, initiative, monkeypatch) -> None:
    made = uploaded(by, row_of(initiative, FUNDING="Efter"), {c.NUMBER: None, c.TITLE: "Eksempel"})

    def fails(written):
        raise RuntimeError

    monkeypatch.setattr(carrying_out, "with_last_history", fails)
    with pytest.raises(RuntimeError):
        confirm(portfolio_import=made, by=by, seen=digest(made.plan), reason="r")
    made.refresh_from_db()
    assert (made.state, anew(initiative).funding, Initiative.objects.count()) == (State.CHECKED, "Før", 1)
