"""Taking in the UIP portfolio: created once, a user's work kept, unknown left unknown, a broken file refused whole."""

import copy
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from phases.terms import Outcome, Phase, Stage
from portfolio.models import Agreement, Continuation, Decision, Initiative, PhaseRun, Programme, TargetGroup

pytestmark = pytest.mark.django_db
FIXTURE = json.loads((settings.BASE_DIR / "fixtures" / "uip.json").read_text(encoding="utf-8"))


def run(command: str, *arguments) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def initiative(key: str) -> Initiative:
    return Initiative.objects.get(source_key=key)


@pytest.fixture
def changed(tmp_path):
    """Write the fixture after a change to it, and return where."""

    def write(change) -> Path:
        content = copy.deepcopy(FIXTURE)
        change(content)
        path = tmp_path / "uip.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def test_everything_comes_in():
    report = run("load_uip")

    assert report.splitlines() == [
        "Oprettet: 3 målgrupper, 2 programmer, 11 aftaler, 42 initiativer, 46 faseforløb, 6 videreførelser",
        "Bevaret: ingen",
        "Afvist: ingen",
    ]
    assert sum(Initiative.objects.values_list("counts_as", flat=True)) == 44


def test_where_the_initiatives_stand_follows_from_what_is_stated():
    run("load_uip")

    stages = Counter(Initiative.objects.values_list("phase", flat=True))

    # Eleven have ended according to their own row. Of the other 31 the source says nothing of the kind.
    assert stages == {
        Stage.ENDED: 11,
        Stage.SCREENING: 3,
        Stage.MATURATION: 19,
        Stage.TRIAL: 2,
        Stage.DISSEMINATION: 7,
    }


def test_every_run_names_its_source_and_leaves_unknown_what_is_unknown():
    run("load_uip")

    for found in PhaseRun.objects.all():
        assert found.source.startswith("Bilag 1, tabel ")
        assert (found.opened_by, found.closed_by, found.track, found.started_on) == (None, None, "", None)
    dated = PhaseRun.objects.exclude(ended_on=None)
    assert [(r.initiative.source_key, r.ended_on.year, r.ended_on_precision) for r in dated] == [
        ("bilag1-1-10", 2022, "year")
    ]
    assert not Decision.objects.exists()
    assert not Initiative.objects.exclude(lead=None).exists()
    assert not TargetGroup.objects.exclude(initiatives=None).exists()


def test_screening_and_modning_together_are_two_runs():
    run("load_uip")

    both = initiative("bilag1-2-03")

    assert both.phase_label == "Screening/modning"
    assert both.phase == Stage.MATURATION
    assert [(r.phase, r.state) for r in both.runs.all()] == [("screening", "ended"), ("maturation", "open")]


def test_two_initiatives_merge_in_the_modning_of_move():
    run("load_uip")

    links = initiative("bilag1-1-22").continues.order_by("from_initiative__number")

    assert [link.from_initiative.title.split()[0] for link in links] == ["ADHD", "Rusmiddelbehandling"]
    assert {link.cited_title for link in links} == {
        "Modning af styrket ambulans stofmiddelbehandling med MOVE til de mest udsatte unge"
    }
    assert all(link.source and link.decision is None for link in links)


def test_the_import_is_told_by_the_history():
    run("load_uip")

    for model in (Programme, Agreement, Initiative, PhaseRun, Continuation):
        assert model.history.values("id").distinct().count() == model.objects.count()
    rows = PhaseRun.history.values_list("history_change_reason", "history_user")
    assert set(rows) == {("Indlæst fra uip.json", None)}


def test_a_second_time_changes_nothing():
    run("load_uip")
    models = (TargetGroup, Programme, Agreement, Initiative, PhaseRun, Continuation)
    before = [(list(model.objects.values_list()), model.history.count()) for model in models]

    report = run("load_uip")

    assert report.splitlines() == [
        "Oprettet: ingen",
        "Bevaret: 3 målgrupper, 2 programmer, 11 aftaler, 42 initiativer, 46 faseforløb, 6 videreførelser",
        "Afvist: ingen",
    ]
    assert [(list(model.objects.values_list()), model.history.count()) for model in models] == before


def test_what_a_user_changed_is_kept_and_told():
    run("load_uip")
    edited = initiative("bilag1-1-05")
    edited.title = "ADHD og rusmidler"
    edited.save()
    edited.agreements.add(Agreement.objects.get(programme__key="uip-voksne", year=2019))
    link = edited.continued_in.get()
    link.is_annulled = True
    link.save()

    report = run("load_uip")

    place = "Bevaret, som det er: initiatives nr. 5 (bilag1-1-05): "
    assert [line for line in report.splitlines() if line.startswith("Bevaret, som")] == [
        f"{place}titel er »ADHD og rusmidler«, i filen »ADHD og misbrug«.",
        f"{place}aftaler er »2018, 2019«, i filen »2018«.",
        f"{place}annulleret er »ja«, i filen »nej«.",
    ]
    assert initiative("bilag1-1-05").title == "ADHD og rusmidler"
    assert edited.continued_in.count() == 1


def test_what_was_decided_since_is_kept_and_told():
    run("load_uip")
    stopped = initiative("bilag1-1-20").current_run
    stopped.outcome = Outcome.STOPPED
    stopped.save()

    report = run("load_uip")

    assert "initiatives nr. 20 (bilag1-1-20): udfald er »Videreføres ikke«, i filen »Ikke afsluttet«." in report
    stopped.refresh_from_db()
    assert (stopped.outcome, stopped.stated_outcome) == (Outcome.STOPPED, Outcome.NOT_ENDED)


