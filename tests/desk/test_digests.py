"""The weekly mail: only what is new or changed, at most once a week, whatever breaks meanwhile."""

import smtplib
from datetime import date, timedelta
from io import StringIO
from unittest import mock

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from assessments.actions import review
from desk import tasks
from desk.actions import digests as actions
from desk.actions.digests import send_digests
from desk.actions.reminders import choose_reminders
from desk.actions.stand_ins import name_stand_in
from desk.digests import fingerprint, news, week_of
from desk.models import Digest, ReminderChoice, Told
from desk.owed import Owed, Urgency, owed_by
from phases.terms import Phase
from susi.clock import clock_at
from susi.errors import Conflict, Refused
from susi.models import StandIn, User
from susi.roles import Role
from tests import factories
from tests.factories import initiative_in, noon, person
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db
MONDAY, NEXT_MONDAY = date(2026, 11, 23), date(2026, 11, 30)


class Refusing(EmailBackend):
    """A server that cannot be reached."""

    def open(self) -> bool:
        raise ConnectionRefusedError("[Errno 111] Connection refused")


def anew(user: User) -> User:
    """Return the person with the roles of now."""
    return User.objects.get(pk=user.pk)


def lead_with_work(**values):
    lead = person(Role.LEAD, **{"email": f"{len(mail.outbox)}{Digest.objects.count()}@eksempel.invalid", **values})
    initiative_in(Phase.TRIAL, lead=lead)
    return lead


def send(day: date = MONDAY):
    with clock_at(noon(day)):
        return send_digests()


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 11, 23), MONDAY),
        (date(2026, 11, 29), MONDAY),
        (date(2027, 1, 1), date(2026, 12, 28)),  # week 53
        (date(2026, 3, 29), date(2026, 3, 23)),  # the day has 23 hours
        (date(2026, 10, 25), date(2026, 10, 19)),  # the day has 25
    ],
)
def test_the_week_a_day_is_in(day, monday) -> None:
    assert week_of(day) == monday
    with clock_at(noon(day)):
        send_digests()
    lead = lead_with_work()
    send(day)
    assert Digest.objects.get(person=lead).week == monday


def test_whoever_has_lost_the_right_to_see_is_told_nothing() -> None:
    lead, manager = person(Role.LEAD, email="a@eksempel.invalid"), person(Role.MANAGER)
    factories.rulebook()
    initiative = initiative_in(Phase.SCREENING, lead=lead)
    factories.approved(initiative, manager=manager, to_phase=Phase.MATURATION, departed=("M1.2",))
    assert [one.kind for one in owed_by(anew(lead)).owed] == ["review", "involvement"]
    lead.groups.clear()
    assert owed_by(anew(lead)).owed == []
    assert send() == {"not wanted": 1}


class TestWhatItSays:
    def test_a_whole_mail(self, settings) -> None:
        settings.SITE_URL = "https://susi.eksempel.dk"
        lead = lead_with_work(first_name="Anna")
        assert send() == {"sent": 1}
        message = mail.outbox[0]
        initiative = lead.led_initiatives.get()
        assert message.to == [lead.email]
        assert message.subject == "SUSI-porteføljen: 2 ting er nye eller ændrede"
        assert message.body == (
            "Hej Anna\n\n"
            "Det her er nyt eller ændret siden sidst i SUSI-porteføljen, uge 48.\n\n"
            "UDEN DATO\n\n"
            "- Påbegynd SUSI-vurdering\n"
            f"  {initiative.number} {initiative.title}\n"
            f"  https://susi.eksempel.dk/initiativer/{initiative.number}/vurderinger/ny/\n\n"
            "- Læg en strategi for brugerinddragelse i afprøvningsfasen\n"
            f"  {initiative.number} {initiative.title}\n"
            f"  https://susi.eksempel.dk/initiativer/{initiative.number}/brugerinddragelse/\n\n"
            "Alt det, der venter på dig: https://susi.eksempel.dk/mit-arbejde/\n"
            "Vælg, hvad du vil have mail om: https://susi.eksempel.dk/mit-arbejde/paamindelser/\n"
        )

    def test_what_has_not_changed_is_never_told_again(self) -> None:
        lead = lead_with_work()
        send()
        assert send(NEXT_MONDAY) == {"nothing": 1}
        with clock_at(noon(NEXT_MONDAY)):
            initiative_in(Phase.MATURATION, lead=lead, title="Eksempel: det nye")
        send(NEXT_MONDAY + timedelta(days=7))
        assert len(mail.outbox) == 2
        assert "det nye" in mail.outbox[1].body
        assert mail.outbox[1].body.count("- ") == 2  # an assessment to begin, a strategy to lay

    def test_what_is_sent_back_again_is_told_again(self) -> None:
        factories.rulebook()
        lead = person(Role.LEAD, email="a@eksempel.invalid")
        manager = person(Role.MANAGER)
        draft = factories.complete_draft(initiative_in(Phase.SCREENING, lead=lead), to_phase=Phase.MATURATION)
        send()
        for week in (1, 2):
            snapshot = review.submit(assessment=draft, by=lead)
            review.send_back(assessment=draft, by=manager, sha256=snapshot.sha256, remarks="Uddyb.")
            draft.refresh_from_db(fields=["conclusion_version"])
            send(MONDAY + timedelta(weeks=week))
        assert ["(ændret)" in message.body for message in mail.outbox] == [False, True, True]

    def test_it_is_told_once_more_when_it_presses_and_when_it_is_late(self) -> None:
        task = factories.task_due(date(2026, 12, 11))
        prints = {
            urgency: fingerprint(Owed(task, "review", "Fravigelser", urgency))
            for urgency in (Urgency.LATER, Urgency.THIS_WEEK, Urgency.OVERDUE)
        }
        assert len(set(prints.values())) == 3
        told = {task.key: prints[Urgency.LATER]}
        assert news([Owed(task, "review", "Fravigelser", Urgency.LATER)], told) == []
        found = news([Owed(task, "review", "Fravigelser", Urgency.OVERDUE)], told)
        assert [(one.key, one.is_new) for one in found] == [(task.key, False)]
        assert news([Owed(task, "review", "Fravigelser", Urgency.LATER)], {})[0].is_new


