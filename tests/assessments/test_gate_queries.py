"""The pages ask the database as often for 30 of everything as for 3."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.actions import drafting
from assessments.inputs import CriterionInput, ReferenceInput
from assessments.models import Assessment
from phases.models import Criterion, Edition, EntryCondition, Theme
from phases.terms import Phase, RatingValue
from susi.roles import Role
from tests import factories
from tests.assessments.rooms import AUTOSAVE, at, sent
from tests.factories import draft_of, initiative_in, person

pytestmark = pytest.mark.django_db


class TestQueries:
    """The number of queries is the same for 3 and for 30 of everything."""

    def large_draft(self, rows: int) -> Assessment:
        edition = Edition.objects.create(
            number=f"9.{rows}", name=f"Eksempel {rows}", valid_from=datetime.date(2021, 1, rows % 28 + 1), source="E"
        )
        for no in range(1, rows + 1):
            EntryCondition.objects.create(
                edition=edition, no=no, code=f"B{no}", heading=f"B{no}", text="Ordlyd", source="E"
            )
            theme = Theme.objects.create(edition=edition, phase=Phase.MATURATION, no=no, heading="Tema", source="E")
            Criterion.objects.create(theme=theme, no=1, code=f"M{no}", wording="Ordlyd", source="E")
        edition.published_at = timezone.now()
        edition.save()
        initiative, manager = initiative_in(Phase.SCREENING), person(Role.MANAGER)
        codes = tuple(f"M{no}" for no in range(1, rows + 1))
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=codes)
        draft = draft_of(initiative, to_phase=Phase.MATURATION)
        factories.rate_all(draft, initiative.lead, departed=codes)
        for criterion in draft.criteria():
            drafting.save_criterion(
                assessment=draft,
                criterion=criterion,
                by=initiative.lead,
                version=1,
                written=CriterionInput(
                    value=RatingValue.PARTLY,
                    reasoning="Begrundet.",
                    references=[ReferenceInput(title=f"Kilde {no}") for no in range(3)],
                    deviation=factories.deviation_input(initiative.lead),
                ),
            )
        return draft

    @pytest.mark.parametrize("place", ["criterion", "entry", "former", "conclusion", "detail", "target"])
    def test_do_not_grow(self, client: Client, place: str) -> None:
        counts = []
        for rows in (3, 30):
            draft = self.large_draft(rows)
            client.force_login(draft.initiative.lead)
            address = at(draft, place, "M2") if place == "criterion" else at(draft, place)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 26

    def test_of_a_save_do_not_grow(self, client: Client) -> None:
        counts = []
        for rows in (3, 30):
            draft = self.large_draft(rows)
            client.force_login(draft.initiative.lead)
            values = sent(2, value="met", reasoning="Opfyldt.")
            with CaptureQueriesContext(connection) as queries:
                assert client.post(at(draft, "criterion", "M2"), values, headers=AUTOSAVE).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]
