"""How the pages show dates, people, phases and states."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django import template
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from susi import dates
from susi.days import DAY, DayForm, kept
from susi.handbook import topic_of
from susi.menu import Item, menu
from susi.phase_model import layout
from susi.roles import Role
from susi.uploads import megabytes

register = template.Library()


class Look(NamedTuple):
    """How a phase or a state is shown: a shape of `shapes.svg`, a tone of the style sheet, and its word."""

    shape: str
    tone: str
    word: str


_PHASES = {
    "proposal": Look("phase-0", "plain", "Forslag"),
    "screening": Look("phase-1", "screening", "Screening"),
    "maturation": Look("phase-2", "maturation", "Modning"),
    "trial": Look("phase-3", "trial", "Afprøvning"),
    "dissemination": Look("phase-4", "dissemination", "Udbredelse"),
    "ended": Look("ended", "ended", "Afsluttet"),
}

_STATES = {
    # the SUSI-vurdering
    "draft": Look("pen", "plain", "Kladde"),
    "submitted": Look("forward", "waiting", "Indsendt"),
    "returned": Look("back", "attention", "Sendt tilbage"),
    "approved": Look("check", "good", "Godkendt"),
    "annulled": Look("cross", "ended", "Annulleret"),
    # the initiative
    "proposal": Look("dashed", "plain", "Forslag"),
    "running": Look("run", "good", "I gang"),
    "recommended": Look("flag", "waiting", "Indstillet til kommende aftale"),
    "awaiting": Look("wait", "attention", "Afventer"),
    "continued": Look("forward", "good", "Videreføres"),
    "stopped": Look("stop", "ended", "Videreføres ikke"),
    "ended": Look("ended", "ended", "Afsluttet"),
    "ended_awaiting": Look("wait", "ended", "Afsluttet, afventer andre initiativer"),
    "unknown": Look("unknown", "plain", "Ikke oplyst"),
    # a rating and a verdict
    "met": Look("full", "good", "Opfyldt"),
    "partly": Look("half", "attention", "Delvist opfyldt"),
    "not_met": Look("empty", "bad", "Ikke opfyldt"),
    "unrated": Look("dashed", "plain", "Ikke vurderet"),
    "yes": Look("full", "good", "Ja"),
    "no": Look("empty", "bad", "Nej"),
    # a deliverable
    "not_begun": Look("dashed", "plain", "Ikke begyndt"),
    "in_progress": Look("run", "waiting", "I gang"),
    "done": Look("check", "good", "Færdig"),
    "undecided": Look("unknown", "plain", "Ikke afvejet"),
    "left_out": Look("cross", "ended", "Udeladt"),
    "late": Look("flag", "bad", "Forsinket"),
    # a deviation, and the time in a phase
    "open": Look("run", "waiting", "Åben"),
    "planned": Look("dashed", "plain", "Planlagt"),
    "published": Look("check", "good", "Formidlet"),
    "replaced": Look("ended", "ended", "Erstattet af rettet version"),
    "settled": Look("check", "good", "Afklaret"),
    "failed": Look("cross", "bad", "Håndteringen lykkedes ikke"),
    # an application, and a participant who fell out
    "received": Look("forward", "waiting", "Modtaget"),
    "selected": Look("check", "good", "Udvalgt"),
    "not_selected": Look("empty", "ended", "Ikke udvalgt"),
    "withdrawn": Look("back", "ended", "Trukket tilbage"),
    "dropped_out": Look("cross", "attention", "Faldet fra"),
}

_RECENT_DAYS = 14
_NOTHING = SafeString('<td class="susi-none">–</td>')


@register.filter
def phase_look(phase: str) -> Look:
    """Return how `phase` (a code of `Stage`) is shown; "Ikke oplyst" where there is none."""
    return _PHASES.get(phase or "", _STATES["unknown"])


@register.filter
def state_look(state: str) -> Look:
    """Return how `state` is shown. No rating is "Ikke vurderet"; a code without a look of its own is plain."""
    return _STATES.get(state or "unrated", Look("dashed", "plain", state))


@register.simple_block_tag
def failure(content: SafeString, heading: str) -> SafeString:
    """Show why what was sent was not done: `heading`, and what is to be mended, which stands within the tag."""
    return render_to_string("components/failure.html", {"heading": heading, "said": content})


register.filter("phase_model", layout)


@register.simple_tag(name="phase_model")
def phase_model_of(cells: Iterable[dict[str, Any]]) -> SafeString:
    """Draw the phase model with how many stand where: `phase`, `track`, `count` and `url` of each cell."""
    return _phase_model(tuple((cell["phase"], cell["track"], cell["count"], cell["url"]) for cell in cells))


@lru_cache(maxsize=100)
def _phase_model(cells: tuple[tuple[str, str, int, str], ...]) -> SafeString:
    """The same figure serves everybody until something moves."""
    named = [dict(zip(("phase", "track", "count", "url"), cell, strict=True)) for cell in cells]
    return render_to_string("components/phase_model.html", {"cells": named})


@register.simple_tag
def icon(name: str, *, label: str = "", **attributes: str) -> SafeString:
    """Draw the icon `name` of the design system; without `label` it is decoration. Takes `class`."""
    return _use("vendor/dkfds/img/all-svg-icons.svg", name, f"icon-svg {attributes.get('class', '')}".strip(), label)


@register.simple_tag
def shape(name: str) -> SafeString:
    """Draw the shape that tells a phase or a state apart without colour. The word stands beside it."""
    return _use("susi/shapes.svg", name, "susi-shape", "")


@register.simple_tag
@lru_cache(maxsize=500)
def phase_badge(phase: str, label: str = "") -> SafeString:
    """Draw a phase: word, shape and colour. `label` overrides the word ("Screening/modning")."""
    return render_to_string("components/phase_badge.html", {"phase": phase, "label": label})


@register.simple_tag
@lru_cache(maxsize=500)
def state_badge(state: str, label: str = "") -> SafeString:
    """Draw a state, rating, verdict or outcome: word, shape and colour. `label` overrides the word."""
    return render_to_string("components/state_badge.html", {"state": state, "label": label})


@register.filter
@lru_cache(maxsize=1000)
def cell(text: str) -> SafeString:
    """Return the cell of a table that says `text`, a dash where there is none."""
    return format_html("<td>{}</td>", text) if text else _NOTHING


@register.filter
def when(day: date | datetime | None) -> SafeString | str:
    """Say how long ago `day` is, with the date: "i dag (02.11.2026)", "for 3 dage siden (30.10.2026)"."""
    if not day:
        return ""
    if isinstance(day, datetime):
        day = timezone.localtime(day, dates.COPENHAGEN).date() if timezone.is_aware(day) else day.date()
    written, distance = dates.danish(day), (timezone.localdate(timezone=dates.COPENHAGEN) - day).days
    words = _distance(distance)
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), f"{words} ({written})" if words else written)


@register.filter
def clock(moment: datetime | None) -> str:
    """Return the date and hour of `moment` in Copenhagen: "02.11.2026 kl. 14.03"."""
    return f"{timezone.localtime(moment, dates.COPENHAGEN):%d.%m.%Y kl. %H.%M}" if moment else ""


register.filter("danish", lambda day: dates.danish(day) if day else "")
register.filter(megabytes)


@register.filter
def partial_date(row: Any, name: str) -> str:
    """Return the date in the columns `name` and `<name>_precision` of `row`, or "Ikke oplyst"."""
    return str(dates.read(row, name) or "Ikke oplyst")


@register.filter
def person(user: Any) -> str:
    """Return the full name of `user`, else the username; "ikke oplyst" where there is nobody."""
    return (user.get_full_name() or user.get_username()) if user else "ikke oplyst"


@register.filter
def role_names(user: Any) -> str:
    """Return the user's roles in their fixed order: "Initiativansvarlig, Leder"."""
    return ", ".join(role.value for role in Role if user.has_role(role))