def test_only_what_is_missing_is_created(changed):
    run("load_uip", "--fixture", changed(lambda content: content["initiatives"].pop()))

    report = run("load_uip")

    assert report.splitlines()[0] == "Oprettet: 1 initiativ, 1 faseforløb"
    assert Initiative.objects.count() == 42


def test_a_number_that_is_used_for_something_else_is_not_taken():
    Initiative.objects.create(number="2019-004", title="Eksempel")

    with pytest.raises(CommandError) as refusal:
        run("load_uip")

    assert "(bilag1-1-09): number »2019-004« er i brug til noget andet i systemet." in str(refusal.value)
    assert Initiative.objects.count() == 1
    assert not Programme.objects.exists()


def row(content, no=4):
    return content["initiatives"][no - 1]


BROKEN = {
    "unknown phase": (lambda c: row(c).update(phases=["maturing"]), "nr. 4 (bilag1-1-04): phases: "),
    "no phase": (lambda c: row(c).update(phases=[]), "nr. 4 (bilag1-1-04): phases: Skal være en liste"),
    "phases out of order": (
        lambda c: row(c).update(phases=["maturation", "screening"]),
        "phases: Faserne skal stå i modellens rækkefølge.",
    ),
    "phase twice": (
        lambda c: row(c).update(phases=["screening", "screening"]),
        "phases: Det samme står flere gange.",
    ),
    "unknown outcome": (lambda c: row(c).update(outcome="maybe"), "nr. 4 (bilag1-1-04): outcome: "),
    "unknown statement": (lambda c: row(c).update(susi="maybe"), "nr. 4 (bilag1-1-04): susi: "),
    "missing field": (lambda c: row(c).pop("susi"), "nr. 4 (bilag1-1-04): Feltet »susi« mangler."),
    "unknown field": (lambda c: row(c).update(fase="x"), "nr. 4 (bilag1-1-04): Feltet »fase« kendes ikke."),
    "doubled number": (
        lambda c: row(c).update(number="2017-001"),
        "nr. 4 (bilag1-1-04): number »2017-001« står også i initiatives nr. 1 (bilag1-1-01).",
    ),
    "doubled key": (lambda c: row(c).update(key="bilag1-1-01"), "key »bilag1-1-01« står også i initiatives nr. 1"),
    "doubled agreement": (
        lambda c: c["agreements"].append(c["agreements"][0]),
        "agreements nr. 12 (2017): programme »uip-voksne« og year »2017« står også i agreements nr. 1 (2017).",
    ),
    "impossible number": (lambda c: row(c).update(number="17-1"), "number: Skriv nummeret som 2026-014."),
    "dangling link": (
        lambda c: row(c, 5).update(continued_in="bilag1-1-99"),
        "nr. 5 (bilag1-1-05): continued_in: »bilag1-1-99« findes ikke i filen.",
    ),
    "link to itself": (
        lambda c: row(c, 5).update(continued_in="bilag1-1-05"),
        "nr. 5 (bilag1-1-05): continued_in: »bilag1-1-05« findes ikke i filen.",
    ),
    "continued without a link": (
        lambda c: row(c, 5).update(continued_in=""),
        "continued_in: Skal udfyldes, når og kun når outcome er »continued«.",
    ),
    "stopped without a reason": (
        lambda c: row(c).update(outcome_reason=""),
        "outcome_reason: Skal udfyldes, når outcome er »stopped«.",
    ),
    "agreement that is not listed": (
        lambda c: row(c).update(agreements=[2016]),
        "nr. 4 (bilag1-1-04): Aftalen »uip-voksne 2016« findes ikke i filen.",
    ),
    "programme that is not listed": (
        lambda c: row(c).update(programme="uip"),
        "nr. 4 (bilag1-1-04): programme: »uip« findes ikke i filen.",
    ),
    "impossible end": (lambda c: row(c).update(ended="snart"), "ended: Det kan ikke læses som en dato."),
    "too long": (lambda c: row(c).update(title="x" * 301), "title: Teksten er for lang: Den har 301 tegn"),
    "other type": (lambda c: row(c).update(title=7), "title: Skal være tekst."),
    "counts as nothing": (lambda c: row(c).update(counts_as=0), "nr. 4 (bilag1-1-04): counts_as: "),
    "CPR number": (
        lambda c: row(c).update(susi_note="Se 010190-1234"),
        "susi_note: Teksten indeholder noget, der ligner et CPR-nummer",
    ),
    "no list": (lambda c: c.pop("programmes"), "programmes: Listen mangler."),
}


@pytest.mark.parametrize(("change", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_whole_with_file_row_and_reason(changed, change, reason):
    path = changed(change)

    with pytest.raises(CommandError) as refusal:
        run("load_uip", "--fixture", path)

    assert f"{path} er afvist, og intet er indlæst:" in str(refusal.value)
    assert reason in str(refusal.value)
    assert not Initiative.objects.exists()
    assert not Programme.objects.exists()


def test_all_that_is_wrong_is_told_at_once(changed):
    def change(content):
        row(content, 1).update(phases=[Phase.TRIAL, "x"])
        row(content, 2).pop("title")

    with pytest.raises(CommandError) as refusal:
        run("load_uip", "--fixture", changed(change))

    assert [line[:34] for line in str(refusal.value).splitlines()[1:]] == [
        "- initiatives nr. 1 (bilag1-1-01):",
        "- initiatives nr. 2 (bilag1-1-02):",
    ]


def test_what_the_database_refuses_half_way_leaves_nothing(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("portfolio.loading._Taking.take_link", fail)
    with pytest.raises(RuntimeError):
        run("load_uip")
    assert not Programme.objects.exists()
