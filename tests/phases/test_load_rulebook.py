"""Taking in the rulebook: what is missing is created, what is there is kept, a broken file is refused whole."""

import copy
import csv
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from phases.models import Criterion, DeliverableType, Edition, EntryCondition, PhaseDefinition, TrackDefinition
from phases.terms import Phase, Track

pytestmark = pytest.mark.django_db
FIXTURE = json.loads((settings.BASE_DIR / "fixtures" / "rulebook.json").read_text(encoding="utf-8"))


def run(command: str, *arguments) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def changed(tmp_path):
    """Write the fixture after a change to it, and return where."""

    def write(change) -> Path:
        content = copy.deepcopy(FIXTURE)
        change(content["editions"])
        path = tmp_path / "rulebook.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def test_both_editions_come_in_published_and_the_newest_is_current():
    report = run("load_rulebook")

    assert "Oprettet: 2 udgaver af regelsættet, 16 temaer, 45 overgangskriterier, 4 faser, 2 spor, 4 " in report
    assert [edition.number for edition in Edition.objects.published().order_by("valid_from")] == ["1.0", "2.0"]
    current = Edition.objects.current()
    assert (current.number, str(current.valid_from_date)) == ("2.0", "2021")
    assert PhaseDefinition.objects.count() == 4
    assert EntryCondition.objects.count() == 4
    assert [len(track.characteristics) for track in TrackDefinition.objects.all()] == [5, 5]


@pytest.mark.parametrize(
    ("phase", "track", "count"),
    [
        (Phase.MATURATION, Track.ONE, 13),
        (Phase.MATURATION, Track.TWO, 12),
        (Phase.TRIAL, Track.ONE, 12),
        (Phase.TRIAL, Track.TWO, 12),
        (Phase.DISSEMINATION, Track.ONE, 8),
        (Phase.DISSEMINATION, Track.TWO, 8),
    ],
)
def test_each_gate_has_the_criteria_of_its_track(phase, track, count):
    run("load_rulebook")
    assert Criterion.objects.for_gate(Edition.objects.current(), phase, track).count() == count


def test_a_second_time_changes_nothing():
    run("load_rulebook")
    before = list(Criterion.objects.values_list()), list(Edition.history.values_list())

    report = run("load_rulebook")

    assert report.splitlines() == [
        "Oprettet: ingen",
        "Bevaret: 2 udgaver af regelsættet, 16 temaer, 45 overgangskriterier, 4 faser, 2 spor, "
        "4 betingelser for at indgå, 29 typiske leverancer",
        "Afvist: ingen",
    ]
    assert (list(Criterion.objects.values_list()), list(Edition.history.values_list())) == before


def test_a_draft_of_a_user_is_kept_and_its_differences_are_told():
    Edition.objects.create(number="2.0", name="Min kladde", valid_from="2026-01-01", source="Eksempel")

    report = run("load_rulebook")

    draft = Edition.objects.get(number="2.0")
    assert (draft.name, draft.is_published, draft.themes.count()) == ("Min kladde", False, 0)
    assert "Bevaret, som det er: editions nr. 2 (2.0): navn er »Min kladde«, i filen »SUSI 2.0«." in report
    assert "Afvist: 85" in report
    assert "criteria nr. 1 (M1.1): Udgaven findes allerede uden dette tema og udvides ikke." in report


def test_a_published_edition_is_not_changed_and_the_difference_is_told(changed):
    run("load_rulebook")

    def reword(editions):
        editions[1]["gates"][0]["themes"][0]["criteria"][0]["track1"] = "En anden ordlyd"

    report = run("load_rulebook", "--fixture", changed(reword))

    assert Criterion.objects.get(code="M1.1").wording == "Det er klart beskrevet, hvilket problem indsatsen skal løse"
    assert "ordlyd (spor 1) er »Det er klart beskrevet, hvilket problem" in report
    assert "i filen »En anden ordlyd«." in report


