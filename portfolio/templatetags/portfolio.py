"""What the pages draw of the portfolio."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portfolio.listed import Listed, Shown

register = template.Library()


@register.simple_tag
def initiative_row(initiative: Listed) -> SafeString:
    """Draw a row of the list."""
    return _initiative_row(initiative.shown)


@lru_cache(maxsize=2000)
def _initiative_row(shown: Shown) -> SafeString:
    """The row serves everybody until something it shows is another."""
    return render_to_string("portfolio/_initiative_row.html", {"initiative": shown})
