/* The page follows the facts: the stream says which changed, the panels that show them reload.
   A panel is any [data-facts="deal lead"] that htmx reloads on "refresh". Other code listens to
   the document's "facts" event (detail: the facts' names). Only a visible page keeps a stream;
   one that comes back, or lost its connection, reloads everything it may have missed.
   Panels with the same data-together come in one answer: their figures are read in one go. */

const url = document.body.dataset.events;
const COALESCE = 200;
const waiting = new Set();
let timer = 0;
let source = null;
let missed = false;

const isBusy = (panel) => panel.classList.contains("htmx-request");
const together = new Set();
let underway = false;

async function reloadTogether(panels) {
  for (const panel of panels) together.add(panel.id);
  if (underway || together.size === 0) return;
  underway = true;
  try {
    const found = [...together].map((id) => document.getElementById(id)).filter(Boolean);
    together.clear();
    const url = new URL(found[0].dataset.together, location);
    for (const panel of found) url.searchParams.append("panel", panel.dataset.address);
    await htmx.ajax("GET", url.pathname + url.search, { swap: "none" });
  } finally {
    underway = false;
  }
  await reloadTogether([]);
}

/* A panel whose own choice is under way reloads after it, by the choice's address. */
function reload(concerned) {
  const all = [...document.querySelectorAll("[data-facts]")].filter((panel) =>
    panel.dataset.facts.split(" ").some(concerned),
  );
  const joins = (panel) => panel.dataset.together && !isBusy(panel);
  for (const panel of all.filter((panel) => !joins(panel))) htmx.trigger(panel, "refresh");
  reloadTogether(all.filter(joins));
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

/* The page's own undo shows at once, whether or not the stream is there. */
document.addEventListener("undone", () => reload(() => true));

/* What the person opened or typed stays through a reload; a drawn chart is redrawn by charts.js,
   and what loads itself comes anew by itself. */
const KEPT = { DETAILS: ["open"], BUTTON: ["aria-pressed"], DIV: ["hidden"] };
const STATES = ["value", "checked", "selected"];
const isFilledIn = (field) =>
  field.value !== field.defaultValue ||
  field.checked !== field.defaultChecked ||
  field.selected !== field.defaultSelected;
const OWN = ["chart-plot", "loads-itself"];
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) =>
  !OWN.some((name) => old.classList?.contains(name));
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
