"""Bilag 1 as the database tells it: the same as the source, and following every change."""

import csv
import datetime
import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from phases.terms import Outcome, Phase, SusiStatement
from portfolio import bilag1
from portfolio.models import Agreement, Decision, Initiative, Programme
from susi.dates import Precision
from susi.roles import Role
from tests.factories import person

pytestmark = pytest.mark.django_db
EXPECTED = Path(__file__).with_name("bilag1.csv").read_text(encoding="utf-8")


def export(kind: str) -> str:
    out = io.StringIO()
    call_command("export_portfolio", "--format", kind, stdout=out)
    return out.getvalue()


def exported_row(title: str) -> dict[str, str]:
    return next(row for row in json.loads(export("json")) if row["title"] == title)


def run_of(title: str):
    return Initiative.objects.get(title=title).current_run


@pytest.fixture(scope="module", autouse=True)
def _portfolio(django_db_setup, django_db_blocker):
    """The portfolio, loaded once; every test's own changes are rolled back before the next."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_uip", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


def decide(run, outcome: str, **values) -> Decision:
    """Register a decision about `run` as plainly as possible; what it does to the phases is tested elsewhere."""
    decision = Decision.objects.create(
        initiative=run.initiative,
        no=1,
        outcome=outcome,
        decided_by=Decision.DecidedBy.AGREEMENT_PARTIES,
        decided_on=datetime.date(2026, 3, 2),
        registered_by=person(Role.MANAGER),
        registered_at=datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC),
        **values,
    )
    decision.runs.set([run])
    run.outcome = outcome
    run.save()
    return decision


def test_both_formats_print_what_the_source_says():
    assert export("csv") == EXPECTED
    assert json.loads(export("json")) == list(csv.DictReader(io.StringIO(EXPECTED)))


def test_dash_and_empty_are_different():
    assert exported_row("Styrket familiebehandling i udsatte familier")["carried_forward"] == ""
    assert exported_row("Styrket match af barn og anbringelsessted")["carried_forward"] == "-"


def test_the_sentence_follows_a_changed_outcome_and_assessment():
    title = "Investering i efterværn til unge"
    run = run_of(title)
    run.outcome, run.susi = Outcome.NOT_ENDED, SusiStatement.YES
    run.save()

    row = exported_row(title)

    assert (row["carried_forward"], row["susi"]) == ("-", "Ja til begge")


def test_the_sentence_follows_a_changed_link():
    title = "Kommunale indsatser og metoder vedrørende spiseforstyrrelser og selvskadende adfærd"
    link = run_of(title).initiative.continued_in.get()
    link.to_initiative = Initiative.objects.get(title__startswith="Modning af intensive forløb")
    link.save()

    assert exported_row(title)["carried_forward"] == (
        "Ja (Modning af intensive forløb til unge med komplekse problemer og udadreagerende adfærd, UIP 2022)"
    )


def test_the_sentence_follows_the_targets_title_and_agreement():
    target = Initiative.objects.get(title="Udvikling af indsats til unge med selvskade og spiseforstyrrelse")
    target.title = "Et nyt navn"
    target.save()
    target.agreements.set([Agreement.objects.get(programme__key="uip-voksne", year=2024)])

    row = exported_row("Kommunale indsatser og metoder vedrørende spiseforstyrrelser og selvskadende adfærd")

    assert row["carried_forward"] == "Ja (Et nyt navn, UIP 2024)"


def test_an_annulled_link_is_not_named():
    title = "Kommunale indsatser og metoder vedrørende spiseforstyrrelser og selvskadende adfærd"
    run = run_of(title)
    run.initiative.continued_in.update(is_annulled=True)
    assert "Udvikling af indsats" not in exported_row(title)["carried_forward"]


def test_what_is_decided_here_is_told_in_the_same_sentences():
    run = run_of('Et godt ældreliv for socialt udsatte gennem "Samarbejdsmodellen"')
    coming = Agreement.objects.get(programme__key="uip-voksne", year=2024)

    decision = decide(run, Outcome.RECOMMENDED, agreement=coming)
    assert bilag1.carried_forward(run) == "Initiativet indstilles til videreførelse i UIP 2024."

    Decision.objects.filter(pk=decision.pk).update(outcome=Outcome.STOPPED, reason="Kommunerne efterspørger den ikke.")
    run.outcome = Outcome.STOPPED
    assert bilag1.carried_forward(run) == "Nej. Kommunerne efterspørger den ikke."


def test_a_reversed_decision_is_no_longer_told():
    run = run_of("Forebyggende metoder til psykisk sårbare unge")
    decision = decide(run, Outcome.STOPPED, reason="En anden begrundelse.")
    decision.reversed_by, decision.reversal_reason = decision.registered_by, "Fejl"
    decision.reversed_at = decision.registered_at
    decision.save()
    assert bilag1.carried_forward(run).startswith("Nej. COVID-19 medførte")


def test_awaiting_by_decision_names_what_is_awaited():
    run = run_of("Udvikling af indsats til unge med selvskade og spiseforstyrrelse")
    awaited = Initiative.objects.get(title="ADHD og misbrug")
    decide(run, Outcome.AWAITING, awaits=awaited)
    assert bilag1.carried_forward(run) == "Afventer ADHD og misbrug"

    run.ended_on, run.ended_on_precision = datetime.date(2026, 3, 2), Precision.DAY
    assert bilag1.carried_forward(run) == "Initiativet blev afsluttet den 02.03.2026. Afventer ADHD og misbrug"


@pytest.mark.parametrize(
    ("precision", "said"), [(Precision.MONTH, "i marts 2022"), (Precision.YEAR, "med udgangen af 2022")]
)
def test_an_end_is_told_no_closer_than_it_is_known(precision, said):
    run = run_of("ADHD og misbrug")
    run.outcome, run.stated_reason = Outcome.AWAITING, "Det afventer andre."
    run.ended_on, run.ended_on_precision = datetime.date(2022, 3, 1), precision
    assert bilag1.carried_forward(run) == f"Initiativet blev afsluttet {said}. Det afventer andre."


def test_awaiting_an_agreement_names_it():
    run = run_of("Udvikling af indsats til unge med selvskade og spiseforstyrrelse")
    coming = Agreement.objects.get(programme__key="uip-voksne", year=2024)
    decision = decide(run, Outcome.AWAITING, agreement=coming)
    assert bilag1.carried_forward(run) == "Afventer UIP 2024"

    awaited = Initiative.objects.get(title="ADHD og misbrug")
    Decision.objects.filter(pk=decision.pk).update(awaits=awaited, reason="De to hører sammen.")
    assert bilag1.carried_forward(run) == "Afventer ADHD og misbrug og UIP 2024. De to hører sammen."


def test_udbredelse_ended_by_a_decision_is_told_as_such():
    run = run_of("3 x Bostøttemetoderne CTI, SFT og ÅD")
    decide(run, Outcome.STOPPED, reason="Udbredelsen er slut.")
    assert bilag1.carried_forward(run) == "Udbredelsesinitiativer kan ikke videreføres"


def test_one_that_goes_on_itself_is_cited_with_its_own_title():
    run = run_of("Udvikling af indsats til unge med selvskade og spiseforstyrrelse")
    coming = Agreement.objects.get(programme__key="uip-voksne", year=2024)
    decide(run, Outcome.CONTINUED, agreement=coming, to_phase=Phase.TRIAL)
    assert bilag1.carried_forward(run) == (
        "Ja (Udvikling af indsats til unge med selvskade og spiseforstyrrelse, UIP 2024)"
    )


def test_the_note_of_the_source_goes_with_its_statement_only():
    run = run_of("Investering i efterværn til unge")
    assert bilag1.susi(run) == "Ja og nej. Initiativet lever ikke op til SUSI-kriterierne"
    run.susi = SusiStatement.YES_PARTLY
    assert bilag1.susi(run) == "Ja og delvist"


def test_every_outcome_and_statement_has_a_sentence():
    run = run_of("Styrket match af barn og anbringelsessted")
    for outcome in ["", *Outcome]:
        run.outcome = outcome
        assert isinstance(bilag1.carried_forward(run), str)
    for statement in ["", *SusiStatement]:
        run.susi = statement
        assert isinstance(bilag1.susi(run), str)


def test_proposals_and_those_without_a_programme_are_no_rows():
    Initiative.objects.create(number="2026-001", title="Et forslag", programme=Programme.objects.get(key="uip-voksne"))
    kept = Initiative.objects.get(title="ADHD og misbrug")
    kept.programme = None
    kept.save()

    titles = [row["title"] for row in json.loads(export("json"))]

    assert len(titles) == 41
    assert "ADHD og misbrug" not in titles


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        assert len(json.loads(export("json"))) == 42
