/* The gate room: the place one has come to in sight, and another row for a reference without leaving the page. */

const nav = document.querySelector(".gate-nav");
const here = nav.querySelector("[aria-current]");
if (here) {
  const [box, stop] = [nav.getBoundingClientRect(), here.getBoundingClientRect()];
  nav.scrollLeft += stop.left - box.left - (box.width - stop.width) / 2;
  if (stop.bottom > box.bottom) nav.scrollTop += stop.bottom - box.bottom + stop.height;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-row]");
  if (!button) return;
  event.preventDefault();
  const part = button.closest("fieldset");
  const total = part.querySelector(`[name="${button.dataset.addRow}-TOTAL_FORMS"]`);
  const number = Number(total.value);
  const row = document.createElement("template");
  row.innerHTML = part.querySelector("[data-row-template]").innerHTML.replaceAll("__prefix__", number);
  row.content.querySelector("[data-row-number]").textContent = number + 1;
  const first = row.content.querySelector("input");
  part.querySelector("[data-rows]").append(row.content);
  total.value = number + 1;
  first.focus();
});
