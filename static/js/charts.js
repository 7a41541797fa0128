/* Draws <div data-chart> from the Plotly figure in its <script type="application/json">.
   The figure comes in light colours; the page's palettes (script#chart-palettes, by role) turn
   them dark. Its height is its own, its width the card's.
   Plotly itself is fetched when the first chart comes near the window. */

const source = document.querySelector("script[data-plotly]").dataset.plotly;
const CONFIG = { displayModeBar: false, responsive: true, displaylogo: false };
const drawn = new WeakMap();
let library = null;

function plotly() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

const isDark = () => document.documentElement.dataset.bsTheme === "dark";

function lightToDark() {
  const { light, dark } = JSON.parse(document.getElementById("chart-palettes").textContent);
  return Object.fromEntries(Object.entries(light).map(([role, ink]) => [ink, dark[role]]));
}

function recolour(value, map) {
  if (typeof value === "string") return map[value] ?? value;
  if (Array.isArray(value)) return value.map((each) => recolour(each, map));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, recolour(each, map)]));
}

function figure(text) {
  const read = JSON.parse(text);
  return isDark() ? recolour(read, lightToDark()) : read;
}

async function draw(chart) {
  const plot = chart.querySelector(".chart-plot");
  const text = chart.querySelector("script").textContent;
  const key = `${isDark()}${text}`;
  if (drawn.get(plot) === key) return;
  drawn.set(plot, key);
  const { data, layout } = figure(text);
  plot.style.height = `${layout.height}px`;
  const lib = await plotly();
  await lib.react(plot, data, { ...layout, autosize: true }, CONFIG);
  chart.dataset.drawn = "yes";
  if (plot.dataset.listens) return;
  plot.dataset.listens = "yes";
  plot.on("plotly_click", follow);
}

/* A point whose customdata names a URL opens it. */
function follow({ points }) {
  const target = [points[0].customdata].flat().find((each) => String(each).startsWith("/"));
  if (target) location.assign(target);
}

const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
  },
  { rootMargin: "400px" },
);

function drawAll() {
  for (const chart of document.querySelectorAll("[data-chart]")) {
    if (chart.dataset.drawn) draw(chart);
    else near.observe(chart);
  }
}

function toggleTable(button) {
  const table = document.getElementById(button.getAttribute("aria-controls"));
  const chart = document.getElementById(table.id.replace(/-table$/, ""));
  const showTable = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(showTable));
  table.hidden = !showTable;
  chart.hidden = showTable;
  if (!showTable) window.Plotly?.Plots.resize(chart.querySelector(".chart-plot"));
}

async function savePicture(button) {
  const chart = document.getElementById(button.dataset.chartPicture);
  const plot = chart.querySelector(".chart-plot");
  const { data, layout } = figure(chart.querySelector("script").textContent);
  const title = document.getElementById(`${chart.id}-title`).textContent;
  const paper = getComputedStyle(chart.closest(".paper")).backgroundColor;
  const size = { width: plot.clientWidth || 960, height: (plot.clientHeight || 320) + 56 };
  const titled = {
    ...layout,
    title: { text: title, x: 0.02, xanchor: "left", font: { size: 16 } },
    margin: { ...layout.margin, t: 56 },
    paper_bgcolor: paper,
  };
  const lib = await plotly();
  await lib.downloadImage(
    { data, layout: titled },
    { format: "png", scale: 2, filename: title, ...size },
  );
}

document.addEventListener("click", (event) => {
  const table = event.target.closest("[data-chart-table]");
  if (table) toggleTable(table);
  const picture = event.target.closest("[data-chart-picture]");
  if (picture) savePicture(picture);
});
/* Paper shows the whole page: what is further down is drawn once there is nothing better to do. */
const idle = window.requestIdleCallback ?? setTimeout;

async function drawRest() {
  for (const chart of document.querySelectorAll("[data-chart]")) {
    await new Promise((go) => idle(go));
    if (!chart.dataset.drawn) await draw(chart);
  }
}

addEventListener("load", drawRest);
addEventListener("beforeprint", () => document.querySelectorAll("[data-chart]").forEach(draw));
document.addEventListener("themechange", drawAll);
document.addEventListener("htmx:afterSettle", () => {
  drawAll();
  drawRest();
});
drawAll();