class TestAtMostOnce:
    def test_run_twice(self) -> None:
        lead_with_work()
        assert send() == send(MONDAY + timedelta(days=3)) == {"sent": 1}
        assert len(mail.outbox) == 1

    def test_killed_in_the_middle(self) -> None:
        """After the second of three mails has left, before it is noted: nobody gets the same mail twice."""
        leads = [lead_with_work(email=f"{name}@eksempel.invalid") for name in "abc"]
        note = actions._sent

        def killed_at_the_second(digest: Digest, found: list) -> str:
            if digest.person == leads[1]:
                raise KeyboardInterrupt
            return note(digest, found)

        with mock.patch.object(actions, "_sent", killed_at_the_second), pytest.raises(KeyboardInterrupt):
            send()
        assert [message.to for message in mail.outbox] == [[leads[0].email], [leads[1].email]]
        assert send() == {"sent": 2, "claimed": 1}
        assert [message.to for message in mail.outbox][2:] == [[leads[2].email]]
        send(NEXT_MONDAY)  # what may not have arrived comes with the next week's
        assert [message.to for message in mail.outbox][3:] == [[leads[1].email]]

    def test_the_claim_is_kept_before_the_mail_goes_out(self) -> None:
        lead_with_work()
        with mock.patch.object(actions, "_send", side_effect=RuntimeError("midt i det")):
            assert send() == {"error": 1}
        assert Digest.objects.get().state == Digest.State.CLAIMED
        assert not Told.objects.exists()
        assert send() == {"claimed": 1}
        assert mail.outbox == []

    def test_the_mail_server_is_down(self, settings) -> None:
        lead_with_work()
        backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Refusing"
        assert send() == {"failed": 1}
        digest = Digest.objects.get()
        assert (digest.problem, digest.attempts) == ("ConnectionRefusedError", 1)
        settings.EMAIL_BACKEND = backend
        assert send(MONDAY + timedelta(days=1)) == {"sent": 1}
        digest.refresh_from_db()
        assert (digest.state, digest.attempts, digest.problem) == (Digest.State.SENT, 2, "")
        assert len(mail.outbox) == 1

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            (smtplib.SMTPRecipientsRefused({"a@eksempel.invalid": (550, b"no")}), "failed"),
            (smtplib.SMTPDataError(452, b"full"), "failed"),
            (TimeoutError(), "error"),  # it may have gone out
            (smtplib.SMTPServerDisconnected(), "error"),
        ],
    )
    def test_one_that_goes_wrong_keeps_nobody_from_theirs(self, answer, state) -> None:
        lead_with_work(email="a@eksempel.invalid")
        other = lead_with_work(email="b@eksempel.invalid")

        def deliver(backend: EmailBackend, messages: list) -> int:
            if messages[0].to == ["a@eksempel.invalid"]:
                raise answer
            mail.outbox.extend(messages)
            return 1

        with mock.patch.object(EmailBackend, "send_messages", deliver):
            assert send() == {state: 1, "sent": 1}
        assert [message.to for message in mail.outbox] == [[other.email]]
        assert "@" not in Digest.objects.first().problem

    def test_the_database_keeps_to_one_a_week(self) -> None:
        lead_with_work()
        send()
        row = Digest.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            Digest.objects.create(person=row.person, week=row.week, state="nothing", claimed_at=row.claimed_at)
        with pytest.raises(IntegrityError), transaction.atomic():
            Digest.objects.filter(pk=row.pk).update(state="failed")


