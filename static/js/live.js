/* The page follows the facts: the stream says which changed, the panels that show them reload.
   A panel is any [data-facts="deal lead"] that htmx reloads on "refresh". Other code listens to
   the document's "facts" event (detail: the facts' names). Only a visible page keeps a stream;
   one that comes back, or lost its connection, reloads everything it may have missed. */

const url = document.body.dataset.events;
const COALESCE = 200;
const waiting = new Set();
let timer = 0;
let source = null;
let missed = false;

function reload(concerned) {
  for (const panel of document.querySelectorAll("[data-facts]")) {
    const facts = panel.dataset.facts.split(" ");
    if (facts.some(concerned)) htmx.trigger(panel, "refresh");
  }
}

function flush() {
  const facts = [...waiting];
  waiting.clear();
  timer = 0;
  document.dispatchEvent(new CustomEvent("facts", { detail: facts }));
  reload((fact) => facts.includes(fact));
}

function changed(event) {
  for (const fact of JSON.parse(event.data).facts) waiting.add(fact);
  timer ||= setTimeout(flush, COALESCE);
}

function connect() {
  source = new EventSource(url);
  source.addEventListener("changed", changed);
  source.addEventListener("open", () => {
    document.body.dataset.live = "on";
    if (missed) reload(() => true);
    missed = false;
  });
  source.addEventListener("error", () => {
    document.body.dataset.live = "off";
    missed = true;
  });
}

function disconnect() {
  source?.close();
  source = null;
  missed = true;
}

/* What the person opened or typed stays through a reload; a drawn chart is redrawn by charts.js. */
const KEPT = { DETAILS: ["open"], BUTTON: ["aria-pressed"], DIV: ["hidden"] };
const STATES = ["value", "checked", "selected"];
const isFilledIn = (field) =>
  field.value !== field.defaultValue ||
  field.checked !== field.defaultChecked ||
  field.selected !== field.defaultSelected;
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) => !old.classList?.contains("chart-plot");
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
  !KEPT[node.tagName]?.includes(name) && !(STATES.includes(name) && isFilledIn(node));

if (url) {
  connect();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) disconnect();
    else if (!source) connect();
  });
  addEventListener("pagehide", disconnect);
}
