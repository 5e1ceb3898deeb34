"""The municipalities and regions of the fixture, and the organisations people create."""

import datetime
import json
from collections import Counter
from io import StringIO
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from participants.actions import entries, organisations
from participants.denmark import PLACES
from participants.loading import FIXTURE, load_organisations
from participants.models import Organisation, RegionPeriod, regions_on
from phases.terms import Phase
from portfolio.models import PhaseRun
from susi.errors import Conflict, NotAllowed, Refused
from susi.loading import FixtureRefused
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.participants.making import application, call, day, organisation, participation

pytestmark = pytest.mark.django_db
LAST_DAY_OF_FIVE, FIRST_DAY_OF_FOUR = datetime.date(2026, 12, 31), datetime.date(2027, 1, 1)


@pytest.mark.once
class TestTheFixture:
    def test_there_are_98_municipalities_with_a_code_of_their_own(self) -> None:
        load_organisations()
        found = Organisation.objects.municipalities(datetime.date(2026, 11, 25))
        assert len({one.code for one in found}) == len(found) == 98
        assert all(100 < int(one.code) < 861 for one in found)
        named = {one.code: one.name for one in found}
        for code, name in {
            "101": "København", "147": "Frederiksberg", "400": "Bornholm", "461": "Odense", "480": "Nordfyns",
            "580": "Aabenraa", "751": "Aarhus", "820": "Vesthimmerlands", "851": "Aalborg", "860": "Hjørring",
        }.items():  # fmt: skip
            assert named[code] == name
        assert all(one.source for one in Organisation.objects.all())

    @pytest.mark.parametrize(
        ("day", "regions"),
        [
            (
                LAST_DAY_OF_FIVE,
                {"Nordjylland": 11, "Midtjylland": 19, "Syddanmark": 22, "Hovedstaden": 29, "Sjælland": 17},
            ),
            (FIRST_DAY_OF_FOUR, {"Nordjylland": 11, "Midtjylland": 19, "Syddanmark": 22, "Østdanmark": 46}),
        ],
    )
    def test_every_municipality_is_in_one_region_before_and_after_the_change(self, day, regions) -> None:
        load_organisations()
        valid = Organisation.objects.valid_on(day).filter(kind="region")
        assert {one.name for one in valid} == {f"Region {name}" for name in regions}
        assert Counter(regions_on(day).values()) == {f"Region {name}": number for name, number in regions.items()}
        in_force = RegionPeriod.objects.filter(valid_from__lte=day).exclude(valid_to__lt=day)
        assert in_force.count() == in_force.values("municipality").distinct().count() == 98

    def test_the_two_regions_are_replaced_by_one_whose_code_is_unknown(self) -> None:
        load_organisations()
        new = Organisation.objects.get(name="Region Østdanmark")
        assert (new.code, new.valid_from) == ("", FIRST_DAY_OF_FOUR)
        assert {one.code for one in new.predecessors.all()} == {"1084", "1085"}
        assert {one.valid_to for one in new.predecessors.all()} == {LAST_DAY_OF_FIVE}

    def test_no_day_of_the_periods_is_left_out_or_told_twice(self) -> None:
        load_organisations()
        periods: dict[int, list[tuple[datetime.date, datetime.date | None]]] = {}
        for one in RegionPeriod.objects.order_by("valid_from"):
            periods.setdefault(one.municipality_id, []).append((one.valid_from, one.valid_to))
        for own in periods.values():
            assert own[0][0] == datetime.date(2007, 1, 1)
            assert own[-1][1] is None
            assert all(end + datetime.timedelta(days=1) == start for (_, end), (start, _) in pairwise(own))

    def test_every_municipality_has_a_place_on_the_map(self) -> None:
        load_organisations()
        assert set(Organisation.objects.filter(kind="municipality").values_list("code", flat=True)) == set(PLACES)