def test_a_row_more_for_an_edition_that_is_there_is_refused(changed):
    run("load_rulebook")

    def add(editions):
        criteria = editions[1]["gates"][0]["themes"][0]["criteria"]
        criteria.append(criteria[0] | {"no": 5, "code": "M1.5"})

    report = run("load_rulebook", "--fixture", changed(add))

    assert "Afvist: 1\n" in report
    assert "criteria nr. 5 (M1.5): Udgaven findes allerede uden denne række og udvides ikke." in report
    assert not Criterion.objects.filter(code="M1.5").exists()


def test_an_edition_published_before_the_rulebook_had_deliverables_gets_them_and_nothing_else(changed):
    def as_before(editions):
        editions[1]["deliverables"] = []

    run("load_rulebook", "--fixture", changed(as_before))
    before = list(Criterion.objects.values_list()), list(Edition.history.values_list())
    assert not DeliverableType.objects.exists()

    report = run("load_rulebook")

    assert "Oprettet: 29 typiske leverancer\n" in report
    assert DeliverableType.objects.filter(edition__number="2.0").count() == 29
    assert (list(Criterion.objects.values_list()), list(Edition.history.values_list())) == before
    assert "Oprettet: ingen" in run("load_rulebook")


@pytest.mark.parametrize(
    "own",
    [
        {"source": "Vores egen"},  # published by the users themselves under the number of the sources
        {"published_at": None},  # a draft of theirs
    ],
)
def test_an_edition_of_the_users_own_is_not_completed(changed, own):
    run("load_rulebook", "--fixture", changed(lambda editions: editions[1].update(deliverables=[])))
    Edition.objects.filter(number="2.0").update(**own)

    report = run("load_rulebook")

    assert "deliverables nr. 1 (S-a): Udgaven findes allerede uden denne række og udvides ikke." in report
    assert not DeliverableType.objects.exists()


def test_one_deliverable_more_for_an_edition_that_has_them_is_refused(changed):
    run("load_rulebook", "--fixture", changed(lambda editions: editions[1]["deliverables"].pop()))

    report = run("load_rulebook")

    assert "Afvist: 1\n" in report
    assert "deliverables nr. 29 (U-c): Udgaven findes allerede uden denne række og udvides ikke." in report


def criterion(editions, *, gate=0, theme=0, no=0):
    return editions[1]["gates"][gate]["themes"][theme]["criteria"][no]


BROKEN = {
    "unknown phase": (
        lambda editions: editions[1]["gates"][0].update(phase="maturing"),
        "gates nr. 1 (maturing): phase: ",
    ),
    "missing field": (
        lambda editions: criterion(editions).pop("presumes"),
        "criteria nr. 1 (M1.1): Feltet »presumes« mangler.",
    ),
    "unknown field": (
        lambda editions: criterion(editions).update(wording="x"),
        "criteria nr. 1 (M1.1): Feltet »wording« kendes ikke.",
    ),
    "empty field": (
        lambda editions: criterion(editions).update(track1=" "),
        "criteria nr. 1 (M1.1): track1: Feltet skal udfyldes.",
    ),
    "other type": (
        lambda editions: criterion(editions).update(no="1"),
        "criteria nr. 1 (M1.1): no: Skal være et helt tal.",
    ),
    "doubled code": (
        lambda editions: criterion(editions, gate=1).update(code="M1.1"),
        "code »M1.1« står også i editions nr. 2 (2.0), gates nr. 1 (maturation), themes nr. 1",
    ),
    "doubled edition": (
        lambda editions: editions.append(editions[1]),
        "editions nr. 3 (2.0): number »2.0« står også i editions nr. 2 (2.0).",
    ),
    "doubled number": (
        lambda editions: criterion(editions, no=1).update(no=1),
        "criteria nr. 2 (M1.2): no »1« står også i",
    ),
    "own wording left out": (
        lambda editions: criterion(editions, theme=1, no=1).pop("track2_wording"),
        "criteria nr. 2 (M2.2): track2_wording skal stå der, når og kun når track2 er »own«.",
    ),
    "tracks where there are none": (
        lambda editions: editions[0]["gates"][0]["themes"][0]["criteria"][0].update(track2="same"),
        "criteria nr. 1 (M1): track2 skal stå der, når og kun når udgaven har spor.",
    ),
    "no criteria for a phase": (
        lambda editions: editions[1]["gates"].pop(),
        "editions nr. 2 (2.0): Der er ingen kriterier for at overgå til udbredelsesfasen.",
    ),
    "no conditions": (
        lambda editions: editions[1].update(entry_conditions=[]),
        "editions nr. 2 (2.0): Der er ingen betingelser for at indgå i strategien.",
    ),
    "a track not described": (
        lambda editions: editions[1]["tracks"].pop(),
        "editions nr. 2 (2.0): Spor 2 er ikke beskrevet.",
    ),
    "doubled deliverable": (
        lambda editions: editions[1]["deliverables"][1].update(code="S-a"),
        "code »S-a« står også i editions nr. 2 (2.0), deliverables nr. 1 (S-a).",
    ),
    "a deliverable that documents a criterion of another gate": (
        lambda editions: editions[1]["deliverables"][0].update(documents=["A1.1"]),
        "deliverables nr. 1 (S-a): documents: »A1.1« er ikke et kriterie for den næste fase.",
    ),
    "a deliverable of no phase": (
        lambda editions: editions[1]["deliverables"][0].update(phase="pilot"),
        "deliverables nr. 1 (S-a): phase: ",
    ),
    "no list": (
        lambda editions: editions[1].update(tracks=None),
        "editions nr. 2 (2.0), tracks: Listen mangler.",
    ),
    "no row": (
        lambda editions: editions[1]["tracks"].append("spor 3"),
        "tracks nr. 3: Rækken skal være et objekt.",
    ),
    "impossible date": (
        lambda editions: editions[1].update(valid_from="31.02.2021"),
        "editions nr. 2 (2.0): valid_from: Den dato findes ikke i kalenderen.",
    ),
    "control character": (
        lambda editions: criterion(editions).update(track1="Et\x0bproblem"),
        "criteria nr. 1 (M1.1): track1: Teksten indeholder et usynligt tegn (U+000B)",
    ),
}


