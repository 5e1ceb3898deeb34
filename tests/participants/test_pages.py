"""The pages of those who take part: what they show to whom, and that map and table say the same."""

import datetime
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from participants import denmark, load
from participants.actions import entries
from participants.entry_forms import EntryForm
from participants.kinds import KINDS
from participants.models import Application, DataCollection, Participation, RecruitmentCount
from participants.overview import State, state_of
from phases.terms import Phase, Track
from portfolio.models import PhaseRun
from susi.forms import BoundField
from susi.roles import Role
from tests.factories import ProgrammeFactory, initiative_in, person
from tests.markup import Page
from tests.participants.making import application, call, day, everything, municipality, participation

pytestmark = pytest.mark.django_db


@pytest.fixture
def initiative():
    return initiative_in(Phase.DISSEMINATION, title="Eksempel: udbredelse")


@pytest.fixture
def reader():
    return person(Role.READER)


def of(name: str, initiative, *more) -> str:
    return reverse(f"participants:{name}", args=[initiative.number, *more])


def page(client, user, address: str) -> str:
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


class TestTheMap:
    def test_the_places_are_distinct_and_neighbours_lie_near(self) -> None:
        assert len({(place.column, place.row) for place in denmark.PLACES.values()}) == len(denmark.PLACES) == 98
        assert len({place.short for place in denmark.PLACES.values()}) == 98
        for one, other in [
            ("101", "147"), ("860", "813"), ("851", "840"), ("751", "746"), ("615", "766"), ("630", "621"),
            ("561", "573"), ("580", "540"), ("461", "450"), ("479", "482"), ("370", "390"), ("360", "376"),
            ("265", "350"), ("217", "210"), ("185", "155"), ("671", "661"), ("787", "773"),
        ]:  # fmt: skip
            a, b = denmark.PLACES[one], denmark.PLACES[other]
            assert max(abs(a.column - b.column), abs(a.row - b.row)) == 1, (one, other)

    def test_bornholm_lies_to_the_east_of_all_and_skagen_to_the_north(self) -> None:
        assert denmark.PLACES["400"].column > max(
            place.column for code, place in denmark.PLACES.items() if code != "400"
        )
        assert denmark.PLACES["813"].row == min(place.row for place in denmark.PLACES.values())

    def test_it_shows_the_numbers_of_the_table(self, client, reader, initiative) -> None:
        places = [municipality(f"Kommune {no}") for no in range(4)]
        other = initiative_in(Phase.MATURATION)
        for one in places[:3]:
            participation(initiative.current_run, one, started_on=day("2024"))
        participation(other.current_run, places[0])
        participation(other.current_run, places[3], dropped_out_on=day("2025"), dropout_reason="Sparet væk")
        for query in ("", "?phase=dissemination", "?phase=maturation", "?phase=screening"):
            drawn = page(client, reader, reverse("participants:map") + query)
            squares = dict(re.findall(r"<title>(Kommune \d): (\d+|ingen)", drawn))
            table = page(client, reader, reverse("participants:load") + query)
            lines = [line for line in Page(table).root.all("tr") if list(line.all("td"))]
            told = {next(line.all("th")).text: [cell.text for cell in line.all("td")] for line in lines}
            assert {name: cells[2].replace("0", "ingen") for name, cells in told.items()} == squares
            rows = load.loads(reader, phase=query.partition("=")[2])
            assert {row.organisation.name: str(len(row.ever) or "ingen") for row in rows} == squares
            for html in (drawn, table):
                assert f"{load.reach(rows).reached} af 4 kommuner" in html

    def test_frafald_is_told_and_does_not_count_as_reached(self, client, reader, initiative) -> None:
        participation(initiative.current_run, municipality("Bliver"), started_on=day("2024"))
        gone = municipality("Faldt fra")
        participation(initiative.current_run, gone, dropped_out_on=day("2025"), dropout_reason="Sparet væk")
        html = page(client, reader, reverse("participants:map") + "?phase=dissemination")
        assert "1 af 2 kommuner" in html
        assert "1 kommune er kun med som frafald" in html
        assert "<title>Faldt fra: 1 initiativ, faldet fra</title>" in html


