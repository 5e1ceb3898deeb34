"""A page as a tree of elements: what a person reads of it, and what a browser would send from its forms."""

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNREAD = frozenset(("head", "script", "style", "template"))


class Element:
    def __init__(self, name: str, attributes: dict[str, str], parent: "Element | None" = None) -> None:
        self.name, self.attributes, self.parent = name, attributes, parent
        self.children: list[Element | str] = []

    def get(self, name: str) -> str:
        """Return the attribute, "" where it is missing or has no value."""
        return self.attributes.get(name, "")

    def all(self, *names: str) -> Iterator["Element"]:
        """Yield the elements of these names within this one, in order; what a `template` holds is not on the page."""
        for child in self.children:
            if isinstance(child, Element):
                if not names or child.name in names:
                    yield child
                if child.name != "template":
                    yield from child.all(*names)

    def closest(self, name: str) -> "Element | None":
        return self if self.name == name else self.parent and self.parent.closest(name)

    @property
    def text(self) -> str:
        """What is read in it, with single spaces."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.name not in UNREAD:
                yield from child._pieces() if child.name in INLINE else (" ", child.text, " ")


INLINE = frozenset(("a", "b", "em", "i", "ins", "del", "small", "span", "strong"))


class Page(HTMLParser):
    """`Page(html).root` is the tree of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self._open = Element("", {})
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        closed = self._open.closest(tag)
        if closed is not self._open or closed.parent is None:
            raise AssertionError(f"</{tag}> closes <{self._open.name}>, line {self.getpos()[0]}")
        self._open = closed.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


def values_of(form: Element) -> list[tuple[str, str]]:
    """Return the names and values a browser would send from the form, in order, without those of its buttons."""
    return [
        (control.get("name"), value)
        for control in form.all("input", "select", "textarea")
        if control.get("name")
        for value in _values(control)
    ]


def _values(control: Element) -> list[str]:
    if control.name == "textarea":
        return ["".join(str(child) for child in control.children).removeprefix("\n")]
    if control.name == "select":
        options = list(control.all("option"))
        chosen = [option for option in options if "selected" in option.attributes]
        if not chosen and "multiple" not in control.attributes:
            chosen = options[:1]
        return [option.attributes.get("value", option.text) for option in chosen]
    if control.get("type") in ("checkbox", "radio"):
        return [control.attributes.get("value", "on")] if "checked" in control.attributes else []
    return [] if control.get("type") in ("submit", "button", "file") else [control.get("value")]