@pytest.mark.parametrize(("change", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_whole_with_file_row_and_reason(changed, change, reason):
    path = changed(change)

    with pytest.raises(CommandError) as refusal:
        run("load_rulebook", "--fixture", path)

    assert f"{path} er afvist, og intet er indlæst:" in str(refusal.value)
    assert reason in str(refusal.value)
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"editions": [\n  {"number" "2.0"}]}', "linje 2, kolonne 13: filen er ikke gyldig JSON"),
        (b"[]", "Filen skal indeholde et objekt."),
        (b'{"editions": "\xe6"}', "Filen er ikke UTF-8."),
        (None, "Filen kan ikke læses"),
    ],
)
def test_a_file_that_is_no_fixture_is_refused(tmp_path, content, reason):
    path = tmp_path / "rulebook.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        run("load_rulebook", "--fixture", path)


def test_text_is_normalised(changed):
    run("load_rulebook", "--fixture", changed(lambda editions: editions[1].update(name=" Pro\u0308ve ")))
    assert Edition.objects.get(number="2.0").name == "Pröve"


def test_the_export_prints_what_the_sources_say():
    run("load_rulebook")
    expected = Path(__file__).with_name("criteria.csv").read_text(encoding="utf-8")

    assert run("export_rulebook", "--format", "csv") == expected

    rows = json.loads(run("export_rulebook", "--format", "json"))
    as_text = [{header: str(value) for header, value in row.items()} for row in rows]
    assert as_text == list(csv.DictReader(io.StringIO(expected)))
    assert (rows[0]["theme_no"], rows[0]["no"]) == (1, 1)


def test_the_export_of_the_deliverables_prints_what_the_source_says():
    run("load_rulebook")
    printed = list(csv.DictReader(io.StringIO(run("export_rulebook", "--part", "leverancer", "--format", "csv"))))
    with Path(__file__).with_name("deliverables.csv").open(encoding="utf-8", newline="") as table:
        expected = list(csv.DictReader(table))
    assert [{name: row[name] for name in expected[0]} for row in printed] == expected
    assert {row["edition"] for row in printed} == {"2.0"}


def test_the_export_leaves_drafts_out():
    Edition.objects.create(number="3.0", name="Kladde", valid_from="2026-01-01", source="Eksempel")
    assert json.loads(run("export_rulebook", "--format", "json")) == []