class TestLoad:
    def test_now_and_in_all(self, reader, initiative) -> None:
        one = municipality()
        ended = initiative_in(Phase.MATURATION)
        participation(initiative.current_run, one, started_on=day("2024"))
        participation(initiative.current_run, one, role="other", started_on=day("2024"))  # one initiative all the same
        participation(ended.current_run, one, started_on=day("2024"), ended_on=day("2025-01-31"))
        later = initiative_in(Phase.TRIAL)
        participation(later.current_run, one, started_on=day("2099"))
        (row,) = load.loads(reader)
        assert (len(row.now), len(row.ever)) == (1, 3)

    def test_it_is_narrowed_to_a_programme_a_phase_and_a_kind(self, client, reader) -> None:
        programme = ProgrammeFactory()
        inside = initiative_in(Phase.TRIAL, programme=programme)
        outside = initiative_in(Phase.TRIAL)
        one = municipality()
        participation(inside.current_run, one)
        participation(outside.current_run, one)
        assert len(load.loads(reader, programme=programme.key)[0].ever) == 1
        assert len(load.loads(reader, phase=Phase.MATURATION)[0].ever) == 0
        html = page(client, reader, reverse("participants:load") + f"?programme={programme.key}")
        assert f"/{one.pk}/?programme={programme.key}#nu" in html
        behind = page(
            client, reader, reverse("participants:organisation", args=[one.pk]) + f"?programme={programme.key}"
        )
        assert inside.number in behind
        assert outside.number not in behind

    def test_a_reader_learns_nothing_of_a_proposal(self, client, reader) -> None:
        """A stopped phase whose decision was reversed leaves a proposal with entries behind."""
        initiative = initiative_in(Phase.SCREENING, title="Hemmeligt forslag")
        one = municipality()
        participation(initiative.current_run, one)
        type(initiative).objects.filter(pk=initiative.pk).update(phase="proposal", current_run=None)
        assert not load.loads(reader)[0].ever
        address = reverse("participants:organisation", args=[one.pk])
        assert "Hemmeligt forslag" not in page(client, reader, address)
        client.force_login(reader)
        assert client.get(of("of_initiative", initiative)).status_code == 404
        assert "Hemmeligt forslag" in page(client, initiative.lead, address)


