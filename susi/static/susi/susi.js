/* Starts the design system's components, and those that htmx brings into the page later. */

const { DKFDS } = window;
DKFDS.init();

const components = {
  "form-limit": (element) => new DKFDS.CharacterLimit(element).init(),
  "js-radio-toggle-group": (element) => new DKFDS.RadioToggleGroup(element).init(),
  accordion: (element) => new DKFDS.Accordion(element).init(),
};

document.body.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target === document.body) return;
  for (const [name, begin] of Object.entries(components)) {
    for (const element of target.getElementsByClassName(name)) begin(element);
  }
});
