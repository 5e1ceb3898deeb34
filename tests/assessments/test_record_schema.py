"""The JSON Schema of the sealed data: what is sealed keeps to it, and it holds against what should not be sealed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assessments.actions import review
from assessments.models import Assessment
from assessments.pdf import SCHEMAS
from assessments.record import SCHEMA
from phases.terms import Phase
from susi.roles import Role
from tests import factories
from tests.assessments.pdf_records import full, minimal
from tests.world import World

SCHEMA_OF_THE_DATA = json.loads((SCHEMAS / f"{SCHEMA.replace('/', '-')}.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA_OF_THE_DATA)


def faults(record: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(record)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA_OF_THE_DATA)
    assert SCHEMA_OF_THE_DATA["properties"]["schema"]["const"] == SCHEMA


@pytest.mark.django_db
@pytest.mark.once
def test_everything_that_is_sealed_keeps_to_it() -> None:
    world = World()
    factories.approved(
        factories.initiative_in(Phase.TRIAL), manager=factories.person(Role.MANAGER), to_phase=Phase.DISSEMINATION
    )
    review.submit(assessment=world.correction, by=world.lead)
    sealed = [json.loads(one.sealed_data) for one in Assessment.objects.approved()]
    assert len(sealed) >= 4
    assert any(record["former_deviations"] or record["deviations"] for record in sealed)
    assert any(record["document"]["corrects_version"] for record in sealed)
    assert [fault for record in sealed for fault in faults(record)] == []


def test_so_do_the_records_that_are_printed_in_the_tests() -> None:
    assert faults(full()) == []
    assert faults(minimal()) == []


def test_parts_that_are_new_have_room() -> None:
    assert faults(minimal(noget_nyt={"a": 1})) == []


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("$.approved", lambda record: record | {"approved": None}),
        ("$", lambda record: {key: value for key, value in record.items() if key != "deviations"}),
        ("$.schema", lambda record: record | {"schema": "susi-vurdering/1"}),
        ("$.document.version", lambda record: record | {"document": record["document"] | {"version": 0}}),
        ("$.verdict.value", lambda record: record | {"verdict": {"value": "maybe", "label": "Måske"}}),
        ("$.verdict", lambda record: record | {"verdict": {"value": "yes", "label": "Ja", "more": ""}}),
        ("$.conclusion", lambda record: record | {"conclusion": ""}),
        ("$.approved.at", lambda record: record | {"approved": record["approved"] | {"at": "2026-11-02"}}),
        ("$.deviations[0].reason", lambda record: record | {"deviations": [record["deviations"][0] | {"reason": ""}]}),
    ],
)
def test_what_should_not_be_sealed_is_found(place: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    assert [fault.split(":")[0] for fault in faults(change(full()))] == [place]