@register.simple_tag
@cache
def stylesheets() -> SafeString:
    """Name the style sheets, whose addresses change only with a new version."""
    return render_to_string("components/stylesheets.html")


@register.simple_tag(takes_context=True)
def main_menu(context: dict[str, Any]) -> SafeString:
    """Show the main menu, and where one is."""
    return _menu_of(menu(context["request"]))


@lru_cache(maxsize=500)
def _menu_of(items: tuple[Item, ...]) -> SafeString:
    return render_to_string("components/menu.html", {"items": items})


@register.simple_tag(takes_context=True)
def help_link(context: dict[str, Any]) -> SafeString:
    """Link to the help with this page, to the handbook where there is none."""
    match = context["request"].resolver_match
    return _help_link(match.view_name if match else "")


@cache
def _help_link(view: str) -> SafeString:
    return render_to_string("components/help_link.html", {"topic": topic_of(view)})


@register.inclusion_tag("components/day.html", takes_context=True)
def day_choice(context: dict[str, Any]) -> dict[str, Any]:
    """Offer to show the page as of another day, and say so where it shows a past one (`susi.days.of_any_day`)."""
    request = context["request"]
    rest = kept(request)
    return {
        "day": request.day,
        "form": DayForm(initial={DAY: request.day}),
        "kept": rest,
        "today_url": f"{request.path}?{urlencode(rest)}" if rest else request.path,
    }


@register.filter
def page_numbers(page: Page) -> Iterator[str | int]:
    """Return the numbers to link to around `page`, with an ellipsis for those left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


def _distance(days: int) -> str:
    if abs(days) > _RECENT_DAYS:
        return ""
    close = {0: "i dag", 1: "i går", -1: "i morgen"}
    return close.get(days) or (f"for {days} dage siden" if days > 0 else f"om {-days} dage")


@cache
def _use(sprite: str, name: str, css_class: str, label: str) -> SafeString:
    named = format_html(' role="img" aria-label="{}"', label) if label else SafeString(' aria-hidden="true"')
    return format_html(
        '<svg class="{}" focusable="false"{}><use href="{}#{}"></use></svg>', css_class, named, static(sprite), name
    )
