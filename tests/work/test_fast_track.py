"""Passing knowledge on: the answer on a phase, the products, what is open, and the register."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from phases.fast_track import Channel, OpenQuestion
from phases.terms import Outcome, Phase
from portfolio.models import Initiative, PhaseRun
from susi.dates import parse
from susi.errors import Conflict, NotAllowed, Refused
from susi.roles import Role
from tests import factories
from tests.factories import ProgrammeFactory, initiative_in, person
from tests.portfolio.portfolios import anew, decide
from tests.work.workings import product
from work.actions.fast_track import annul_product, answer_fast_track, edit_product
from work.fast_track import answered_of, open_questions, part
from work.models import FastTrackAnswer, KnowledgeProduct

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def edition():
    return factories.rulebook()


@pytest.fixture
def manager():
    return person(Role.MANAGER)


@pytest.fixture
def initiative() -> Initiative:
    return initiative_in(Phase.SCREENING)


@pytest.fixture
def stopped(initiative, manager) -> PhaseRun:
    """A screening that ended without a SUSI-vurdering."""
    decide(initiative, manager, Outcome.STOPPED, reason="Ikke prioriteret.")
    return anew(initiative).current_run


def opened(initiative: Initiative) -> list[OpenQuestion | None]:
    return [one.open for one in answered_of(anew(initiative), initiative.lead)]


class TestAnswer:
    def test_is_asked_when_a_phase_ends_without_one(self, initiative, stopped, manager) -> None:
        assert opened(initiative) == [OpenQuestion.UNANSWERED]
        answer_fast_track(run=stopped, by=initiative.lead, version=0, answer=True, reason="Efterspurgt.")
        assert opened(initiative) == [OpenQuestion.NO_PRODUCT]
        made = product(stopped, initiative.lead)
        assert opened(initiative) == [None]
        annul_product(product=made, by=manager, reason="Blev ikke til noget.")
        assert opened(initiative) == [OpenQuestion.NO_PRODUCT]

    def test_is_changed_by_a_manager_and_never_over_another(self, initiative, stopped, manager) -> None:
        answer_fast_track(run=stopped, by=initiative.lead, version=0, answer=True, reason="Ja.")
        with pytest.raises(Conflict):
            answer_fast_track(run=stopped, by=manager, version=0, answer=False, reason="Nej.")
        answer_fast_track(run=stopped, by=manager, version=1, answer=False, reason="Nej.")
        row = FastTrackAnswer.objects.get()
        assert (row.answer, row.version, row.history.count()) == (False, 2, 2)

    def test_is_refused_while_the_phase_runs_and_without_a_reason(self, initiative, stopped) -> None:
        running = initiative_in(Phase.TRIAL)
        with pytest.raises(Refused, match="i gang"):
            answer_fast_track(run=running.current_run, by=running.lead, version=0, answer=True, reason="Ja.")
        with pytest.raises(Refused, match="Begrund"):
            answer_fast_track(run=stopped, by=initiative.lead, version=0, answer=True, reason=" ")

    def test_is_not_given_by_others(self, stopped) -> None:
        for other in (person(Role.LEAD), person(Role.READER), person(Role.ADMINISTRATOR)):
            with pytest.raises(NotAllowed):
                answer_fast_track(run=stopped, by=other, version=0, answer=True, reason="Ja.")

    def test_of_an_approved_assessment_stands_and_is_not_asked_again(self, initiative, manager) -> None:
        factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, fast_track=True)
        assert opened(initiative) == [OpenQuestion.NO_PRODUCT]  # also before the phase ends
        decide(anew(initiative), manager, to_phase=Phase.MATURATION, to_track="1")
        newest, screening = answered_of(anew(initiative), initiative.lead)
        assert (newest.open, screening.answer, screening.is_assessed) == (None, True, True)
        with pytest.raises(Refused, match="SUSI-vurdering"):
            answer_fast_track(run=screening.run, by=initiative.lead, version=0, answer=False, reason="Nej.")


class TestProduct:
    def test_is_planned_and_then_published(self, initiative) -> None:
        made = product(initiative.current_run, initiative.lead, planned_for=parse("11.2026"))
        assert (made.state, str(made.planned), made.published) == ("planned", "november 2026", None)
        values = {"title": made.title, "audience": made.audience, "channel": Channel.PORTAL}
        published = edit_product(
            product=made, by=initiative.lead, version=1, published_on=parse("2026"), link="https://a.dk/", **values
        )
        assert (published.state, published.version, published.history.count()) == ("published", 2, 2)
        with pytest.raises(Conflict):
            edit_product(product=made, by=initiative.lead, version=1, **values)

    def test_a_second_click_makes_no_second(self, initiative) -> None:
        product(initiative.current_run, initiative.lead)
        with pytest.raises(Conflict):
            product(initiative.current_run, initiative.lead)
        product(initiative.current_run, initiative.lead, title="En anden titel")
        assert KnowledgeProduct.objects.count() == 2

    @pytest.mark.parametrize(
        "values", [{"published_on": parse("2099")}, {"link": "http://eksempel.dk/"}, {"link": "javascript:alert(1)"}]
    )
    def test_is_refused(self, initiative, values) -> None:
        with pytest.raises(Refused):
            product(initiative.current_run, initiative.lead, **values)

    def test_is_not_made_of_udbredelse_nor_by_others(self, initiative) -> None:
        last = initiative_in(Phase.DISSEMINATION)
        with pytest.raises(Refused):
            product(last.current_run, last.lead)
        with pytest.raises(NotAllowed):
            product(initiative.current_run, person(Role.LEAD))

    def test_is_annulled_once_with_a_reason_and_not_edited_after(self, initiative) -> None:
        made = product(initiative.current_run, initiative.lead)
        with pytest.raises(Refused):
            annul_product(product=made, by=initiative.lead, reason="")
        annul_product(product=made, by=initiative.lead, reason="Dobbelt.")
        with pytest.raises(Conflict):
            annul_product(product=made, by=initiative.lead, reason="Dobbelt.")
        with pytest.raises(Refused):
            edit_product(product=made, by=initiative.lead, version=2, title="A", audience="B", channel=Channel.PRINT)

    @pytest.mark.parametrize("half", [{"state": "published"}, {"state": "annulled"}, {"planned_for": "2026-01-01"}])
    def test_the_database_keeps_no_half_product(self, initiative, half) -> None:
        made = product(initiative.current_run, initiative.lead)
        for name, value in half.items():
            setattr(made, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            made.save()


class TestPages:
    def test_a_product_is_added_edited_and_kept_when_two_write(self, client, initiative) -> None:
        client.force_login(initiative.lead)
        sent = {"version": 0, "title": "Vejledning", "audience": "Kommuner", "channel": "guidance"}
        assert client.post(reverse("work:product_create", args=[initiative.number, 1]), sent).status_code == 302
        made = KnowledgeProduct.objects.get()
        edit = reverse("work:product_edit", args=[initiative.number, made.pk])
        assert client.post(edit, {**sent, "version": 1, "title": "Den enes"}).status_code == 302
        response = client.post(edit, {**sent, "version": 1, "title": "Den andens"})
        page = response.content.decode()
        assert (response.status_code, "Den enes" in page, "Den andens" in page) == (409, True, True)
        made.refresh_from_db()
        assert (made.title, made.version) == ("Den enes", 2)

    def test_a_link_is_safe_and_a_day_has_come(self, client, initiative) -> None:
        client.force_login(initiative.lead)
        sent = {"version": 0, "title": "A", "audience": "B", "channel": "web", "published_on": "2099"}
        response = client.post(
            reverse("work:product_create", args=[initiative.number, 1]), {**sent, "link": "http://eksempel.dk"}
        )
        assert response.status_code == 422
        assert set(response.context["form"].errors) == {"link", "published_on"}

    def test_the_question_is_answered_on_its_page(self, client, initiative, stopped, manager) -> None:
        client.force_login(manager)
        address = reverse("work:fast_track", args=[initiative.number, 1])
        assert client.post(address, {"version": 0, "answer": "", "reason": "Ja."}).status_code == 422
        assert client.post(address, {"version": 0, "answer": "False", "reason": "Intet nyt."}).status_code == 302
        assert FastTrackAnswer.objects.get().answer is False
        assert "Intet nyt." in client.get(reverse("work:knowledge", args=[initiative.number])).content.decode()

    def test_the_part_says_what_is_open(self, initiative, stopped) -> None:
        shown = part(anew(initiative), initiative.lead)
        assert shown.open == (f"Screening: {OpenQuestion.UNANSWERED.label}",)
        assert part(initiative_in(None), initiative.lead) is None


class TestRegister:
    ADDRESS = "/formidling/"

    def found(self, client, query: str) -> set[str]:
        page = client.get(self.ADDRESS + query).context["page"]
        lines = client.get(f"{self.ADDRESS}csv/{query}").getvalue().decode().splitlines()
        titles = {one.title for one in page}
        assert titles == {line.split(";")[3] for line in lines[1:] if ";" in line}
        return titles

    def test_finds_by_word_channel_phase_state_and_programme(self, client, initiative) -> None:
        programme = ProgrammeFactory()
        other = initiative_in(Phase.TRIAL, programme=programme, title="Eksempel: Støtte på ÆRØ")
        product(initiative.current_run, initiative.lead, title="Håndbog", audience="Fonde")
        product(other.current_run, other.lead, title="Rapport", channel=Channel.WEB, published_on=parse("2026"))
        annulled = product(other.current_run, other.lead, title="Aldrig")
        annul_product(product=annulled, by=other.lead, reason="Fejl.")
        client.force_login(person(Role.READER))
        assert self.found(client, "") == {"Håndbog", "Rapport"}
        assert self.found(client, "?q=fonde+HÅNDbog") == {"Håndbog"}
        assert self.found(client, "?q=ærø") == {"Rapport"}
        assert self.found(client, "?q=håndbog+ærø") == set()
        assert self.found(client, "?channel=web") == {"Rapport"}
        assert self.found(client, "?phase=screening") == {"Håndbog"}
        assert self.found(client, "?state=published") == {"Rapport"}
        assert self.found(client, f"?programme={programme.pk}") == {"Rapport"}

    def test_a_choice_that_cannot_be_read_gives_no_file(self, client) -> None:
        client.force_login(person(Role.READER))
        assert client.get(f"{self.ADDRESS}csv/?channel=røgsignal").status_code == 422
        assert client.get(f"{self.ADDRESS}?channel=røgsignal").status_code == 200

    def test_lists_what_is_open_across_all(self, client, initiative, stopped) -> None:
        reader = person(Role.READER)
        assert [one.run.initiative for one in open_questions(reader)] == [initiative]
        client.force_login(reader)
        assert OpenQuestion.UNANSWERED.label in client.get(self.ADDRESS).content.decode()
        assert open_questions(person()) == []
