"""User involvement: the strategy and the log, done, refused, not allowed, and done twice."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from phases.terms import Phase
from portfolio.models import Initiative, PhaseRun
from susi.clock import clock_at
from susi.dates import parse
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests.factories import initiative_in, person
from tests.work.workings import logged, strategy_texts
from work.actions.involvement import annul_involvement, save_strategy
from work.involvement import involvement_of, part
from work.models import InvolvementEvent, InvolvementStrategy

pytestmark = pytest.mark.django_db


@pytest.fixture
def initiative() -> Initiative:
    return initiative_in(Phase.MATURATION)


@pytest.fixture
def run(initiative) -> PhaseRun:
    return initiative.current_run


def end(run: PhaseRun) -> PhaseRun:
    run.state = PhaseRun.State.ENDED
    run.save()
    return run


class TestStrategy:
    def test_is_saved_before_it_is_whole_and_keeps_its_history(self, run, initiative) -> None:
        first = save_strategy(run=run, by=initiative.lead, version=0, whom="Unge i målgruppen")
        assert (first.version, len(first.missing)) == (1, 5)
        second = save_strategy(run=run, by=initiative.lead, version=1, **strategy_texts())
        assert (second.version, second.missing, second.saved_by) == (2, [], initiative.lead)
        assert second.history.count() == 2
        assert second.design == ""  # which belongs to the trial

    def test_of_a_trial_has_design_and_interpretation(self) -> None:
        initiative = initiative_in(Phase.TRIAL)
        strategy = save_strategy(run=initiative.current_run, by=initiative.lead, version=0, **strategy_texts())
        assert (strategy.design, strategy.interpretation, strategy.how) == ("Eksempel", "Eksempel", "")

    def test_is_not_saved_over_another(self, run, initiative) -> None:
        save_strategy(run=run, by=initiative.lead, version=0, whom="Den enes")
        with pytest.raises(Conflict):
            save_strategy(run=run, by=initiative.lead, version=0, whom="Den andens")
        assert InvolvementStrategy.objects.get().whom == "Den enes"

    def test_is_refused_in_udbredelse_and_when_the_phase_is_over(self, run, initiative) -> None:
        last = initiative_in(Phase.DISSEMINATION)
        with pytest.raises(Refused, match="udbredelse"):
            save_strategy(run=last.current_run, by=last.lead, version=0)
        with pytest.raises(Refused, match="afsluttet"):
            save_strategy(run=end(run), by=initiative.lead, version=0)

    @pytest.mark.parametrize("role", Role)
    def test_is_written_only_by_those_who_write_on_the_initiative(self, run, role) -> None:
        with pytest.raises(NotAllowed):
            save_strategy(run=run, by=person(role), version=0)


class TestLog:
    def test_keeps_what_took_place_also_after_the_phase(self, run, initiative) -> None:
        event = logged(run, initiative.lead, happened_on=parse("2025"))
        assert (str(event.day), event.groups) == ("2025", "Otte unge")
        assert logged(end(run), initiative.lead, what="Opfølgning").run == run

    def test_a_second_click_writes_nothing(self, run, initiative) -> None:
        logged(run, initiative.lead)
        with pytest.raises(Conflict):
            logged(run, initiative.lead)
        with clock_at(timezone.now() + datetime.timedelta(hours=1)):
            logged(run, initiative.lead)  # the same may take place again
        assert InvolvementEvent.objects.count() == 2

    def test_nothing_is_logged_that_has_not_taken_place(self, run, initiative) -> None:
        with pytest.raises(Refused, match="ikke kommet"):
            logged(run, initiative.lead, happened_on=parse("2099"))
        PhaseRun.objects.filter(pk=run.pk).update(state=PhaseRun.State.ANNULLED)
        with pytest.raises(Refused, match="ikke begyndt"):
            logged(run, initiative.lead)

    def test_nobody_else_logs(self, run) -> None:
        with pytest.raises(NotAllowed):
            logged(run, person(Role.LEAD))

    def test_a_mistake_is_annulled_once_with_a_reason_and_stays(self, run, initiative) -> None:
        event = logged(run, initiative.lead)
        with pytest.raises(Refused):
            annul_involvement(event=event, by=initiative.lead, reason=" ")
        with pytest.raises(NotAllowed):
            annul_involvement(event=event, by=person(Role.MANAGER), reason="Forkert initiativ.")
        annul_involvement(event=event, by=initiative.lead, reason="Forkert initiativ.")
        with pytest.raises(Conflict):
            annul_involvement(event=event, by=initiative.lead, reason="Igen.")
        (here,) = involvement_of(initiative)
        assert (len(here.events), here.in_force) == (1, [])
        assert here.events[0].annulment_reason == "Forkert initiativ."

    @pytest.mark.parametrize("half", [{"what": ""}, {"groups": ""}, {"annulment_reason": "Uden hvem og hvornår"}])
    def test_the_database_keeps_no_half_event(self, run, initiative, half) -> None:
        event = logged(run, initiative.lead)
        for name, value in half.items():
            setattr(event, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            event.save()


class TestPages:
    def strategy_page(self, initiative: Initiative) -> str:
        return reverse("work:involvement_strategy", args=[initiative.number, 1])

    def test_two_who_write_the_same_strategy_lose_nothing(self, client, initiative, run) -> None:
        member = person(Role.LEAD, last_name="Kollega")
        initiative.members.add(member)
        save_strategy(run=run, by=member, version=0, whom="Kollegaens gruppe", how="Interview")
        client.force_login(initiative.lead)
        sent = {"version": 0, "whom": "Min gruppe", "how": "Interview"}
        response = client.post(self.strategy_page(initiative), sent)
        page = response.content.decode()
        assert response.status_code == 409
        for shown in ("Kollega har gemt", "Kollegaens gruppe", "Min gruppe"):
            assert shown in page
        assert [label for label, *_ in response.context["form"].differences] == ["Hvem inddrages?"]
        again = {**sent, "version": response.context["form"]["version"].value()}
        assert client.post(self.strategy_page(initiative), again).status_code == 302
        strategy = InvolvementStrategy.objects.get()
        assert (strategy.whom, strategy.version) == ("Min gruppe", 2)
        assert [row.whom for row in strategy.history.order_by("version")] == ["Kollegaens gruppe", "Min gruppe"]

    def test_the_same_text_twice_is_no_loss_and_says_so(self, client, initiative) -> None:
        client.force_login(initiative.lead)
        sent = {"version": 0, "whom": "Unge"}
        assert client.post(self.strategy_page(initiative), sent).status_code == 302
        response = client.post(self.strategy_page(initiative), sent)
        assert "Du behøver ikke gøre mere" in response.content.decode()
        assert InvolvementStrategy.objects.get().version == 1

    @pytest.mark.parametrize("text", ["010190-1234", "en borger, 010190 1234", "😀"])
    def test_no_cpr_number_and_nothing_unprintable_is_taken(self, client, initiative, text) -> None:
        client.force_login(initiative.lead)
        sent = {"happened_on": "2026", "what": "Interview", "groups": text, "changed": ""}
        response = client.post(reverse("work:involvement_log", args=[initiative.number, 1]), sent)
        assert response.status_code == 422
        assert text in response.content.decode()
        assert not InvolvementEvent.objects.exists()
        assert client.post(self.strategy_page(initiative), {"version": 0, "whom": text}).status_code == 422

    def test_what_is_missing_stands_on_the_page_of_the_phase(self, client, initiative, run) -> None:
        assert part(initiative, initiative.lead).open == ("Læg en strategi for brugerinddragelse i modningsfasen.",)
        save_strategy(run=run, by=initiative.lead, version=0, **strategy_texts())
        logged(run, initiative.lead)
        shown = part(initiative, initiative.lead)
        assert (shown.open, shown.state) == ((), "Strategien er lagt. Brugerne er inddraget 1 gang.")

    def test_an_event_of_another_initiative_is_not_found(self, client, initiative) -> None:
        other = initiative_in(Phase.TRIAL, lead=initiative.lead)
        event = logged(other.current_run, initiative.lead)
        client.force_login(initiative.lead)
        assert client.get(reverse("work:involvement_annul", args=[initiative.number, event.pk])).status_code == 404
        assert client.get(reverse("work:involvement_annul", args=[other.number, event.pk])).status_code == 200
