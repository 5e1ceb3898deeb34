"""What is approved does not change, whoever saves it."""

import datetime

import pytest

from assessments.models import Assessment, Deviation
from assessments.models.assessment import AlreadySealed
from assessments.models.deviation import FrozenDeviation
from phases.terms import Phase
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved() -> Assessment:
    factories.rulebook()
    return factories.approved(
        initiative_in(Phase.SCREENING), manager=person(Role.MANAGER), to_phase=Phase.MATURATION, departed=("M1.1",)
    )


def test_an_approved_assessment_refuses_every_save(approved):
    found = Assessment.objects.get(pk=approved.pk)
    found.conclusion = "Ændret bagefter"
    with pytest.raises(AlreadySealed):
        found.save()
    with pytest.raises(AlreadySealed):
        found.save(update_fields=["conclusion"])
    assert Assessment.objects.get(pk=approved.pk).conclusion == approved.conclusion


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", "Anden"), ("handling", "Anden"), ("review_on", datetime.date(2030, 1, 1)), ("political", True)],
)
def test_a_fravigelse_in_force_keeps_its_text(approved, field, value):
    deviation = Deviation.objects.get()
    setattr(deviation, field, value)
    with pytest.raises(FrozenDeviation):
        deviation.save()


def test_what_became_of_it_may_be_saved(approved):
    deviation = Deviation.objects.get()
    deviation.state = Deviation.State.SETTLED
    deviation.save()
    assert Deviation.objects.get().state == Deviation.State.SETTLED