class TestWhoGetsIt:
    def test_whoever_wants_it_and_can_be_reached(self) -> None:
        lead_with_work(email="")
        lead_with_work(is_active=False)
        nobody = lead_with_work()
        choose_reminders(by=nobody, version=0, weekly=False, wanted=[])
        picky = lead_with_work(email="p@eksempel.invalid")
        choose_reminders(by=picky, version=0, weekly=True, wanted=["draft"])
        assert send() == {"not wanted": 1, "nothing": 1}
        assert mail.outbox == []

    def test_a_stand_in_is_told_for_whom(self) -> None:
        absent = lead_with_work(email="", first_name="Anne", last_name="Hansen")
        britta = person(Role.LEAD, email="b@eksempel.invalid")
        with clock_at(noon(MONDAY)):
            name_stand_in(
                person=absent, stand_in=britta, from_day=MONDAY, to_day=MONDAY, reason=StandIn.Reason.OTHER, by=absent
            )
        send()
        assert "Som stedfortræder for Anne Hansen" in mail.outbox[0].body

    def test_an_installation_without_a_mail_server_sends_none(self, settings) -> None:
        lead_with_work()
        settings.SENDS_MAIL = False
        with pytest.raises(Refused, match="EMAIL_URL"):
            send_digests()
        with pytest.raises(CommandError, match="EMAIL_URL"):
            call_command("send_digests")
        tasks.send_digests()  # the clock asks every morning: no fault of anybody's
        assert not Digest.objects.exists()

    def test_by_hand(self) -> None:
        lead_with_work()
        out = StringIO()
        call_command("send_digests", stdout=out)
        call_command("send_digests", stdout=out)
        assert out.getvalue() == "1 sendt\n1 sendt\n"
        assert len(mail.outbox) == 1

    @pytest.mark.parametrize(
        ("answer", "told"), [(smtplib.SMTPDataError(452, b"full"), "forsøges igen"), (TimeoutError(), "fejlede")]
    )
    def test_by_hand_it_ends_with_an_error_where_a_mail_is_missing(self, answer, told) -> None:
        lead_with_work()
        out = StringIO()
        with (
            mock.patch.object(EmailBackend, "send_messages", side_effect=answer),
            pytest.raises(CommandError, match=r"^1 mail blev ikke sendt\.$"),
        ):
            call_command("send_digests", stdout=out)
        assert told in out.getvalue()


class TestChoosing:
    def test_what_one_chooses_is_kept(self) -> None:
        lead = lead_with_work()
        visitor = Visitor(lead).opens("/mit-arbejde/").follows("Påmindelser på mail").reads(lead.email)
        visitor.chooses("Hvad vil du have besked om?", "Kladder").presses("Gem påmindelser").reads("er gemt")
        choice = ReminderChoice.objects.get()
        assert choice.weekly
        assert "draft" not in choice.left_out
        assert "begin" in choice.left_out
        assert owed_by(lead, choice.left_out).owed == []

    def test_a_mail_of_nothing_is_refused_with_the_two_ways_out(self, client) -> None:
        client.force_login(person(Role.LEAD))
        address = "/mit-arbejde/paamindelser/"
        response = client.post(address, {"weekly": "on", "version": "0"})
        assert response.status_code == 422
        assert response.context["form"].errors == {
            "wanted": [
                "Vælg mindst én slags. Vil du ikke have mailen, så fjern krydset ved "
                "»Send mig en mail mandag morgen, når der er noget nyt«."
            ]
        }
        assert not ReminderChoice.objects.exists()
        assert client.post(address, {"version": "0"}).status_code == 302
        assert not ReminderChoice.objects.get().weekly

    def test_two_windows(self) -> None:
        lead = person(Role.LEAD)
        one, other = (
            Visitor(lead).opens("/mit-arbejde/paamindelser/"),
            Visitor(lead).opens("/mit-arbejde/paamindelser/"),
        )
        one.presses("Gem påmindelser")
        other.chooses("Hvad vil du have besked om?", "Kladder").presses("Gem påmindelser", 409).reads("andet vindue")
        other.presses("Gem påmindelser").reads("er gemt")
        with pytest.raises(Conflict):
            choose_reminders(by=lead, version=1, weekly=True, wanted=[])
        assert ReminderChoice.objects.get().version == 2
