"""The UIP portfolio as data says what Bilag 1 says. `bilag1.csv` is typed from the source, row by row."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DANISH = {
    ("screening",): "Screening",
    ("screening", "maturation"): "Screening/modning",
    ("maturation",): "Modning",
    ("trial",): "Afprøvning",
    ("dissemination",): "Udbredelse",
}
SUSI = {
    "": "",
    "not_ended": "-",
    "yes": "Ja til begge",
    "yes_no": "Ja og nej",
    "yes_partly": "Ja og delvist",
    "no": "Nej",
    "final": "Der foretages ikke SUSI-vurdering af udbredelsesinitiativer",
}


@pytest.fixture(scope="module")
def uip():
    return json.loads((ROOT / "fixtures" / "uip.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def initiatives(uip):
    return {initiative["key"]: initiative for initiative in uip["initiatives"]}


@pytest.fixture(scope="module")
def expected_rows():
    with Path(__file__).with_name("bilag1.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def carried_forward(row, initiatives):
    if row["outcome"] == "continued":
        target = initiatives[row["continued_in"]]
        title = row["cited_title"] or target["title"]
        return f"Ja ({title}, UIP {target['agreements'][0]})"
    if row["outcome"] == "recommended":
        return f"Initiativet indstilles til videreførelse i UIP {row['outcome_agreement']}."
    return {
        "": "",
        "not_ended": "-",
        "stopped": f"Nej. {row['outcome_reason']}",
        "awaiting": f"Initiativet blev afsluttet med udgangen af {row['ended']}. {row['outcome_reason']}",
        "final": "Udbredelsesinitiativer kan ikke videreføres",
    }[row["outcome"]]


def susi(row):
    return ". ".join(part for part in (SUSI[row["susi"]], row["susi_note"]) if part)


def test_every_row_says_what_bilag_1_says(uip, initiatives, expected_rows):
    names = {programme["key"]: programme["name"] for programme in uip["programmes"]}
    rows = [
        {
            "programme": names[row["programme"]],
            "title": row["title"],
            "phase": DANISH[tuple(row["phases"])],
            "agreement": f"UIP {', '.join(str(year) for year in row['agreements'])}",
            "carried_forward": carried_forward(row, initiatives),
            "susi": susi(row),
        }
        for row in uip["initiatives"]
    ]
    assert rows == expected_rows


def test_the_figures_of_the_survey(uip):
    rows = uip["initiatives"]
    assert len(rows) == 42
    assert sum(row["counts_as"] for row in rows) == 44
    by_programme, by_phase = Counter(), Counter()
    for row in rows:
        by_programme[row["programme"]] += row["counts_as"]
        by_phase[row["phases"][-1]] += row["counts_as"]
    assert by_programme == {"uip-voksne": 29, "uip-boern-unge": 15}
    assert by_phase["screening"] + by_phase["maturation"] == 33
    assert (by_phase["trial"], by_phase["dissemination"]) == (2, 9)


def test_only_one_row_counts_as_several(uip):
    assert {row["title"]: row["counts_as"] for row in uip["initiatives"] if row["counts_as"] != 1} == {
        "3 x Bostøttemetoderne CTI, SFT og ÅD": 3
    }


def test_six_links_within_the_appendix_two_of_which_merge(uip):
    links = {row["key"]: row["continued_in"] for row in uip["initiatives"] if row["continued_in"]}
    assert links == {
        "bilag1-1-02": "bilag1-1-25",
        "bilag1-1-05": "bilag1-1-22",
        "bilag1-1-06": "bilag1-1-14",
        "bilag1-1-07": "bilag1-1-18",
        "bilag1-1-08": "bilag1-1-23",
        "bilag1-1-13": "bilag1-1-22",
    }


def test_a_cited_title_is_given_only_where_it_differs(uip, initiatives):
    cited = [row for row in uip["initiatives"] if row["cited_title"]]
    assert [row["key"] for row in cited] == ["bilag1-1-02", "bilag1-1-05", "bilag1-1-13"]
    for row in cited:
        assert row["cited_title"] != initiatives[row["continued_in"]]["title"]


def test_the_authors_own_spelling_stays(uip):
    text = json.dumps(uip, ensure_ascii=False)
    for spelling in ("grupperforløb", "dobbelbelastede", "styrket ambulans", "UIP2024", "gruppebehandling til unge*"):
        assert spelling in text


@pytest.mark.parametrize(
    "defect", ["Afprøvningsaf", "stofmid- ", "udadre- ", "vurde- ", "<i>", "<b>", "Afprøvn,", "/ "]
)
def test_no_defect_of_the_extraction_is_left(uip, defect):
    assert defect not in json.dumps(uip["initiatives"], ensure_ascii=False)


def test_keys_and_numbers_are_unique_and_follow_the_rows(uip):
    rows = uip["initiatives"]
    assert len({row["key"] for row in rows}) == len({row["number"] for row in rows}) == 42
    seen = Counter()
    for row in rows:
        year = row["agreements"][0]
        seen[year] += 1
        assert row["number"] == f"{year}-{seen[year]:03}"
        table = 1 if row["programme"] == "uip-voksne" else 2
        assert row["key"] == f"bilag1-{table}-{row['row']:02}"
        assert row["source"] == f"Bilag 1, tabel {table}, række {row['row']}"


def test_agreements_are_those_cited_and_the_coming_one(uip):
    cited = {(row["programme"], year) for row in uip["initiatives"] for year in row["agreements"]}
    listed = [(agreement["programme"], agreement["year"]) for agreement in uip["agreements"]]
    assert len(listed) == len(set(listed))
    assert set(listed) == cited | {("uip-voksne", 2024)}


def test_unknown_stays_unknown(uip):
    ended = {row["key"]: row["ended"] for row in uip["initiatives"] if row["ended"]}
    assert {key for key, when in ended.items() if when == "unknown"} == {
        row["key"] for row in uip["initiatives"] if row["outcome"] in ("continued", "stopped")
    }
    assert {key: when for key, when in ended.items() if when != "unknown"} == {"bilag1-1-10": "2022"}


def test_outcome_and_assessment_are_facts_per_row(uip):
    pairs = Counter((row["outcome"], row["susi"]) for row in uip["initiatives"])
    assert pairs["not_ended", "yes"] == 1  # an assessment of one that has not ended
    assert pairs["", "yes"] == 3  # nothing stated of the outcome
    assert pairs["stopped", "no"] == 1  # an ended one without an assessment
    assert [
        row["title"] for row in uip["initiatives"] if row["phases"] == ["dissemination"] and row["susi"] != "final"
    ] == ["Udbredelse af bedre koordination og sammenhæng i indsatserne på børnehandicapområdet"]