class TestTheInitiative:
    def test_a_reader_sees_it_all_and_no_way_to_change_it(self, client, reader, initiative) -> None:
        trial = initiative_in(Phase.TRIAL, lead=initiative.lead)
        everything(initiative, trial, by=initiative.lead, text="Eksempel", size=2, named="a")
        html = page(client, reader, of("of_initiative", initiative))
        for shown in ("Runde 1", "1.000.000 kr.", "2.000 kr.", "Annullerede registreringer (2)", "Faldet fra"):
            assert shown in html, shown
        assert "/ny/" not in html
        assert "Annullér" not in html
        html = page(client, initiative.lead, of("of_initiative", trial))
        assert "4 af 10 borgere er rekrutteret" in html
        assert "Planlagt: 10. Rekrutteret: 4. Gennemført: 2" in html

    def test_of_two_phases_of_a_kind_the_newer_is_where_the_links_lead(self, client, reader) -> None:
        initiative = initiative_in(Phase.TRIAL)
        newer = initiative.current_run
        PhaseRun.objects.create(
            initiative=initiative,
            sequence=2,
            phase=Phase.TRIAL,
            track=Track.ONE,
            state=PhaseRun.State.ENDED,
            source=newer.source,
        )
        PhaseRun.objects.filter(pk=newer.pk).update(sequence=3)
        root = Page(page(client, reader, of("of_initiative", initiative))).root
        assert len(list(root.all("h4"))) == 2
        assert [one.get("aria-labelledby") for one in root.all() if one.get("id") == "rekruttering"] == [
            f"rekruttering-{newer.pk}"
        ]

    def test_a_sum_says_what_it_is_without(self, client, reader, initiative) -> None:
        pulje = call(initiative.current_run, amount=100)
        application(pulje, state="selected", granted=60)
        application(pulje, state="selected")
        html = page(client, reader, of("of_initiative", initiative))
        assert "60 kr." in html
        assert "1 udvalgt uden oplyst beløb" in html
        assert "Ikke bevilget: 40 kr." in html

    def test_a_participant_is_registered_corrected_and_annulled(self, client, initiative) -> None:
        one = municipality("Eksempelkøbing")
        client.force_login(initiative.lead)
        run = initiative.current_run
        data = {"organisation": one.pk, "role": "municipality", "run": run.pk, "started_on": "3.2026", "version": "1"}
        response = client.post(of("entry_create", initiative, "deltager"), data, follow=True)
        assert "Eksempelkøbing" in response.content.decode()
        assert "fra marts 2026" in response.content.decode()
        row = Participation.objects.get()
        assert client.post(of("entry_create", initiative, "deltager"), data).status_code == 422
        address = of("entry_edit", initiative, "deltager", row.pk)
        more = {**data, "dropped_out_on": "2026", "dropout_reason": "Sparet væk"}
        assert client.post(address, more).status_code == 302
        response = client.post(address, {**data, "role": "other"})
        assert response.status_code == 409
        assert "Anden rolle" in response.content.decode()
        assert "Deltagende kommune" in response.content.decode()
        address = of("entry_annul", initiative, "deltager", row.pk)
        response = client.post(address, {"reason": "Forkert kommune"}, follow=True)
        assert "Forkert kommune" in response.content.decode()
        assert client.post(address, {"reason": "Igen"}).status_code == 409

    def test_several_are_registered_one_after_the_other(self, client, initiative) -> None:
        client.force_login(initiative.lead)
        data = {"role": "municipality", "run": initiative.current_run.pk, "started_on": "3.2026", "version": "1"}
        response = client.post(
            of("entry_create", initiative, "deltager"), {**data, "organisation": municipality().pk, "again": "1"}
        )
        form = client.get(response.url).context["form"]
        assert [form[name].value() for name in ("role", "started_on", "organisation")] == [
            "municipality",
            "3.2026",
            None,
        ]
        assert Participation.objects.count() == 1

    def test_an_application_belongs_to_its_pulje(self, client, initiative) -> None:
        pulje, one = call(initiative.current_run), municipality()
        client.force_login(initiative.lead)
        address = of("entry_create", initiative, "ansoegning")
        data = {"organisation": one.pk, "state": "selected", "granted": "1,5 mio. kr.", "version": "1"}
        for missing in ("", "?pulje=0", "?pulje=x", f"?pulje={10**30}"):
            assert client.post(address + missing, data).status_code == 404
        assert client.post(f"{address}?pulje={pulje.pk}", data).status_code == 302
        assert Application.objects.get().granted == 1_500_000
        response = client.post(of("call_take_in", initiative, pulje.pk), follow=True)
        assert "Registreret som deltagere" in response.content.decode()
        response = client.post(of("call_take_in", initiative, pulje.pk), follow=True)
        assert "allerede registreret" in response.content.decode()
        assert Participation.objects.count() == 1

    @pytest.mark.parametrize("slug", ["optaelling", "rekrutteringsmaal"])
    def test_what_has_no_phase_to_belong_to_is_told(self, client, initiative, slug: str) -> None:
        assert "Rekruttering hører til afprøvning" in page(
            client, initiative.lead, of("entry_create", initiative, slug)
        )

    @pytest.mark.parametrize(
        ("slug", "field", "most"),
        [
            ("optaelling", "recruited", "0 til 1.000.000"),
            ("optaelling", "completed", "0 til 1.000.000"),
            ("rekrutteringsmaal", "planned", "0 til 1.000.000"),
            ("runde", "no", "1 til 99"),
        ],
    )
    def test_a_number_nobody_counts_to_is_refused_with_the_limit(self, client, initiative, slug, field, most) -> None:
        one = initiative if slug == "runde" else initiative_in(Phase.TRIAL)
        numbers = {"recruited": "1", "completed": "1", "planned": "1", "no": "1", field: "99999999999"}
        data = {"run": one.current_run.pk, "counted_on": "05.01.2026", "basis": "Scenariet", "version": "1", **numbers}
        client.force_login(one.lead)
        response = client.post(of("entry_create", one, slug), data)
        assert response.status_code == 422
        assert response.context["form"].errors == {field: [f"Skriv et helt tal fra {most}."]}

    def test_a_number_is_written_as_it_is_read(self, client) -> None:
        one = initiative_in(Phase.TRIAL)
        client.force_login(one.lead)
        data = {"run": one.current_run.pk, "counted_on": "05.01.2026", "version": "1"}
        address = of("entry_create", one, "optaelling")
        assert client.post(address, {**data, "recruited": "1.200", "completed": "1 150"}).status_code == 302
        row = RecruitmentCount.objects.get()
        assert (row.recruited, row.completed) == (1200, 1150)
        assert 'value="1.200"' in page(client, one.lead, of("entry_edit", one, "optaelling", row.pk))

    def test_no_date_of_a_period_is_broken(self, client, initiative) -> None:
        about = {"purpose": "Evaluering", "legal_basis": "Eksempel", "place": "et system"}
        period = {"collected_from": day("2026-03-02"), "collected_to": day("2027-04")}
        collection = DataCollection(run=initiative.current_run)
        entries.register(entry=collection, by=initiative.lead, **about, **period)
        html = page(client, initiative.lead, of("of_initiative", initiative))
        assert "<span>02.03.2026</span> <span>til april 2027</span>" in html
        styles = Path(finders.find("susi/participants.css")).read_text()
        assert re.search(r"\.participants-period > span {\s*white-space: nowrap;", styles)

    def test_strangers_and_wrong_addresses_are_turned_away(self, client, initiative) -> None:
        row = participation(initiative.current_run)
        elsewhere = initiative_in(Phase.TRIAL, lead=initiative.lead)
        client.force_login(initiative.lead)
        assert client.get(of("entry_edit", elsewhere, "deltager", row.pk)).status_code == 404
        assert client.get(of("entry_edit", initiative, "pulje", row.pk)).status_code == 404
        assert client.get(of("entry_create", initiative, "findes-ikke")).status_code == 404
        assert client.get(of("entry_edit", initiative, "deltager", 10**30)).status_code == 404
        client.force_login(person(Role.LEAD))
        for name, more in (("entry_create", ()), ("entry_edit", (row.pk,)), ("entry_annul", (row.pk,))):
            assert client.post(of(name, initiative, "deltager", *more)).status_code == 403


