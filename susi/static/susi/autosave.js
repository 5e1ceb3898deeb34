/*
Keeps what people write. Two kinds of form:

  <form data-autosave data-autosave-url="…">  saves itself a second after the last keystroke
  <form data-keep>                            is saved by its button, and survives a lost session until then

The server answers a save (header X-Autosave: 1) with
  200 {version, saved_at, missing_html, themes_html}   409 {html, why}  400 {errors: {field: [sentence]}}
What is not yet saved lies in sessionStorage, for this person and this page, and is offered again when it is found there.
*/

const DELAY = 1000;
const RETRY = 5000;
const DOUBLE_CLICK = 1000;
const PREFIX = `susi:${document.body.dataset.user}:`;
const FORMS = "form[data-autosave], form[data-keep]";
const keepers = new Map();

const entries = (form) => [...new FormData(form)].filter(([name, value]) => isText(name, value));
const isText = (name, value) => typeof value === "string" && !["csrfmiddlewaretoken", "version"].includes(name);

class Keeper {
  constructor(form, number) {
    this.form = form;
    this.key = `${PREFIX}${location.pathname}${location.search}#${form.id || number}`;
    this.saved = this.text;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("input", ({ target }) => (this.wroteIn = target));
    this.offer();
  }

  get text() {
    return JSON.stringify(entries(this.form));
  }

  get unsaved() {
    return this.text !== this.saved;
  }

  changed() {
    if (this.unsaved) sessionStorage.setItem(this.key, this.text);
    else sessionStorage.removeItem(this.key);
  }

  /* Before the page is left for `target`: true when it may be left. A kept form is simply sent. */
  async settle() {
    return true;
  }

  /* The form leaves with its text. */
  sent() {
    clearTimeout(this.timer);
    this.saved = this.text;
    const kept = sessionStorage.getItem(this.key);
    if (kept) sessionStorage.setItem(`${this.key}:sent`, kept);
    sessionStorage.removeItem(this.key);
  }

