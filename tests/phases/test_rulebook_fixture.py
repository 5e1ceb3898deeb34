"""The rulebook as data says what the sources say. `criteria.csv` is typed from the sources, row by row."""

import csv
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DANISH = {"maturation": "Modning", "trial": "Afprøvning", "dissemination": "Udbredelse"}


@pytest.fixture(scope="module")
def editions():
    rulebook = json.loads((ROOT / "fixtures" / "rulebook.json").read_text(encoding="utf-8"))
    return {edition["number"]: edition for edition in rulebook["editions"]}


@pytest.fixture(scope="module")
def expected_rows():
    with Path(__file__).with_name("criteria.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def criteria_of(edition):
    for gate in edition["gates"]:
        for theme in gate["themes"]:
            for criterion in theme["criteria"]:
                yield gate, theme, criterion


def wording_in_track_two(criterion):
    kind = criterion.get("track2", "none")
    return {"same": criterion["track1"], "none": "", "own": criterion.get("track2_wording")}[kind]


def test_every_row_is_worded_as_in_the_sources(editions, expected_rows):
    rows = [
        {
            "edition": number,
            "gate": DANISH[gate["phase"]],
            "theme_no": str(theme["no"]),
            "theme": theme["heading"],
            "no": str(criterion["no"]),
            "code": criterion["code"],
            "track1": criterion["track1"],
            "track2": wording_in_track_two(criterion),
        }
        for number, edition in editions.items()
        for gate, theme, criterion in criteria_of(edition)
    ]
    assert rows == expected_rows


@pytest.mark.parametrize(
    ("number", "phase", "themes", "track1", "track2"),
    [
        ("1.0", "maturation", 1, 3, 0),
        ("1.0", "trial", 1, 4, 0),
        ("1.0", "dissemination", 1, 5, 0),
        ("2.0", "maturation", 3, 13, 12),
        ("2.0", "trial", 5, 12, 12),
        ("2.0", "dissemination", 5, 8, 8),
    ],
)
def test_counts_of_themes_and_criteria(editions, number, phase, themes, track1, track2):
    gate = next(gate for gate in editions[number]["gates"] if gate["phase"] == phase)
    criteria = [criterion for theme in gate["themes"] for criterion in theme["criteria"]]
    assert len(gate["themes"]) == themes
    assert len(criteria) == track1
    assert sum(bool(wording_in_track_two(criterion)) for criterion in criteria) == track2


def test_own_wording_is_given_exactly_where_track_two_has_one(editions):
    for _, _, criterion in criteria_of(editions["2.0"]):
        assert ("track2_wording" in criterion) == (criterion["track2"] == "own")
        assert criterion.get("track2_wording") != criterion["track1"]


def test_codes_are_stable_and_unique(editions):
    letters = {"maturation": "M", "trial": "A", "dissemination": "U"}
    for number, edition in editions.items():
        codes = [criterion["code"] for _, _, criterion in criteria_of(edition)]
        assert len(codes) == len(set(codes))
        for gate, theme, criterion in criteria_of(edition):
            place = f"{theme['no']}.{criterion['no']}" if number == "2.0" else str(criterion["no"])
            assert criterion["code"] == letters[gate["phase"]] + place


def test_a_criterion_presumes_the_phase_its_wording_speaks_of(editions):
    presuming = {
        criterion["code"]: criterion["presumes"]
        for edition in editions.values()
        for _, _, criterion in criteria_of(edition)
        if criterion["presumes"]
    }
    assert presuming == {
        "A2.1": "maturation",
        "A5.1": "maturation",
        "A5.3": "maturation",
        "U2.1": "trial",
        "U3.1": "trial",
        "U4.1": "trial",
    }


def test_phases_with_typical_length(editions):
    lengths = [(phase["phase"], phase["min_years"], phase["max_years"]) for phase in editions["2.0"]["phases"]]
    assert lengths == [("screening", None, 1), ("maturation", 2, 4), ("trial", 3, 5), ("dissemination", 2, 2)]


def test_tracks_with_their_five_defining_characteristics(editions):
    tracks = editions["2.0"]["tracks"]
    assert [(track["track"], track["name"]) for track in tracks] == [
        ("1", "Sociale indsatser, som kan udføres ensartet"),
        ("2", "Sociale indsatser, som varierer i udførelse"),
    ]
    assert [len(track["characteristics"]) for track in tracks] == [5, 5]


@pytest.mark.parametrize(
    ("phase", "letters", "without"),
    [
        ("screening", "abcdef", []),
        ("maturation", "abcdefghij", ["Midtvejsrapport", "Pilotafprøvning", "Prøvehandlinger"]),
        ("trial", "abcdefg", []),
        ("dissemination", "abc", []),
    ],
)
def test_the_deliverables_of_each_phase(editions, phase, letters, without):
    own = [row for row in editions["2.0"]["deliverables"] if row["phase"] == phase]
    assert "".join(row["letter"] for row in own) == letters
    assert [row["name"] for row in own if not row["letter"]] == without
    assert [row["name"] for row in own if row["is_weighed"]] == without
    assert [row["no"] for row in own] == list(range(1, len(own) + 1))


def test_the_tracks_differ_where_the_source_says_so(editions):
    rows = {row["code"]: row for row in editions["2.0"]["deliverables"]}
    assert {code: row["track"] for code, row in rows.items() if row["track"]} == {
        "M-pilotafproevning": "1",
        "M-proevehandlinger": "2",
    }
    assert {code for code, row in rows.items() if row["track1_note"]} == {"M-a", "M-c", "M-g", "A-c"}
    assert {code for code, row in rows.items() if row["track2_note"]} == {
        *("M-a", "M-c", "M-g", "M-i"),
        *("A-a", "A-c", "A-d", "A-g"),
    }
    assert rows["M-a"]["track1_note"].endswith("• Opstille klare fidelitetskriterier")
    assert "nettolisten" in rows["M-c"]["track1_note"]


def test_the_first_edition_has_no_deliverables(editions):
    assert editions["1.0"]["deliverables"] == []


def test_four_entry_conditions(editions):
    assert [(condition["code"], condition["heading"]) for condition in editions["2.0"]["entry_conditions"]] == [
        ("B1", "Rettet mod et konkret socialt problem"),
        ("B2", "En defineret og afgrænset indsats"),
        ("B3", "Efterlevelse af samlet indsats som forudsætning for virkning"),
        ("B4", "National vidensudvikling"),
    ]


def test_the_first_edition_has_no_tracks_and_only_criteria(editions):
    first = editions["1.0"]
    assert (first["has_tracks"], first["phases"], first["tracks"], first["entry_conditions"]) == (False, [], [], [])
    assert (first["valid_from"], editions["2.0"]["valid_from"]) == ("2017", "2021")


def test_every_row_names_its_source_and_section(editions):
    for edition in editions.values():
        rows = [*edition["phases"], *edition["tracks"], *edition["entry_conditions"], *edition["deliverables"]]
        rows += edition["gates"]
        rows += [criterion for _, _, criterion in criteria_of(edition)]
        for row in [edition, *rows]:
            assert row["source"].startswith(("Drejebog", "Strategi for Udvikling af den Sociale Indsats"))


@pytest.mark.parametrize("defect", ["af 55", "\u00ad", "  ", "<b>", "•\n", "\n\n\n"])
def test_no_defect_is_left_in_what_is_said_of_the_deliverables(editions, defect):
    rows = editions["2.0"]["deliverables"]
    texts = [row[name] for row in rows for name in ("description", "track1_note", "track2_note")]
    assert not [text for text in texts if defect in text or text != text.strip()]


@pytest.mark.parametrize(
    "defect",
    ["åleredskaber for", "og åleredskaber", "det er sandsynligt at", "faglig velbegrundet", "- ", "\u00ad", "  ", "\n"],
)
def test_no_defect_of_the_extraction_is_left(editions, defect):
    texts = [text for _, _, c in criteria_of(editions["2.0"]) for text in (c["track1"], wording_in_track_two(c))]
    texts += [row[name] for row in editions["2.0"]["deliverables"] for name in ("name", "heading")]
    assert not [text for text in texts if defect in text]