@pytest.mark.once
@pytest.mark.parametrize("slug", KINDS)
def test_a_cpr_number_is_refused_in_every_text_and_a_case_number_is_not(slug: str, initiative) -> None:
    trial = initiative_in(Phase.TRIAL, lead=initiative.lead)
    entry = everything(initiative, trial, by=initiative.lead, text="Eksempel", size=1, named="a")[slug]
    form: EntryForm = KINDS[slug].form(instance=entry, initiative=entry.initiative)
    texts = [bound.name for bound in form if isinstance(bound, BoundField) and bound.holds_text and not bound.is_hidden]
    for text, refused in (("010190-1234", True), ("2026-004711", False), ("+45 12 34 56 78", False)):
        filled = KINDS[slug].form(dict.fromkeys(texts, text), instance=entry, initiative=entry.initiative)
        for name in set(texts) - {"link"}:
            said = " ".join(filled.errors.get(name, []))
            assert ("CPR" in said) is refused, (name, text)
    assert texts or slug == "optaelling"


def test_the_phase_page_says_who_takes_part_and_what_is_missing(client) -> None:
    trial = initiative_in(Phase.TRIAL)
    address = reverse("work:phase", args=[trial.number])
    html = page(client, trial.lead, address)
    assert "Der er ikke registreret deltagere i fasen endnu." in html
    assert "Rekrutteringsmålet efter styrkeberegningen mangler." in html
    participation(trial.current_run, readiness="done", readiness_on=day("2026"))
    participation(trial.current_run, dropped_out_on=day("2025"), dropout_reason="Sparet væk")
    html = page(client, trial.lead, address)
    assert "2 deltagere i fasen, heraf 1 faldet fra." in html
    assert "1 deltager mangler implementeringsplan." in html
    assert "parathedsanalyse." not in html


def test_nobody_asks_for_readiness_in_screening() -> None:
    run = initiative_in(Phase.SCREENING).current_run
    participation(run)
    assert state_of(run) == State("1 deltager i fasen.")


def test_frafald_of_a_year_is_not_taking_part_in_that_year() -> None:
    run = initiative_in(Phase.TRIAL).current_run
    row = participation(run, started_on=day("2026"), dropped_out_on=day("2026"), dropout_reason="Sparet væk")
    assert not row.is_present(datetime.date(2026, 6, 1))
