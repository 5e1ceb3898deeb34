"""A person without a mouse: goes about with Tab, the arrows, Space and Enter, and has to see where that leads."""

from typing import Any

from playwright.sync_api import Page

HERE = """async () => {
  const one = document.activeElement;
  await Promise.all(one.getAnimations().map(({ finished }) => finished));
  const box = one.getBoundingClientRect(), parts = [one, ...(one.labels ?? []), ...one.querySelectorAll("rect")];
  const seen = ([x, y]) => parts.some((part) => part.contains(document.elementFromPoint(x, y)));
  const marks = parts.flatMap((part) => [getComputedStyle(part), getComputedStyle(part, "::before")]);
  const shows = ({ outlineStyle, boxShadow, strokeWidth }) =>
    outlineStyle !== "none" || boxShadow !== "none" || parseFloat(strokeWidth) > 2;
  const [left, right, top, bottom] = [box.left + 4, box.right - 4, box.top + 4, box.bottom - 4];
  const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  return {
    name: one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent,
    group: one.closest("fieldset")?.querySelector("legend")?.textContent || "",
    kind: one.type || one.localName,
    marked: marks.some(shows),
    inSight: [middle, [left, top], [right, top], [left, bottom], [right, bottom]].some(seen),
  };
}"""


class Keyboard:
    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, name: str, group: str = "", kind: str = "", key: str = "Tab") -> "Keyboard":
        """Go on with Tab to what has a name beginning so, in the group, of the kind. Everything on the way shows that
        it has the focus, and nothing lies over it.
        """
        for _ in range(150):
            self.page.keyboard.press(key)
            here = self.here()
            if here["kind"] != "body":  # between the last of the page and the first
                assert here["marked"], f"it does not show that »{here['name']}« ({here['kind']}) has the focus"
                assert here["inSight"], f"»{here['name']}« ({here['kind']}) is out of sight"
            if here["name"].startswith(name) and here["group"].startswith(group) and here["kind"].startswith(kind):
                return self
        raise AssertionError(f"»{name}« is not reached with {key} on {self.page.url}")

    def here(self) -> dict[str, Any]:
        """Return what has the focus: its `name`, the `group` it is one of, its `kind`, and how it is seen."""
        return {
            key: " ".join(value.split()) if isinstance(value, str) else value
            for key, value in self.page.evaluate(HERE).items()
        }

    def press(self, key: str) -> "Keyboard":
        self.page.keyboard.press(key)
        return self

    def enters(self) -> "Keyboard":
        """Press Enter, and be on the page it leads to."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self

    def writes(self, text: str) -> "Keyboard":
        self.page.keyboard.insert_text(text)
        return self

    def chooses(self, question: str, answer: str) -> "Keyboard":
        """Go to the group of radio buttons, and with the arrows to the answer."""
        self.to("", question, "radio").press("Space")
        for _ in range(8):
            if self.here()["name"].startswith(answer):
                return self
            self.press("ArrowDown")
        raise AssertionError(f"{question}: »{answer}« is not reached")
