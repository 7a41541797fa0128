/* On phones one stage fills the board: swiping goes to the next, the switcher names them all. */

const board = document.getElementById("board");
const knobs = [...document.querySelectorAll("[data-stage-knob]")];

function mark(id) {
  for (const knob of knobs) {
    const current = `stage-${knob.dataset.stageKnob}` === id;
    knob.toggleAttribute("aria-current", current);
    if (current) knob.parentElement.scrollTo({ left: knob.offsetLeft - 48, behavior: "smooth" });
  }
}

const watcher = new IntersectionObserver(
  (entries) => {
    const shown = entries.find((entry) => entry.isIntersecting);
    if (shown) mark(shown.target.id);
  },
  { root: board, threshold: 0.6 },
);

function watch() {
  watcher.disconnect();
  for (const column of board.querySelectorAll(".stage-column")) watcher.observe(column);
}

for (const knob of knobs) {
  knob.addEventListener("click", (event) => {
    event.preventDefault();
    const column = document.getElementById(`stage-${knob.dataset.stageKnob}`);
    column.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "start" });
  });
}
board.addEventListener("htmx:afterSettle", watch);
watch();