  offer() {
    const found = sessionStorage.getItem(this.key);
    if (!found || found === this.saved) return;
    const box = notice("warning", "Vi fandt tekst, der ikke nåede at blive gemt.");
    const use = button("Brug teksten", "button-primary");
    const drop = button("Kassér", "button-secondary");
    use.addEventListener("click", () => {
      fill(this.form, JSON.parse(found));
      this.goOn(box);
      this.form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    drop.addEventListener("click", () => {
      sessionStorage.removeItem(this.key);
      this.goOn(box);
    });
    box.querySelector(".alert-body").append(use, " ", drop);
    this.form.before(box);
  }

  /* What was asked in `box` is answered: on to where one wrote, else to the first field. */
  goOn(box) {
    box.remove();
    const fields = [...this.form.querySelectorAll("input:not([type=hidden]), select, textarea")];
    (this.wroteIn ?? fields.find((field) => field.checkVisibility()))?.focus();
  }
}

class Autosaver extends Keeper {
  constructor(form, number) {
    super(form, number);
    this.status = form.querySelector("[data-autosave-status]") || form.appendChild(document.createElement("p"));
    this.status.classList.add("susi-autosave");
    this.status.setAttribute("role", "status");
    form.addEventListener("focusout", () => this.unsaved && this.soon(0));
    window.addEventListener("online", () => this.unsaved && this.soon(0));
  }

  changed() {
    super.changed();
    this.soon(DELAY);
  }

  soon(delay) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), delay);
  }

  /* One request at a time: what is written meanwhile goes with the next. */
  save() {
    clearTimeout(this.timer);
    if (this.stopped || !this.unsaved) return this.running;
    this.running ??= this.send().finally(() => {
      this.running = null;
      if (this.unsaved && !this.failed) this.soon(0);
    });
    return this.running;
  }

  async send() {
    const sending = this.text;
    const slow = setTimeout(() => this.say("Gemmer …"), 300);
    let response, answer;
    try {
      response = await fetch(this.form.dataset.autosaveUrl || this.form.action, {
        method: "POST",
        body: new FormData(this.form),
        headers: { "X-Autosave": "1", "X-CSRFToken": token(this.form) },
        redirect: "manual",
      });
      answer = await response.json().catch(() => ({}));
    } catch {
      answer = null;
    } finally {
      clearTimeout(slow);
    }
    this.failed = !response?.ok;
    if (answer === null) this.retry("ingen forbindelse. Teksten ligger her på siden og gemmes, når forbindelsen er tilbage.");
    else if (response.ok) this.accepted(sending, answer);
    else if (response.status === 409) this.conflict(answer);
    else if (response.status === 400) this.refused(answer);
    else if (response.type === "opaqueredirect" || answer.reason === "csrf")
      this.retry("du er logget ud. Log ind i et nyt vindue, og lad denne side stå. Så gemmes teksten.");
    else if (response.status === 403) this.stop("du har ikke længere adgang til at skrive her. Kopiér teksten, hvis den skal bruges.");
    else this.retry("der er en fejl i systemet. Teksten ligger her på siden og forsøges gemt igen.");
  }

  accepted(sent, answer) {
    this.saved = sent;
    this.version(answer.version);
    markErrors(this.form, {});
    replace("[data-autosave-missing]", answer.missing_html);
    replace("[data-autosave-themes]", answer.themes_html);
    if (!this.unsaved) sessionStorage.removeItem(this.key);
    this.say(`Gemt kl. ${answer.saved_at}`);
  }

  refused(answer) {
    this.version(answer.version);
    markErrors(this.form, answer.errors || {});
    this.say(["Ikke gemt: ret det, der er markeret.", ...(answer.errors?.__all__ || [])].join(" "), true);
  }

  conflict(answer) {
    this.stop(answer.why || "en anden har gemt i mellemtiden. Vælg, hvilken tekst der skal stå.");
    const panel = document.createElement("div");
    panel.setAttribute("role", "alert");
    panel.innerHTML = answer.html;
    panel.addEventListener("click", ({ target }) => {
      const choice = target.closest("[data-conflict]");
      if (!choice) return;
      this.goOn(panel);
      this.stopped = false;
      if (choice.dataset.conflict === "mine") {
        this.version(choice.dataset.version);
        this.soon(0);
      } else {
        this.saved = this.text;
        sessionStorage.removeItem(this.key);
        location.reload();
      }
    });
    this.form.before(panel);
    panel.scrollIntoView({ block: "nearest" });
  }

  retry(why) {
    this.say(`Ikke gemt: ${why}`, true);
    this.soon(RETRY);
  }

  stop(why) {
    clearTimeout(this.timer);
    this.stopped = true;
    this.say(`Ikke gemt: ${why}`, true);
  }

  /* Writing the same again would make a screen reader say it again. */
  say(sentence, wrong = false) {
    this.status.classList.toggle("susi-autosave--wrong", wrong);
    if (this.status.textContent !== sentence) this.status.textContent = sentence;
  }

  version(number) {
    const field = this.form.elements.version;
    if (field && number !== undefined) field.value = number;
  }

  async settle(target) {
    await this.running;
    if (target === this.form) {
      clearTimeout(this.timer);
      return true;
    }
    await this.save();
    return !this.unsaved;
  }
}

function token(form) {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : form.elements.csrfmiddlewaretoken?.value;
}

function replace(selector, html) {
  if (html === undefined) return;
  for (const element of document.querySelectorAll(selector)) {
    const link = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
    element.innerHTML = html;
    if (link) refocus(element, link);
  }
}

/* The link that had the focus has it still, or the next best where it is settled: nobody is sent back to the top. */
function refocus(element, link) {
  const same = [...element.querySelectorAll("a")].find((one) => one.getAttribute("href") === link);
  const next = same ?? element.querySelector("a") ?? element;
  if (next === element) element.tabIndex = -1;
  next.focus({ preventScroll: true });
}