class TestLoading:
    def test_again_it_creates_nothing_and_tells_what_differs(self) -> None:
        load_organisations()
        Organisation.objects.filter(name="Aarhus").update(name="Århus")
        before = Organisation.history.count()
        out = StringIO()
        call_command("load_organisations", stdout=out)
        assert "Oprettet: ingen" in out.getvalue()
        assert "navn er »Århus«, i filen »Aarhus«" in out.getvalue()
        assert Organisation.history.count() == before

    def test_it_asks_few_questions_where_nothing_is_missing(self) -> None:
        load_organisations()
        with CaptureQueriesContext(connection) as queries:
            load_organisations()
        assert len(queries) <= 6

    def test_a_broken_file_is_refused_whole(self, tmp_path) -> None:
        content = json.loads(FIXTURE.read_text(encoding="utf-8"))
        content["organisations"][3]["valid_from"] = "i går"
        content["regions"][0]["region"] = "findes-ikke"
        broken = tmp_path / "broken.json"
        broken.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(FixtureRefused) as refusal:
            load_organisations(broken)
        assert "2027-01-01" in str(refusal.value)
        assert "findes-ikke" in str(refusal.value)
        assert not Organisation.objects.exists()

    def test_a_name_that_is_in_use_is_told(self) -> None:
        organisation("region SJÆLLAND", kind="other")
        with pytest.raises(FixtureRefused, match="i brug"):
            load_organisations()


class TestActions:
    @pytest.mark.parametrize("role", [Role.LEAD, Role.MANAGER])
    def test_leads_and_managers_create_and_end_one(self, role: Role) -> None:
        user = person(role)
        one = organisations.create_organisation(by=user, kind="provider", name="Eksempel Omsorg")
        day = datetime.date(2026, 5, 31)
        organisations.edit_organisation(organisation=one, by=user, version=1, name="Eksempel Omsorg", valid_to=day)
        one.refresh_from_db()
        assert (one.valid_to, one.version) == (day, 2)
        assert [row.history_change_reason for row in one.history.all()] == [
            "Organisation rettet",
            "Organisation oprettet",
        ]

    @pytest.mark.parametrize("role", [Role.READER, Role.ADMINISTRATOR])
    def test_others_do_not(self, role: Role) -> None:
        with pytest.raises(NotAllowed):
            organisations.create_organisation(by=person(role), kind="provider", name="Eksempel")
        with pytest.raises(NotAllowed):
            organisations.edit_organisation(organisation=organisation("En"), by=person(role), version=1, name="To")

    def test_the_same_name_is_refused_however_it_is_spelt(self) -> None:
        user = person(Role.LEAD)
        organisations.create_organisation(by=user, kind="provider", name="Eksempel Omsorg")
        with pytest.raises(Refused, match="findes allerede"):
            organisations.create_organisation(by=user, kind="offer", name="EKSEMPEL  omsorg")
        assert Organisation.objects.count() == 1

    def test_one_that_somebody_saved_since_we_looked_is_told_of(self, monkeypatch) -> None:
        organisation("Eksempel Omsorg")
        monkeypatch.setattr(organisations, "problems", lambda one: [])
        with pytest.raises(Conflict, match="En anden har imens"):
            organisations.create_organisation(by=person(Role.LEAD), kind="provider", name="Eksempel Omsorg")
        assert Organisation.objects.count() == 1

    @pytest.mark.parametrize("kind", ["municipality", "region"])
    def test_municipalities_and_regions_come_from_the_list(self, kind: str) -> None:
        with pytest.raises(Refused, match="officielle liste"):
            organisations.create_organisation(by=person(Role.LEAD), kind=kind, name="Ny Kommune")

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"valid_from": datetime.date(2026, 2, 1), "valid_to": datetime.date(2026, 1, 1)}, "før den findes"),
            ({"code": "77"}, "Koden er i brug"),
        ],
    )
    def test_what_cannot_be_is_refused(self, values, sentence: str) -> None:
        organisation("Første", code="77")
        with pytest.raises(Refused, match=sentence):
            organisations.create_organisation(by=person(Role.LEAD), kind="provider", name="Anden", **values)

    def test_who_saves_over_a_newer_version_is_told(self) -> None:
        one, user = organisation("Eksempel"), person(Role.MANAGER)
        organisations.edit_organisation(organisation=one, by=user, version=1, name="Eksempel A")
        with pytest.raises(Conflict):
            organisations.edit_organisation(organisation=one, by=user, version=1, name="Eksempel B")

    def test_the_database_refuses_a_second_of_the_name(self) -> None:
        organisation("Eksempel")
        with pytest.raises(IntegrityError), transaction.atomic():
            organisation("EKSEMPEL")


