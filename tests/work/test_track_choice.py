"""The worksheets of the transition: the choice of track and the three ways on."""

import pytest
from django.urls import reverse

from phases.terms import Phase, Track, WayOn
from phases.track_choice import Fit
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, person
from tests.portfolio.portfolios import anew
from tests.work.workings import chosen, define_tracks, fits_of, weighed
from work.actions.track_choice import choice_of
from work.models import TrackChoice, WayWeighing
from work.track_choice import choice_part, weighing_part

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition():
    edition = factories.rulebook()
    define_tracks(edition)
    return edition


class TestChoice:
    @pytest.mark.parametrize(("stage", "track"), [(None, None), (Phase.SCREENING, None), (Phase.TRIAL, "")])
    def test_is_made_where_the_track_is_not_settled(self, stage, track, edition) -> None:
        initiative = initiative_in(stage, track)
        choice = chosen(initiative, initiative.lead)
        assert (choice.missing, choice.version, choice.edition) == ([], 1, edition)
        assert choice_of(anew(initiative)) == choice
        assert chosen(initiative, initiative.lead, version=1, track=Track.ONE).history.count() == 2

    def test_is_refused_once_the_track_is_settled(self) -> None:
        initiative = initiative_in(Phase.MATURATION)
        with pytest.raises(Refused, match="Sporet er valgt"):
            chosen(initiative, initiative.lead)

    def test_is_not_saved_over_another_nor_by_others(self) -> None:
        initiative = initiative_in(Phase.SCREENING)
        chosen(initiative, initiative.lead)
        with pytest.raises(Conflict):
            chosen(initiative, initiative.lead)
        with pytest.raises(NotAllowed):
            chosen(initiative, person(Role.MANAGER), version=1)

    @pytest.mark.parametrize("row", [{"track": "3", "wording": "A", "fit": "", "note": ""}, fits_of("1", "måske")[0]])
    def test_takes_no_answer_that_is_none(self, row) -> None:
        initiative = initiative_in(Phase.SCREENING)
        with pytest.raises(Refused):
            chosen(initiative, initiative.lead, fits=[row])

    def test_is_filled_in_on_its_page_and_shown(self, client) -> None:
        initiative = initiative_in(Phase.SCREENING)
        client.force_login(initiative.lead)
        address = reverse("work:track_choice_edit", args=[initiative.number])
        sent = {
            "version": 0,
            "fit-1-1": Fit.NOT,
            "fit-2-1": Fit.FITS,
            "note-2-1": "Afhænger af kommunen.",
            "track": "2",
        }
        assert client.post(address, sent).status_code == 302
        choice = TrackChoice.objects.get()
        assert [(row["track"], row["wording"], row["fit"]) for row in choice.fits] == [
            ("1", "Kendetegn 0", "not"),
            ("1", "Kendetegn 1", ""),
            ("2", "Kendetegn 0", "fits"),
            ("2", "Kendetegn 1", ""),
        ]
        page = client.get(reverse("work:track_choice", args=[initiative.number])).content.decode()
        for shown in ("Afhænger af kommunen.", "Kun i spor 1", "Gælder ikke i spor 2", "Skriv vidensmålet."):
            assert shown in page

    def test_what_was_written_is_shown_where_the_phase_has_changed(self, client) -> None:
        initiative = initiative_in(Phase.MATURATION, track="2")
        client.force_login(initiative.lead)
        address = reverse("work:track_choice_edit", args=[initiative.number])
        assert client.get(address).status_code == 302
        response = client.post(address, {"version": 0, "track": "2", "reason": "Et helt <afsnit>\nmed to linjer"})
        html = response.content.decode()
        assert response.status_code == 404
        assert "Arket om sporvalg hører til en fase, som initiativet ikke er i mere." in html
        assert "Et helt &lt;afsnit&gt;\nmed to linjer" in html
        assert TrackChoice.objects.count() == 0

    def test_two_who_fill_it_in_lose_nothing(self, client) -> None:
        initiative = initiative_in(Phase.SCREENING)
        client.force_login(initiative.lead)
        address = reverse("work:track_choice_edit", args=[initiative.number])
        assert client.post(address, {"version": 0, "fit-1-1": Fit.NOT, "reason": "Den enes"}).status_code == 302
        response = client.post(address, {"version": 0, "fit-1-1": Fit.FITS, "reason": "Den andens"})
        assert response.status_code == 409
        assert response.context["form"].differences == [
            ("Kendetegn 0", "Passer", "Passer ikke"),
            ("Begrundelse for valget", "Den andens", "Den enes"),
        ]
        assert TrackChoice.objects.get().reason == "Den enes"

    def test_the_part_stands_only_where_it_is_to_be_chosen(self) -> None:
        initiative = initiative_in(Phase.SCREENING)
        assert choice_part(initiative, initiative.lead).open == ()
        chosen(initiative, initiative.lead, reason="")
        assert choice_part(initiative, initiative.lead).open == ("Begrund valget af spor.",)
        assert choice_part(initiative_in(Phase.TRIAL), initiative.lead) is None


class TestWeighing:
    def test_is_written_in_modning_in_spor_2_and_keeps_its_history(self) -> None:
        initiative = initiative_in(Phase.MATURATION, Track.TWO)
        run = initiative.current_run
        assert weighed(run, initiative.lead).missing == []
        with pytest.raises(Conflict):
            weighed(run, initiative.lead)
        again = weighed(run, initiative.lead, version=1, way=WayOn.SPREAD)
        assert (again.way, again.history.count()) == (WayOn.SPREAD, 2)

    @pytest.mark.parametrize(
        ("stage", "track"), [(Phase.SCREENING, None), (Phase.MATURATION, Track.ONE), (Phase.TRIAL, Track.TWO)]
    )
    def test_is_refused_elsewhere(self, stage, track) -> None:
        initiative = initiative_in(stage, track)
        with pytest.raises(Refused):
            weighed(initiative.current_run, initiative.lead)
        assert weighing_part(initiative, initiative.lead) is None

    def test_is_not_written_by_others_nor_of_a_way_that_is_none(self) -> None:
        initiative = initiative_in(Phase.MATURATION, Track.TWO)
        with pytest.raises(NotAllowed):
            weighed(initiative.current_run, person(Role.LEAD))
        with pytest.raises(Refused):
            weighed(initiative.current_run, initiative.lead, ways=[{"way": "omvej"}])

    def test_is_filled_in_on_its_page(self, client) -> None:
        initiative = initiative_in(Phase.MATURATION, Track.TWO)
        client.force_login(initiative.lead)
        address = reverse("work:weighing_edit", args=[initiative.number])
        sent = {"version": 0, "pros-trial_2": "Helheden prøves.", "way": "trial_2", "reason": "Bedst brug."}
        assert client.post(address, sent).status_code == 302
        response = client.post(address, {**sent, "pros-trial_2": "Noget andet."})
        assert (response.status_code, len(response.context["form"].differences)) == (409, 1)
        row = WayWeighing.objects.get()
        assert (row.weighed[0].pros, row.weighed[1].pros, row.version) == ("Helheden prøves.", "", 1)
        assert len(weighing_part(initiative, initiative.lead).open) == 3
        page = client.get(reverse("work:weighing", args=[initiative.number])).content.decode()
        assert "Helheden prøves." in page
