/*
Shows what belongs to the choice made. <div data-when="outcome" data-is="continued awaiting"> is shown while the field
"outcome" has one of the values. Without scripts everything is shown, and each part says when it applies.
*/

const parts = [...document.querySelectorAll("[data-when]")];

const chosen = (name) =>
  document.querySelector(`input[name="${name}"]:checked, select[name="${name}"]`)?.value ?? "";

const update = () => {
  for (const part of parts) part.hidden = !part.dataset.is.split(" ").includes(chosen(part.dataset.when));
};

document.addEventListener("change", update);
window.addEventListener("pageshow", update); // the browser may bring choices back
update();