function fill(form, values) {
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden") continue;
    const given = values.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = given.includes(option.value);
    else if (given.length) field.value = given[0];
  }
}

function markErrors(form, errors) {
  for (const old of form.querySelectorAll("[data-autosave-error]")) {
    old.closest(".form-group")?.classList.remove("form-error");
    old.remove();
  }
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const [name, sentences] of Object.entries(errors)) {
    const field = form.querySelector(`[name="${CSS.escape(name)}"]:not([type=hidden])`);
    const group = field?.closest(".form-group");
    if (!group) continue;
    const message = document.createElement("span");
    message.className = "form-error-message";
    message.id = `${field.id}_error`;
    message.dataset.autosaveError = "";
    message.textContent = sentences.join(" ");
    document.getElementById(message.id)?.remove();
    group.classList.add("form-error");
    group.querySelector("label, legend").after(message);
    field.setAttribute("aria-invalid", "true");
    if (!field.getAttribute("aria-describedby")?.includes(message.id))
      field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} ${message.id}`.trim());
  }
}

function notice(variant, sentence) {
  const box = document.createElement("div");
  box.className = `alert alert-${variant} susi-notice`;
  box.setAttribute("role", "status");
  box.innerHTML = '<div class="alert-body"><p class="alert-text"></p></div>';
  box.querySelector("p").textContent = sentence;
  return box;
}

function button(text, kind) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = `button ${kind}`;
  element.textContent = text;
  return element;
}

/* What was sent from the page before: accepted, unless this page says that something stopped it. */
function settleSent() {
  const stopped = document.body.dataset.page === "stopped";
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith("susi:") && name.endsWith(":sent"))) {
    if (stopped) sessionStorage.setItem(key.slice(0, -":sent".length), sessionStorage.getItem(key));
    sessionStorage.removeItem(key);
  }
}

/* Whoever logs out leaves nothing behind in the browser. */
function forget() {
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX))) sessionStorage.removeItem(key);
}

function start(scope) {
  scope.querySelectorAll(FORMS).forEach((form) => {
    if (!keepers.has(form)) keepers.set(form, new (form.matches("[data-autosave]") ? Autosaver : Keeper)(form, keepers.size));
  });
}

const present = () => [...keepers.values()].filter(({ form }) => form.isConnected);
const busy = () => present().filter((keeper) => keeper instanceof Autosaver && (keeper.unsaved || keeper.running));

let ready = null; // the form that everything else on the page has been saved for
const left = new WeakMap(); // when each form was sent

document.addEventListener("submit", async (event) => {
  const { target, submitter } = event;
  if (event.defaultPrevented || target.method === "dialog") return;
  const logsOut = target.matches("[data-log-out]");
  if (ready === target || !busy().length) {
    ready = null;
    if (Date.now() - left.get(target) < DOUBLE_CLICK) return void event.preventDefault();
    left.set(target, Date.now());
    if (logsOut) forget();
    keepers.get(target)?.sent();
    return;
  }
  event.preventDefault();
  const settled = await Promise.all(busy().map((keeper) => keeper.settle(target)));
  if (settled.every(Boolean)) {
    ready = target;
    setTimeout(() => target.requestSubmit(submitter)); // while this event fires the browser would pass it over
  } else if (logsOut) target.submit();
  else busy()[0].status.scrollIntoView({ block: "center" });
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin || event.defaultPrevented || !busy().length) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  await Promise.all(busy().map((keeper) => keeper.settle(link)));
  location.assign(link.href);
});

window.addEventListener("beforeunload", (event) => {
  if (present().some((keeper) => keeper.unsaved)) event.preventDefault();
});

document.addEventListener("htmx:load", (event) => start(event.detail.elt));
settleSent();
start(document);
