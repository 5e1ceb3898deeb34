"""`{% url %}` as Django has it, but each process looks an address up once (ADR 12): a page has up to sixty links.

A builtin of all templates.
"""

from django.template import Library
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as url_of_django
from django.utils.html import conditional_escape

from susi.http import address

register = Library()


class _Address(URLNode):
    def render(self, context: Context) -> str:
        view = self.view_name.resolve(context)
        arguments = [one.resolve(context) for one in self.args]
        is_plain = all(isinstance(one, str | int) for one in (view, *arguments))
        if not is_plain or self.kwargs or self.asvar or view.startswith("admin:"):
            return super().render(context)
        found = address(view, *arguments)
        return conditional_escape(found) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    """Return the address of a page, by its name and the arguments it takes."""
    node = url_of_django(parser, token)
    return _Address(node.view_name, node.args, node.kwargs, node.asvar)
