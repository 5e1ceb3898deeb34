"""The script that keeps what people write, in a real browser against a small page of its own."""

import re
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template import engines
from django.template.loader import render_to_string
from django.urls import path

from susi import urls
from susi.forms import Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


class Reasoning(Form):
    reason = forms.CharField(label="Begrundelse", required=False, widget=forms.Textarea)
    title = forms.CharField(label="Titel", required=False)


@dataclass
class Server:
    """What is stored, how the next saves are answered, and how many there were."""

    text: str = ""
    version: int = 1
    answer: str = "save"
    saves: int = 0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


server = Server()

PAGE = """
{% extends "base.html" %}
{% block content %}
  <h1>{{ form.reason.value|default:"Intet skrevet" }}</h1>
  <div data-autosave-missing>Begrundelsen mangler.</div>
  <form method="post" novalidate {{ kind }}>
    {% csrf_token %}<input type="hidden" name="version" value="{{ version }}">{{ form }}
    <button class="button button-primary">Gem</button>
  </form>
  <a href="/andet/">Videre</a>
{% endblock %}
"""


LOG_OUT = '{% extends "base.html" %}{% block content %}{% include "components/log_out.html" %}{% endblock %}'


def page_with(request: HttpRequest, form: Form, kind: str) -> HttpResponse:
    context = {"form": form, "version": server.version, "kind": kind}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


