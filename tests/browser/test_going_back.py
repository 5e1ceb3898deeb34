"""The browser's Back leads to a form with all that was typed in it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from phases.terms import Phase, Track
from susi.roles import Role
from tests import factories
from tests.browser.screen import Screen
from tests.factories import AgreementFactory, initiative_in, person

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_what_was_typed_is_still_there(screen: Screen) -> None:
    """Also in the fields that hold a day, a month and an amount."""
    factories.rulebook()
    number = initiative_in(Phase.MATURATION, Track.ONE).number
    decision = reverse("assessments:decision_create", args=[number])
    length = reverse("portfolio:initiative_length_act", args=[number, "forlaeng"])
    amount = reverse("registers_coming_amount", args=[AgreementFactory(year=2099).pk, number])
    screen.enter(person(Role.MANAGER))
    for address, typed in [
        (decision, {"Hvornår er det besluttet?": "02.03.2026", "Begrundelse": "Kommunerne trak sig."}),
        (length, {"Ny forventet afslutning": "11.2029"}),
        (amount, {"Søgt beløb": "12.500.000"}),
    ]:
        screen.opens(address)
        for label, text in typed.items():
            screen.write(label, text)
        screen.opens("/").page.go_back()
        for label, text in typed.items():
            expect(screen.page.get_by_label(label, exact=True)).to_have_value(text)
