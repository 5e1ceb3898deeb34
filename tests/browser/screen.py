"""A window of a real browser that lets nothing pass: no error, no breach of the policy, no page out of shape."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from susi.models import User

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
AXE = (settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
    preload: false,
  });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\\n  ")}`);
}"""
LOOKS = """() => ({
  font: getComputedStyle(document.body).fontFamily,
  empty: [...document.styleSheets].filter((sheet) => !sheet.cssRules.length).map(({ href }) => href),
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  widest: [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 160)).slice(-2),
})"""

# What sticks out where letters are twice as large. A table may: it is read by its columns.
LARGER = """() => {
  const root = document.documentElement;
  const scrolls = (one) => one && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
  root.style.fontSize = "125%";
  const wide = [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
    .filter((one) => !one.closest("table") && !scrolls(one.parentElement) && one.checkVisibility())
    .map((one) => `sticks out at 200 %: ${one.outerHTML.slice(0, 160)}`);
  root.style.fontSize = "";
  return wide.slice(-2);
}"""


class Screen:
    """One window of one person. What goes wrong meanwhile is kept in `problems`."""

    def __init__(self, browser: Browser, address: str, viewport: dict[str, int] = WIDE) -> None:
        self.context = browser.new_context(base_url=address, viewport=viewport, locale="da-DK")
        self.page: Page = self.context.new_page()
        self.address, self.problems, self.allowed = address, [], set()
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", self._said)
        self.page.on("response", self._answered)
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.problems.append(f"{response.status} from {response.url}")

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Allow these answers meanwhile."""
        self.allowed = set(statuses)
        yield
        self.page.wait_for_load_state()
        self.allowed = set()

    def enter(self, user: User) -> "Screen":
        """Be logged in as `user`."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.context.clear_cookies()
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.address}])
        return self

    def log_in(self, user: User, password: str) -> "Screen":
        """Log in on the page for it, after whoever is logged in has logged out."""
        self.context.clear_cookies()
        self.opens("/")
        self.write("Brugernavn", user.username).write("Adgangskode", password).press("Log ind")
        return self

    def opens(self, address: str) -> "Screen":
        self.page.goto(address)
        return self

    def follow(self, text: str) -> "Screen":
        self.page.get_by_role("link", name=text).locator("visible=true").first.click()
        self.page.wait_for_load_state()
        return self

    def press(self, text: str) -> "Screen":
        """Press the button, and be on the page it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=text).locator("visible=true").first.click()
        return self

    def write(self, label: str, text: str) -> "Screen":
        self.page.get_by_label(label, exact=True).fill(text)
        return self

    def choose(self, question: str, *answers: str) -> "Screen":
        """Choose among the radio buttons or check boxes of the question."""
        group = self.page.get_by_role("group", name=question).last
        for answer in answers:
            group.get_by_label(answer, exact=True).check()
        return self

    def pick(self, label: str, option: str) -> "Screen":
        self.page.get_by_label(label, exact=True).select_option(label=option)
        return self

    def reads(self, *texts: str) -> "Screen":
        for text in texts:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()
        return self

    @property
    def heading(self) -> Locator:
        return self.page.locator("h1")

    def is_sound(self, *texts: str) -> "Screen":
        """Expect the texts in sight and nothing wrong with the page."""
        self.reads(*texts)
        assert self.faults() == [], self.page.url
        assert self.problems == [], self.page.url
        return self

    def faults_enlarged(self) -> list[str]:
        """Return what does not fit the window with letters of 200 %."""
        return self.page.evaluate(LARGER)

    def faults(self) -> list[str]:
        """Return how the page is not styled, does not fit its window, or breaks a rule of WCAG 2.2 AA."""
        looks = self.page.evaluate(LOOKS)
        faults = [] if "IBM Plex Sans" in looks["font"] else [f"styled with {looks['font']}"]
        faults += [f"nothing in {sheet}" for sheet in looks["empty"]]
        faults += [f"{looks['wide']} pixels too wide: {looks['widest']}"] if looks["wide"] else []
        self.page.evaluate(AXE)
        return faults + self.page.evaluate(RUN_AXE)