@login_not_required
def autosaved(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return page_with(request, Reasoning(initial={"reason": server.text}), "data-autosave")
    with server.lock:
        server.at_once += 1
        server.most_at_once = max(server.most_at_once, server.at_once)
    try:
        return save(request)
    finally:
        with server.lock:
            server.at_once -= 1


def save(request: HttpRequest) -> HttpResponse:
    form = Reasoning(request.POST)
    if server.answer == "slowly":
        time.sleep(1.5)
    if server.answer == "log in":
        return redirect("login")
    if server.answer == "fail":
        return JsonResponse({}, status=500)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    if int(request.POST["version"]) != server.version:
        texts = [("Begrundelse", form.cleaned_data["reason"], server.text)]
        panel = render_to_string("components/conflict.html", {"texts": texts, "version": server.version})
        return JsonResponse({"html": panel}, status=409)
    server.saves, server.version, server.text = server.saves + 1, server.version + 1, form.cleaned_data["reason"]
    if not request.headers.get("X-Autosave"):
        return redirect("/andet/")
    return JsonResponse({"version": server.version, "saved_at": "14.03", "missing_html": "Intet mangler."})


@login_not_required
def kept(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return redirect("login" if server.answer == "log in" else "/andet/")
    return page_with(request, Reasoning(), "data-keep")


@login_not_required
def other(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(LOG_OUT).render({}, request))


urlpatterns = [*urls.urlpatterns, path("skriv/", autosaved), path("behold/", kept), path("andet/", other)]


@pytest.fixture
def browser(live_server, chromium_path):
    from playwright.sync_api import expect, sync_playwright

    vars(server).update(vars(Server()))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_context(base_url=live_server.url).new_page()
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        yield SimpleNamespace(
            page=page, expect=expect, field=page.locator("textarea"), status=page.locator(".susi-autosave")
        )
        chromium.close()
    assert problems == []


def test_what_is_written_saves_itself_and_leaves_the_cursor_where_it_is(browser) -> None:
    browser.page.goto("/skriv/")
    browser.field.press_sequentially("En begrundelse")
    browser.expect(browser.status).to_have_text("Gemt kl. 14.03")
    browser.expect(browser.field).to_be_focused()
    browser.expect(browser.page.locator("[data-autosave-missing]")).to_have_text("Intet mangler.")
    browser.expect(browser.page.locator("[name=version]")).to_have_value("2")
    assert (server.text, server.saves) == ("En begrundelse", 1)
    browser.field.press_sequentially(" mere")
    browser.expect(browser.page.locator("[name=version]")).to_have_value("3")
    assert server.text == "En begrundelse mere"


def test_leaving_the_field_saves_at_once(browser) -> None:
    browser.page.goto("/skriv/")
    browser.field.fill("Kort")
    browser.field.press("Tab")
    browser.expect(browser.status).to_have_text("Gemt kl. 14.03", timeout=900)


def test_two_saves_are_never_under_way_at_once(browser) -> None:
    browser.page.goto("/skriv/")
    server.answer = "slowly"
    for word in ("et ", "to ", "tre ", "fire "):
        browser.field.press_sequentially(word)
        browser.page.wait_for_timeout(700)
    browser.page.wait_for_function("!document.querySelector('.susi-autosave').textContent.includes('Gemmer')")
    browser.page.wait_for_timeout(2500)
    assert server.most_at_once == 1
    assert server.text == "et to tre fire"


def test_a_lost_connection_is_said_and_the_text_saved_when_it_is_back(browser) -> None:
    browser.page.goto("/skriv/")
    browser.page.context.set_offline(True)
    browser.field.fill("Skrevet uden net")
    browser.expect(browser.status).to_have_text(
        "Ikke gemt: ingen forbindelse. Teksten ligger her på siden og gemmes, når forbindelsen er tilbage."
    )
    browser.page.context.set_offline(False)
    browser.expect(browser.status).to_have_text("Gemt kl. 14.03")
    assert server.text == "Skrevet uden net"


def test_a_lost_session_keeps_the_text_until_one_is_logged_in_again(browser) -> None:
    browser.page.goto("/skriv/")
    server.answer = "log in"
    browser.field.fill("Skrevet uden adgang")
    browser.expect(browser.status).to_contain_text("Ikke gemt: du er logget ud.")
    server.answer = "save"
    browser.expect(browser.status).to_have_text("Gemt kl. 14.03", timeout=7000)
    assert server.text == "Skrevet uden adgang"


def test_a_refused_text_is_marked_by_its_field_until_it_is_put_right(browser) -> None:
    browser.page.goto("/skriv/")
    browser.field.fill("Borgeren 010190-1234")
    error = browser.page.locator("#id_reason_error")
    browser.expect(error).to_contain_text("ligner et CPR-nummer")
    browser.expect(browser.field).to_have_attribute("aria-invalid", "true")
    browser.expect(browser.field).to_have_attribute("aria-describedby", "id_reason_error")
    browser.expect(browser.field).to_have_value("Borgeren 010190-1234")
    browser.field.fill("Borgeren")
    browser.expect(browser.status).to_have_text("Gemt kl. 14.03")
    browser.expect(error).to_have_count(0)


def test_both_texts_are_shown_when_another_saved_first_and_mine_may_be_chosen(browser) -> None:
    browser.page.goto("/skriv/")
    server.version, server.text = 5, "Den andens tekst"
    browser.field.fill("Min tekst")
    panel = browser.page.locator("[role=alert]")
    browser.expect(panel).to_contain_text("Min tekst")
    browser.expect(panel).to_contain_text("Den andens tekst")
    browser.field.fill("Min tekst og den andens tekst")
    browser.page.wait_for_timeout(1500)
    assert server.text == "Den andens tekst"
    browser.page.get_by_role("button", name="Gem min tekst").click()
    browser.expect(browser.status).to_have_text("Gemt kl. 14.03")
    browser.expect(panel).to_have_count(0)
    assert server.text == "Min tekst og den andens tekst"


def test_the_text_of_the_other_may_be_chosen(browser) -> None:
    browser.page.goto("/skriv/")
    server.version, server.text = 5, "Den andens tekst"
    browser.field.fill("Min tekst")
    browser.page.get_by_role("button", name="Brug den gemte tekst").click()
    browser.expect(browser.page.locator("h1")).to_have_text("Den andens tekst")
    browser.expect(browser.page.locator(".susi-notice")).to_have_count(0)


def test_a_link_waits_for_the_save(browser) -> None:
    browser.page.goto("/skriv/")
    browser.field.fill("Lige før jeg gik")
    browser.page.get_by_role("link", name="Videre").click()
    browser.page.wait_for_url("**/andet/")
    assert server.text == "Lige før jeg gik"


def test_enter_in_a_field_sends_the_form_with_what_was_just_written(browser) -> None:
    browser.page.goto("/skriv/")
    browser.field.fill("Skrevet")
    browser.page.evaluate("document.querySelector('textarea').focus()")
    browser.page.locator("[name=title]").evaluate("(field) => { field.value = 'Titel'; field.form.requestSubmit(); }")
    browser.page.wait_for_url("**/andet/")
    assert server.text == "Skrevet"
    browser.page.goto("/skriv/")
    browser.page.locator("[name=title]").press_sequentially("Kilde")
    browser.page.locator("[name=title]").press("Enter")
    browser.page.wait_for_url("**/andet/")
    browser.page.goto("/skriv/")
    browser.expect(browser.page.locator(".susi-notice")).to_have_count(0)


def test_the_button_sends_at_once_also_where_the_field_keeps_the_focus(browser) -> None:
    """As on a phone, where a tap on a button need not take the focus from the field."""
    browser.page.goto("/skriv/")
    browser.field.fill("Skrevet på telefon")
    browser.page.get_by_role("button", name="Gem").evaluate("(button) => button.click()")
    browser.page.wait_for_url("**/andet/")
    assert (server.text, server.saves) == ("Skrevet på telefon", 1)


def test_a_double_click_sends_once(browser) -> None:
    browser.page.goto("/skriv/")
    server.answer = "slowly"
    browser.field.fill("Én gang")
    browser.page.get_by_role("button", name="Gem").evaluate("(button) => { button.click(); button.click(); }")
    browser.page.wait_for_url("**/andet/")
    assert server.saves == 1


def test_text_that_never_reached_the_server_is_offered_again(browser) -> None:
    browser.page.goto("/skriv/")
    server.answer = "fail"
    browser.field.fill("Næsten tabt")
    browser.expect(browser.status).to_contain_text("Ikke gemt: der er en fejl i systemet.")
    browser.page.goto("/andet/")
    server.answer = "save"
    browser.page.goto("/skriv/")
    browser.expect(browser.page.locator(".susi-notice")).to_contain_text(
        "Vi fandt tekst, der ikke nåede at blive gemt."
    )
    browser.page.get_by_role("button", name="Brug teksten").click()
    browser.expect(browser.field).to_have_value("Næsten tabt")
    browser.expect(browser.status).to_have_text("Gemt kl. 14.03")
    browser.page.reload()
    browser.expect(browser.page.locator(".susi-notice")).to_have_count(0)


def test_text_offered_again_may_be_discarded(browser) -> None:
    browser.page.goto("/behold/")
    browser.field.fill("Ikke noget værd")
    browser.page.goto("/andet/")
    browser.page.goto("/behold/")
    browser.page.get_by_role("button", name="Kassér").click()
    browser.page.reload()
    browser.expect(browser.page.locator(".susi-notice")).to_have_count(0)


def test_a_form_sent_after_the_session_was_lost_offers_its_text_again(browser) -> None:
    browser.page.goto("/behold/")
    server.answer = "log in"
    browser.field.fill("Skrevet længe")
    browser.page.get_by_role("button", name="Gem").click()
    browser.page.wait_for_url("**/log-ind/")
    browser.page.goto("/behold/")
    browser.page.get_by_role("button", name="Brug teksten").click()
    browser.expect(browser.field).to_have_value("Skrevet længe")


def test_a_form_that_was_accepted_offers_nothing(browser) -> None:
    browser.page.goto("/behold/")
    browser.field.fill("Skrevet og sendt")
    browser.page.get_by_role("button", name="Gem").click()
    browser.page.wait_for_url("**/andet/")
    browser.page.goto("/behold/")
    browser.expect(browser.page.locator(".susi-notice")).to_have_count(0)


def test_another_form_is_not_sent_past_a_text_that_could_not_be_saved(browser) -> None:
    browser.page.goto("/skriv/")
    server.answer = "fail"
    browser.field.fill("Ikke gemt endnu")
    browser.expect(browser.status).to_contain_text("Ikke gemt")
    browser.page.evaluate("""() => {
        document.body.insertAdjacentHTML("beforeend", '<form action="/andet/"><button>Indsend</button></form>');
    }""")
    browser.page.get_by_role("button", name="Indsend").click()
    browser.page.wait_for_timeout(1000)
    browser.expect(browser.page).to_have_url(re.compile("/skriv/$"))
    browser.expect(browser.status).to_be_in_viewport()
    server.answer = "save"
    browser.page.get_by_role("button", name="Indsend").click()
    browser.page.wait_for_url("**/andet/?")
    assert server.text == "Ikke gemt endnu"


def test_whoever_logs_out_leaves_nothing_in_the_browser(browser) -> None:
    browser.page.goto("/behold/")
    browser.field.fill("Fortroligt")
    browser.page.goto("/andet/")
    assert "Fortroligt" in browser.page.evaluate("JSON.stringify(sessionStorage)")
    browser.page.get_by_role("button", name="Log ud").click()
    browser.page.wait_for_url(re.compile("/log-ind/"))
    assert "Fortroligt" not in browser.page.evaluate("JSON.stringify(sessionStorage)")