class TestTheEnd:
    """An organisation does not end before a day it is known to take part or to have applied on."""

    END = datetime.date(2025, 12, 31)

    def ends(self, one: Organisation, **values) -> None:
        wanted = {"name": one.name, "valid_to": self.END, **values}
        organisations.edit_organisation(organisation=one, by=person(Role.MANAGER), version=one.version, **wanted)
        one.refresh_from_db()

    @pytest.mark.parametrize(
        "dates",
        [
            {"started_on": day("2026")},
            {"started_on": day("2025"), "ended_on": day("2026-01-01")},
            {"started_on": day("2025"), "dropped_out_on": day("2026-02"), "dropout_reason": "Eksempel"},
        ],
    )
    def test_what_stands_in_the_way_is_named_and_counted(self, dates) -> None:
        one = organisation("Eksempel Omsorg")
        runs = [initiative_in(Phase.TRIAL).current_run for _ in range(2)]
        rows = [participation(run, one, role="provider", **dates) for run in runs]
        first, second = sorted(run.initiative.number for run in runs)
        with pytest.raises(Refused) as refused:
            self.ends(one)
        said = f"Organisationen deltager efter 31.12.2025 i 2 initiativer ({first} og {second})."
        assert refused.value.sentences == (f"{said} Ret datoerne dér først, eller skriv en senere dag.",)
        entries.annul(entry=rows[0], by=runs[0].initiative.lead, reason="Forkert")
        with pytest.raises(Refused, match=rf"i 1 initiativ \({runs[1].initiative.number}\)"):
            self.ends(one)
        PhaseRun.objects.filter(pk=runs[1].pk).update(state=PhaseRun.State.ANNULLED)
        self.ends(one)
        assert one.valid_to == self.END

    def test_an_application_stands_in_the_way_too(self) -> None:
        one, run = organisation("Eksempel Omsorg"), initiative_in(Phase.TRIAL).current_run
        application(call(run), one, applied_on=day("2026-01"))
        with pytest.raises(Refused, match=rf"har ansøgninger efter 31.12.2025 i 1 initiativ \({run.initiative.number}"):
            self.ends(one)

    @pytest.mark.parametrize(
        "dates",
        [
            {},
            {"started_on": day("2025")},
            {"started_on": day("2025"), "ended_on": day("2025-12-31")},
            {"ended_on": day("2027"), "dropped_out_on": day("2025"), "dropout_reason": "Eksempel"},
        ],
    )
    def test_what_may_have_ended_by_then_does_not(self, dates) -> None:
        one = organisation("Eksempel Omsorg")
        participation(initiative_in(Phase.TRIAL).current_run, one, role="provider", **dates)
        self.ends(one)
        assert one.valid_to == self.END

    def test_many_are_counted_and_the_first_named(self) -> None:
        one = organisation("Eksempel Omsorg")
        for _ in range(7):
            participation(initiative_in(Phase.TRIAL).current_run, one, role="provider", started_on=day("2026"))
        with pytest.raises(Refused, match=r"i 7 initiativer \((\S+, ){4}\S+ og 2 til\)\."):
            self.ends(one)

    def test_an_end_that_stands_already_keeps_nothing_from_being_corrected(self) -> None:
        one = organisation("Eksempel Omsorg")
        participation(initiative_in(Phase.TRIAL).current_run, one, role="provider", started_on=day("2026"))
        Organisation.objects.filter(pk=one.pk).update(valid_to=self.END)
        self.ends(one, name="Eksempel Pleje")
        assert one.name == "Eksempel Pleje"

    def test_the_form_says_so_at_the_field(self, client) -> None:
        one = organisation("Eksempel Omsorg")
        participation(initiative_in(Phase.TRIAL).current_run, one, role="provider", started_on=day("2026"))
        client.force_login(person(Role.MANAGER))
        data = {"name": one.name, "valid_to": "31.12.2025", "version": "1"}
        response = client.post(reverse("participants:organisation_edit", args=[one.pk]), data)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == ["valid_to"]


