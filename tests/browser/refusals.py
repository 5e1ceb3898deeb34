"""How a page answers a form it refuses: sends the forms of a page filled in with what no field takes, and looks."""

import re
from collections.abc import Iterator

from tests.browser.screen import Screen

# Everything in the form as nobody would fill it in: a CPR number as text, nothing chosen. Says whether there was any.
SPOIL = """(form) => {
  const fields = [...form.elements].filter((one) => one.name && one.type !== "hidden" && one.localName !== "button");
  for (const field of fields) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = false;
    else if (field.localName === "select" || field.type === "number") field.value = "";
    else if (field.type !== "file") field.value = "010190-1234";
  }
  return fields.length > 0;
}"""
ANSWER = """() => {
  const says = [];
  const expect = (holds, sentence) => holds || says.push(sentence);
  const box = document.querySelector("[data-module=error-summary]");
  const named = (one) => one.getAttribute("aria-describedby").split(" ");
  const described = [...document.querySelectorAll("[aria-describedby]")].flatMap(named);
  const links = [...(box?.querySelectorAll("a[href^='#']") ?? [])];
  const targets = links.map((link) => document.getElementById(link.hash.slice(1)));
  expect(document.title.startsWith("Fejl: "), `the title is »${document.title}«`);
  expect(box, "there is no summary");
  expect(box?.contains(document.activeElement), `the focus is on ${document.activeElement.outerHTML.slice(0, 80)}`);
  links.forEach((link, number) => expect(targets[number], `»${link.textContent}« leads nowhere`));
  for (const error of document.querySelectorAll(".form-error-message")) {
    const group = error.closest(".form-group"), sentence = error.textContent.trim();
    expect(described.includes(error.id), `nothing is described by »${sentence}«`);
    expect(group.querySelector("[aria-invalid=true]"), `nothing is invalid beside »${sentence}«`);
    expect(targets.some((one) => group.contains(one)), `the summary does not lead to »${sentence}«`);
  }
  return says;
}"""


def refusals(screen: Screen, address: str, sent_before: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Send each form of the page that has not been sent from another, and yield where it is sent, without numbers, and
    what is wrong with the answer: "taken" where it is no refusal.
    """
    forms = screen.page.locator("main form[method=post]")
    for number in range(forms.count()):
        form = forms.nth(number)
        name = re.sub(r"[0-9]+", "0", form.evaluate("(form) => new URL(form.action).pathname"))
        if name in sent_before or not form.evaluate(SPOIL):
            continue
        sent_before.add(name)
        with screen.expecting(400, 409, 422), screen.page.expect_navigation() as sent:
            form.evaluate("(form) => form.requestSubmit()")
        is_refused = sent.value.request.method == "POST"  # else it leads on to another page
        yield name, [*screen.page.evaluate(ANSWER), *screen.faults()] if is_refused else ["taken"]
        screen.page.evaluate("sessionStorage.clear()")
        screen.opens(address)
