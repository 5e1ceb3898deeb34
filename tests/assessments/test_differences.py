"""What has changed between two records, told text by text."""

import copy
from typing import Any

import pytest

from assessments.differences import Change, Kind, differences
from tests.assessments.pdf_records import full


def changed(**places: Any) -> list[Change]:
    """Return the differences after setting each place ("themes__0__heading") of the full record to a value."""
    record = full()
    after = copy.deepcopy(record)
    for place, value in places.items():
        *way, last = [int(part) if part.isdigit() else part for part in place.split("__")]
        target: Any = after
        for part in way:
            target = target[part]
        target[last] = value
    return differences(record, after)


def test_the_same_record_has_none() -> None:
    assert differences(full(), full()) == []


@pytest.mark.parametrize(
    ("place", "value", "key"),
    [
        ("conclusion", "En anden konklusion", "conclusion"),
        ("verdict", {"value": "no", "label": "Nej"}, "verdict"),
        ("recommendation", {"value": "stop", "label": "Indstilles ikke"}, "recommendation"),
        ("recommendation_text", "Andet", "recommendation_text"),
        ("fast_track", {"answer": None, "text": ""}, "fast_track"),
        ("document__change_note", "Et årstal er rettet", "change_note"),
    ],
)
def test_each_text_has_its_place(place: str, value: Any, key: str) -> None:
    assert key in [change.key for change in changed(**{place: value})]


def test_a_criterion_is_told_by_its_parts() -> None:
    code = full()["themes"][0]["criteria"][0]["code"]
    changes = changed(
        themes__0__criteria__0__reasoning="Ny begrundelse",
        themes__0__criteria__0__references=[{"title": "Notat", "link": "", "case_document": "12", "page": ""}],
    )
    assert [change.key for change in changes] == [f"criterion.{code}.reasoning", f"criterion.{code}.references"]
    assert changes[1].after == "Notat, 12"


def test_a_fravigelse_that_is_gone_is_told_last() -> None:
    before = full()
    after = {**before, "deviations": [], "conclusion": "Anden"}
    changes = differences(before, after)
    gone = [change for change in changes if change.kind == Kind.REMOVED]
    assert gone == changes[-len(gone) :]
    assert {change.key.split(".")[0] for change in gone} == {"deviation"}
    assert all(change.label.startswith("Fravigelse fra") for change in gone)


def test_two_former_fravigelser_from_one_criterion_are_told_apart() -> None:
    before = full()
    row = {**before["former_deviations"][0], "initiative": "2024-001"}
    before["former_deviations"] = [row, dict(row)]
    after = copy.deepcopy(before)
    after["former_deviations"][1]["text"] = "Nu afklaret"
    assert [change.key for change in differences(before, after)] == [f"former.2024-001.{row['criterion']}.2.text"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("", "Ny", Kind.NEW), ("Før", "Efter", Kind.CHANGED), ("Før", "", Kind.REMOVED)],
)
def test_kinds(before: str, after: str, kind: Kind) -> None:
    assert Change("conclusion", "Konklusion", before, after).kind == kind


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in Change("conclusion", "Konklusion", before, after).pieces]


def test_the_words_that_changed() -> None:
    assert pieces("Indsatsen er velbeskrevet og efterspurgt", "Indsatsen er godt beskrevet og efterspurgt") == [
        ("equal", "Indsatsen er"),
        ("delete", " velbeskrevet"),
        ("insert", " godt beskrevet"),
        ("equal", " og efterspurgt"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("Noget andet", "Skrevet om", [("delete", "Noget andet\n"), ("insert", "Skrevet om")]),
        ("Kort.", "Kort. Og så mere.", [("equal", "Kort."), ("insert", " Og så mere.")]),
        ("", "Nyt", [("insert", "Nyt")]),
        ("Gammelt", "", [("delete", "Gammelt")]),
    ],
)
def test_a_text_with_little_in_common_stands_whole(before: str, after: str, whole: list[tuple[str, str]]) -> None:
    assert pieces(before, after) == whole