class TestPages:
    def test_a_name_in_use_leads_to_the_one_that_has_it(self, client) -> None:
        there = organisation("Eksempel Omsorg")
        client.force_login(person(Role.LEAD))
        response = client.post(
            reverse("participants:organisation_create"), {"kind": "provider", "name": "eksempel omsorg", "version": "1"}
        )
        assert response.status_code == 422
        assert reverse("participants:organisation", args=[there.pk]) in response.content.decode()

    def test_one_is_created_and_shown(self, client) -> None:
        client.force_login(person(Role.LEAD))
        data = {"kind": "offer", "name": "Eksempel Tilbud", "valid_from": "01.02.2020", "version": "1"}
        response = client.post(reverse("participants:organisation_create"), data, follow=True)
        assert "Eksempel Tilbud er oprettet" in response.content.decode()
        assert Organisation.objects.get().valid_from == datetime.date(2020, 2, 1)

    @pytest.mark.parametrize(
        ("asked_from", "leads_to"),
        [
            ("/initiativer/2026-001/deltagere/deltager/ny/", "/initiativer/2026-001/deltagere/deltager/ny/"),
            ("https://eksempel.invalid/", None),  # never out of the house
            ("//eksempel.invalid/", None),
        ],
    )
    def test_one_goes_back_to_the_form_it_was_missing_on(self, client, asked_from, leads_to) -> None:
        client.force_login(person(Role.LEAD))
        address = f"{reverse('participants:organisation_create')}?{urlencode({'til': asked_from})}"
        response = client.post(address, {"kind": "offer", "name": "Eksempel Tilbud", "version": "1"})
        one = Organisation.objects.get()
        assert response.url == (leads_to or reverse("participants:organisation", args=[one.pk]))

    def test_both_texts_stay_on_the_screen_after_a_conflict(self, client) -> None:
        one = organisation("Eksempel")
        user = person(Role.LEAD)
        organisations.edit_organisation(organisation=one, by=user, version=1, name="Andres navn")
        client.force_login(user)
        address = reverse("participants:organisation_edit", args=[one.pk])
        response = client.post(address, {"name": "Mit navn", "version": "1"})
        assert response.status_code == 409
        assert "Andres navn" in response.content.decode()
        assert "Mit navn" in response.content.decode()
        again = client.post(address, {"name": "Mit navn", "version": response.context["form"]["version"].value()})
        assert again.status_code == 302
        one.refresh_from_db()
        assert one.name == "Mit navn"

    def test_the_list_finds_by_name_and_kind(self, client) -> None:
        organisation("Eksempel Omsorg")
        organisation("Andet", kind="offer")
        client.force_login(person(Role.READER))
        html = client.get(reverse("participants:organisation_list"), {"q": "OMSORG"}).content.decode()
        assert "Eksempel Omsorg" in html
        assert "Andet" not in html
        html = client.get(reverse("participants:organisation_list"), {"kind": "offer"}).content.decode()
        assert "Eksempel Omsorg" not in html
        assert reverse("participants:organisation_create") not in html
