"""The agreement's year: amounts, and the settlement of all of it in one act."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from assessments import coming
from assessments.actions import decisions
from assessments.actions.settling import RowInput, SettlementInput, set_amount, settle
from phases.terms import Outcome, Phase, Stage, Track
from portfolio.actions import edit_initiative
from portfolio.history import history_of
from portfolio.models import Agreement, AgreementEntry, Decision, Initiative
from susi.errors import Conflict, NotAllowed, Refused
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.markup import Page
from tests.portfolio.portfolios import anew, decide, from_source

pytestmark = pytest.mark.django_db
Result = AgreementEntry.Result
LATER = datetime.date(2026, 5, 4)


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager() -> User:
    return person(Role.MANAGER)


@pytest.fixture
def agreement() -> Agreement:
    return AgreementFactory(year=2027)


@pytest.fixture
def assessed(manager, agreement) -> Initiative:
    """In screening, assessed to go on in modning in spor 1, recommended for the agreement."""
    initiative = initiative_in(Phase.SCREENING)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    decide(initiative, manager, Outcome.RECOMMENDED, agreement=agreement)
    return anew(initiative)


@pytest.fixture
def proposal(manager, agreement) -> Initiative:
    initiative = initiative_in(None)
    decide(initiative, manager, Outcome.RECOMMENDED, agreement=agreement)
    return anew(initiative)


def row(initiative: Initiative, result: str = Result.PRIORITISED, **values: Any) -> RowInput:
    initiative = anew(initiative)
    seen: dict[str, Any] = {
        "seen": decisions.last_decision_no(initiative),
        "seen_ground": decisions.ground_shown(initiative),
    }
    return RowInput(initiative, result=result, **{**seen, **values})


def settled(agreement: Agreement, by: User, *rows: RowInput, **values: Any) -> list[Decision]:
    common: dict[str, Any] = {"decided_by": "agreement_parties", "decided_on": LATER, **values}
    return settle(agreement=agreement, by=by, wanted=SettlementInput(rows=rows, **common))


def test_what_is_prioritised_goes_on_and_what_fell_out_stops_or_waits(agreement, assessed, proposal, manager) -> None:
    third = initiative_in(None)
    decide(third, manager, Outcome.RECOMMENDED, agreement=agreement)
    following = AgreementFactory(programme=agreement.programme, year=2028)
    settled(
        agreement,
        manager,
        row(assessed, prioritised=5_000_000),
        row(proposal, Result.STOPPED, reason="Der var ikke midler."),
        row(third, Result.NEXT),
        next_agreement=following,
    )
    assert [anew(one).phase for one in (assessed, proposal, third)] == [
        Stage.MATURATION,
        Stage.ENDED,
        Stage.PROPOSAL,
    ]
    assert anew(assessed).track == Track.ONE
    year, after = coming.year_of(agreement, manager), coming.year_of(following, manager)
    assert (len(year.waiting), len(year.settled), year.prioritised) == (0, 3, 5_000_000)
    assert [line.initiative.pk for line in after.waiting] == [third.pk]
    told = [event.detail for event in history_of(assessed, manager)]
    assert "Prioriteret beløb: 5.000.000 kr." in told


def test_a_proposal_begins_in_screening_when_the_conditions_are_confirmed(agreement, proposal, manager) -> None:
    with pytest.raises(Refused, match=f"{proposal.number}: Bekræft"):
        settled(agreement, manager, row(proposal))
    (decision,) = settled(agreement, manager, row(proposal, entry_met=True))
    assert anew(proposal).phase == Stage.SCREENING
    assert decision.entry_judgements.filter(met=True).count() == 2


def test_all_of_it_or_none_with_every_reason(agreement, assessed, proposal, manager) -> None:
    source = from_source(
        Phase.MATURATION, outcome=Outcome.RECOMMENDED, stated_agreement=agreement, track=Track.ONE
    )  # of which there is no assessment here
    with pytest.raises(Refused) as refusal:
        settled(agreement, manager, row(assessed), row(proposal, Result.STOPPED), row(source))
    assert [sentence.partition(":")[0] for sentence in refusal.value.sentences] == [proposal.number, source.number]
    assert not isinstance(refusal.value, Conflict)
    assert (anew(assessed).phase, AgreementEntry.objects.count()) == (Stage.SCREENING, 0)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"result": Result.NEXT}, "Vælg den senere aftale"),
        ({"result": Result.STOPPED}, "Skriv, hvorfor initiativet ikke videreføres"),
        ({"result": Result.STOPPED, "reason": "Eksempel", "prioritised": 1}, "kun stå et prioriteret beløb"),
    ],
)
def test_what_is_missing_of_a_row_is_said(values, sentence, agreement, assessed, manager) -> None:
    with pytest.raises(Refused, match=sentence):
        settled(agreement, manager, row(assessed, **values))
    with pytest.raises(Refused, match=sentence):
        settled(agreement, manager, row(assessed, **values), next_agreement=agreement)  # no later one


def test_a_second_click_decides_nothing_twice(agreement, assessed, manager) -> None:
    sent = row(assessed)
    settled(agreement, manager, sent)
    with pytest.raises(Conflict, match="ikke længere indstillet"):
        settled(agreement, manager, sent)
    assert assessed.decisions.count() == 2


def test_a_decision_that_came_first_stops_all_of_it(agreement, assessed, proposal, manager) -> None:
    rows = row(assessed), row(proposal, entry_met=True)
    decide(assessed, manager, Outcome.RECOMMENDED, agreement=agreement)
    with pytest.raises(Conflict) as conflict:
        settled(agreement, manager, *rows)
    assert len(conflict.value.sentences) == 1
    assert anew(proposal).phase == Stage.PROPOSAL


def test_only_a_manager_settles(agreement, assessed) -> None:
    with pytest.raises(NotAllowed):
        settled(agreement, assessed.lead, row(assessed))
    with pytest.raises(Refused, match="mindst ét"):
        settled(agreement, person(Role.MANAGER))


def test_a_result_stands_as_long_as_its_decision(agreement, assessed, manager) -> None:
    (decision,) = settled(agreement, manager, row(assessed, prioritised=7))
    decisions.reverse_decision(decision=decision, by=manager, reason="Forkert aftale")
    year = coming.year_of(agreement, manager)
    assert ([line.initiative.pk for line in year.waiting], year.settled) == ([assessed.pk], [])
    assert coming.COLUMNS["Prioriteret (kr.)"](year.waiting[0]) is None
    settled(agreement, manager, row(assessed, Result.STOPPED, reason="Faldt ud."))
    assert AgreementEntry.objects.get().result == Result.STOPPED


def test_an_initiative_rests_on_the_agreement_it_goes_on_under_until_that_is_reversed(agreement, assessed, manager):
    (decision,) = settled(agreement, manager, row(assessed))
    after = anew(assessed)
    assert (list(after.agreements.all()), after.programme) == ([agreement], agreement.programme)
    decisions.reverse_decision(decision=decision, by=manager, reason="Forkert aftale")
    before = anew(assessed)
    assert (list(before.agreements.all()), before.programme) == ([], None)


def test_a_programme_somebody_has_settled_on_since_stays_when_the_decision_is_reversed(agreement, assessed, manager):
    (decision,) = settled(agreement, manager, row(assessed))
    with pytest.raises(Conflict):  # the form was opened before the agreement came
        edit_initiative(initiative=assessed, by=assessed.lead, version=assessed.version, agreements=[])
    later = AgreementFactory(programme=agreement.programme, year=2030)
    version, both = anew(assessed).version, [agreement, later]
    edit_initiative(initiative=assessed, by=assessed.lead, version=version, agreements=both)
    decisions.reverse_decision(decision=decision, by=manager, reason="Forkert aftale")
    after = anew(assessed)
    assert (list(after.agreements.all()), after.programme) == ([later], agreement.programme)


def test_an_agreement_it_had_already_stays_when_the_decision_is_reversed(agreement, manager) -> None:
    initiative = initiative_in(None, programme=agreement.programme)
    initiative.agreements.add(agreement)
    met = dict.fromkeys(factories.Edition.objects.current().entry_conditions.all(), (True, ""))
    decision = decide(initiative, manager, to_phase=Phase.SCREENING, agreement=agreement, entry=met)
    decisions.reverse_decision(decision=decision, by=manager, reason="Forkert")
    assert list(anew(initiative).agreements.all()) == [agreement]


def test_an_agreement_of_another_programme_is_told_by_the_decision_alone(agreement, manager) -> None:
    initiative = initiative_in(None, programme=AgreementFactory().programme)
    met = dict.fromkeys(factories.Edition.objects.current().entry_conditions.all(), (True, ""))
    decide(initiative, manager, to_phase=Phase.SCREENING, agreement=agreement, entry=met)
    assert not anew(initiative).agreements.exists()


class TestTheAmount:
    def test_writers_and_managers_say_what_is_sought(self, agreement, assessed, manager) -> None:
        for by, version in ((assessed.lead, 0), (manager, 1)):
            what = {"sought": 7 + version, "note": "N"}
            entry = set_amount(initiative=assessed, agreement=agreement, by=by, version=version, **what)
        assert (entry.sought, entry.version) == (8, 2)
        for stranger in (person(Role.READER), person(Role.LEAD)):
            with pytest.raises(NotAllowed):
                set_amount(initiative=assessed, agreement=agreement, by=stranger, version=2, sought=1, note="")
        with pytest.raises(Conflict):
            set_amount(initiative=assessed, agreement=agreement, by=manager, version=1, sought=1, note="")

    def test_where_nothing_is_changed_nothing_is_said_to_be_saved(self, client, agreement, assessed) -> None:
        client.force_login(assessed.lead)
        address = reverse("registers_coming_amount", args=[agreement.pk, assessed.number])

        def answered(**data) -> tuple[int, str]:
            response = client.post(address, data, follow=True)
            return response.status_code, response.content.decode()

        status, page = answered(sought="", note="", version=0)
        assert (status, AgreementEntry.objects.count()) == (422, 0)
        assert "Du har ikke skrevet et beløb eller en bemærkning, så der er ikke gemt noget." in page
        assert "er gemt." in answered(sought="9 mio. kr.", note="", version=0)[1]
        status, page = answered(sought="9.000.000", note="", version=1)
        assert (status, AgreementEntry.objects.get().version) == (422, 1)
        assert "Du har ikke ændret beløbet eller bemærkningen, så der er ikke gemt noget." in page
        assert f"{assessed.number} er gemt som ikke oplyst." in answered(sought="", note="", version=1)[1]
        assert AgreementEntry.objects.get().sought is None

    def test_of_what_is_recommended_for_the_agreement_only(self, agreement, manager) -> None:
        with pytest.raises(Refused, match="ikke længere indstillet"):
            set_amount(initiative=initiative_in(None), agreement=agreement, by=manager, version=0, sought=1, note="")

    def test_no_half_settlement_in_the_database(self, agreement, assessed) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            AgreementEntry.objects.create(initiative=assessed, agreement=agreement, result=Result.STOPPED)
        with pytest.raises(IntegrityError), transaction.atomic():
            AgreementEntry.objects.create(initiative=assessed, agreement=agreement, prioritised=1)

    def test_both_amounts_are_on_the_screen_when_somebody_saved_first(self, client, agreement, assessed) -> None:
        set_amount(initiative=assessed, agreement=agreement, by=assessed.lead, version=0, sought=9_000_000, note="")
        client.force_login(assessed.lead)
        address = reverse("registers_coming_amount", args=[agreement.pk, assessed.number])
        response = client.post(address, {"sought": "1,5 mio. kr.", "note": "", "version": 0})
        page = response.content.decode()
        assert response.status_code == 409
        assert ("9.000.000 kr." in page, "1,5 mio. kr." in page) == (True, True)
        assert client.post(address, {"sought": "1,5 mio. kr.", "note": "", "version": 1}).status_code == 302
        assert AgreementEntry.objects.get().sought == 1_500_000


class TestThePages:
    def test_readiness_is_that_of_the_assessment(self, agreement, assessed, proposal, manager) -> None:
        year = coming.year_of(agreement, manager)
        said = {line.initiative.pk: (line.where_to, line.readiness_words) for line in year.waiting}
        assert said[assessed.pk] == ("Modning, spor 1", "2 opfyldt, 1 forklaret, 0 mangler")
        assert said[proposal.pk] == ("Screening", "Screening har ingen kriterier")

    def test_the_sum_ends_its_sentence_once(self, client, agreement, assessed, manager) -> None:
        set_amount(initiative=assessed, agreement=agreement, by=assessed.lead, version=0, sought=9_000_000, note="")
        client.force_login(manager)
        answer = client.get(reverse("registers_coming_agreement", args=[agreement.pk]))
        page = Page(answer.content.decode()).root.text
        assert "Søgt i alt 9.000.000 kr. Hent som PDF" in page

    def test_a_reader_learns_of_no_proposal(self, client, agreement, assessed, proposal) -> None:
        client.force_login(person(Role.READER))
        page = client.get(reverse("registers_coming_agreement", args=[agreement.pk])).content.decode()
        assert (assessed.title in page, proposal.title in page) == (True, False)
        assert client.get(reverse("registers_coming_settle", args=[agreement.pk])).status_code == 403

    def test_the_manager_settles_on_the_page_and_a_second_click_is_told(
        self, client, agreement, assessed, manager
    ) -> None:
        client.force_login(manager)
        set_amount(initiative=assessed, agreement=agreement, by=manager, version=0, sought=9_000_000, note="")
        address = reverse("registers_coming_settle", args=[agreement.pk])
        prefix = f"row-{assessed.pk}"
        sent = {
            "decided_by": "agreement_parties",
            "decided_on": "04.05.2026",
            f"{prefix}-seen": 1,
            f"{prefix}-seen_ground": decisions.ground_shown(assessed),
            f"{prefix}-result": "stopped",
            f"{prefix}-reason": "",
        }
        assert client.post(address, sent).status_code == 422
        sent[f"{prefix}-reason"] = "Der var ikke midler."
        early = client.post(address, {**sent, "decided_on": "01.03.2026"})
        assert (early.status_code, "Der var ikke midler." in early.content.decode()) == (422, True)
        stale = client.post(address, {**sent, f"{prefix}-seen": 0})
        assert (stale.status_code, "Der var ikke midler." in stale.content.decode()) == (409, True)
        assert anew(assessed).phase == Stage.SCREENING
        assert client.post(address, sent).status_code == 302
        assert anew(assessed).phase == Stage.ENDED
        assert stale.content.decode().count("Der var ikke midler.") == 1, "in its field alone"
        second = client.post(address, sent)
        assert (second.status_code, "Der var ikke midler." in second.content.decode()) == (409, True)
        assert assessed.decisions.count() == 2
        listed = client.get(reverse("registers_coming_agreement", args=[agreement.pk])).content.decode()
        assert "Søgt i alt <strong>9.000.000 kr.</strong>" in listed, "also of what is settled"

    @pytest.mark.parametrize(
        ("result", "values", "wrong"),
        [("stopped", {"reason": "x" * 4001}, "reason"), ("elsewhere", {"prioritised": "9.000.000"}, "result")],
    )
    def test_a_field_is_not_held_against_one_that_cannot_be_read(
        self, result, values, wrong, client, agreement, assessed, manager
    ) -> None:
        client.force_login(manager)
        sent = {"result": result, **values, "seen": 1, "seen_ground": decisions.ground_shown(assessed)}
        sent = {f"row-{assessed.pk}-{name}": value for name, value in sent.items()}
        common = {"decided_by": "agreement_parties", "decided_on": "04.05.2026"}
        answer = client.post(reverse("registers_coming_settle", args=[agreement.pk]), common | sent)
        assert answer.status_code == 422
        (row,) = answer.context["form"].rows
        assert {name: len(errors) for name, errors in row.errors.items()} == {wrong: 1}

    def test_what_waits_for_an_agreement_nobody_names_is_told(self, client, manager) -> None:
        unnamed = from_source(Phase.MATURATION, outcome=Outcome.RECOMMENDED)
        client.force_login(manager)
        response = client.get(reverse("registers_coming"))
        assert [one.pk for one in response.context["unnamed"]] == [unnamed.pk]

    def test_the_list_is_taken_along(self, client, agreement, assessed) -> None:
        client.force_login(person(Role.READER))
        address = reverse("registers_coming_export", args=[agreement.pk, "csv"])
        text = b"".join(client.get(address).streaming_content).decode()
        assert f"{assessed.number};" in text
        assert "# Antal: 1 initiativ\r\n" in text
