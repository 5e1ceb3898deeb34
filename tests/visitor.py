"""A person at a browser without scripts: opens pages, fills in what stands on them by its label, presses buttons."""

from typing import Any, Self
from urllib.parse import urlencode, urljoin

from django.test import Client

from susi.models import User
from tests.markup import Element, Page, values_of


class Visitor:
    def __init__(self, user: User | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.address = "/"
        self.status = 0
        self.page = Element("", {})
        if user:
            self.client.force_login(user)

    def opens(self, address: str, expected: int = 200) -> Self:
        """Open the page, also where it leads on to another, and expect the status."""
        return self._read(self.client.get(address, follow=True), address, expected)

    def follows(self, text: str) -> Self:
        """Follow the first link whose text begins with `text`."""
        link = self._first("a", text)
        return self.opens(urljoin(self.address, link.get("href")))

    def writes(self, label: str, text: str) -> Self:
        control = self._control(label)
        if control.name == "textarea":
            control.children = [text]
        else:
            control.attributes["value"] = text
        return self

    def chooses(self, question: str, *answers: str) -> Self:
        """Choose these and no other answers to the question: radio buttons, check boxes or a list."""
        fieldset = next((one for one in self.page.all("fieldset") if _legend(one) == question), None)
        if fieldset:
            found, mark = {self._label_of(control): control for control in fieldset.all("input")}, "checked"
        else:
            found, mark = {option.text: option for option in self._control(question).all("option")}, "selected"
        assert set(answers) <= set(found), f"{question} {list(found)}"
        for text, control in found.items():
            control.attributes.pop(mark, None)
            if text in answers:
                control.attributes[mark] = ""
        return self

    def presses(self, text: str, expected: int = 200) -> Self:
        """Press the first button whose text begins with `text`, and go where its form leads."""
        button = self._first("button", text)
        form = button.closest("form")
        assert form is not None, f"»{text}« is in no form"
        sent = values_of(form) + ([(button.get("name"), button.get("value"))] if button.get("name") else [])
        address = urljoin(self.address, form.get("action")).partition("#")[0]
        if form.get("method") != "post":
            return self.opens(f"{address.partition('?')[0]}?{urlencode(sent)}", expected)
        body = urlencode(sent)
        kind = "application/x-www-form-urlencoded"
        return self._read(self.client.post(address, body, content_type=kind, follow=True), address, expected)

    def reads(self, *texts: str) -> Self:
        """Expect every text on the page."""
        for text in texts:
            assert text in self.text, f"»{text}« is not read on {self.address}:\n{self.text}"
        return self

    def does_not_read(self, *texts: str) -> Self:
        for text in texts:
            assert text not in self.text, f"»{text}« is read on {self.address}"
        return self

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def heading(self) -> str:
        return next(self.page.all("h1")).text

    def _read(self, response: Any, address: str, expected: int) -> Self:
        chain = response.redirect_chain
        self.address = urljoin(address, chain[-1][0] if chain else address)
        self.status = response.status_code
        self.page = Page(response.content.decode()).root
        assert self.status == expected, f"{self.status} from {self.address}:\n{self.text}"
        return self

    def _first(self, name: str, text: str) -> Element:
        found = next((one for one in self.page.all(name) if one.text.startswith(text)), None)
        assert found is not None, f"no <{name}> »{text}« on {self.address}:\n{self.text}"
        return found

    def _control(self, label: str) -> Element:
        for one in self.page.all("label"):
            if _bare(one.text) == label:
                return next(control for control in self.page.all() if control.get("id") == one.get("for"))
        raise AssertionError(f"no field »{label}« on {self.address}:\n{self.text}")

    def _label_of(self, control: Element) -> str:
        return next((one.text for one in self.page.all("label") if one.get("for") == control.get("id")), "")


def _bare(label: str) -> str:
    return label.removesuffix("(frivilligt)").strip()


def _legend(fieldset: Element) -> str:
    return next((_bare(one.text) for one in fieldset.all("legend")), "")
