/* Forms of an opened cell stay in it; arrow keys move between the figures of the grid. */

import { csrfToken } from "./http.js";

const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/* A refused form is shown again with what is wrong, as the answer has it. */
async function send(form, submitter, place) {
  const data = new FormData(form, submitter);
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(data),
    headers: { "HX-Request": "true", "X-CSRFToken": csrfToken() },
  });
  const text = await answer.text();
  const found = new DOMParser().parseFromString(text, "text/html").getElementById(place.id);
  if (!found) return location.assign(form.action);
  place.replaceWith(found);
  (found.querySelector("[role=alert], [role=status]") ?? found).scrollIntoView({ block: "nearest" });
  if (answer.ok) document.dispatchEvent(new CustomEvent("undone"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const place = form.closest(".forecast-deals > li") ?? form.closest("dialog .forecast-cell");
  if (!place) return;
  event.preventDefault();
  send(form, event.submitter, place);
});

function neighbour(cell, [down, right]) {
  const row = cell.parentElement;
  const rows = [...row.parentElement.rows];
  const next = rows[rows.indexOf(row) + down]?.cells[cell.cellIndex + right];
  if (!next) return null;
  return next.querySelector("a") ?? (down || right ? neighbour(next, [down, right]) : null);
}

document.addEventListener("keydown", (event) => {
  const step = KEYS[event.key];
  const cell = event.target.closest?.("[data-grid] :is(td, th)");
  if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const next = neighbour(cell, step);
  if (!next) return;
  event.preventDefault();
  next.focus();
});
