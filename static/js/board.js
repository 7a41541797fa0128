/* The board: cards are dragged by mouse and touch, lifted by keyboard, or sent by their menu;
   each move goes through the API (board-move.js). Other people's moves come in by the page's
   live panel, which waits while a card is in the hand. */
import { listenToKeys } from "./board-keys.js";
import { askWhere, busy, move, put, settle } from "./board-move.js";
import "./board-phone.js";

const board = document.getElementById("board");
const mayMove = Boolean(document.getElementById("move-menu"));
const LISTS = ".cards, .edge-drop";
const HOLD = 180;
let dragging = false;
let missed = false;

function follow(list) {
  if (Sortable.get(list)) return;
  Sortable.create(list, {
    group: "deals",
    draggable: ".deal-card",
    filter: "button",
    preventOnFilter: false,
    sort: false,
    animation: 120,
    delay: HOLD,
    delayOnTouchOnly: true,
    touchStartThreshold: 4,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 4,
    ghostClass: "is-ghost",
    dragClass: "is-dragged",
    emptyInsertThreshold: 40,
    scrollSensitivity: 60,
    onStart: () => hold(true),
    onEnd: dropped,
  });
}

function hold(holding) {
  dragging = holding;
  board.parentElement.toggleAttribute("data-dragging", holding);
}

async function dropped({ item, from, to, oldDraggableIndex }) {
  hold(false);
  swallowClick(item);
  if (from !== to) await move(item, to, () => put(item, from, oldDraggableIndex));
  catchUp();
}

/* The click that ends a drag must not open the deal. */
function swallowClick(item) {
  const stop = (event) => event.preventDefault();
  item.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => item.removeEventListener("click", stop, { capture: true }), 50);
}

const inHand = () => dragging || busy() || board.querySelector(".is-lifted");

function catchUp() {
  if (!missed || inHand()) return;
  missed = false;
  htmx.trigger(board, "refresh");
}

function wait(event) {
  if (event.detail.target !== board || !inHand()) return;
  missed = true;
  event.preventDefault();
}

function ready() {
  if (mayMove) document.querySelectorAll(LISTS).forEach(follow);
}

board.addEventListener("htmx:beforeRequest", wait);
board.addEventListener("htmx:beforeSwap", wait);
board.addEventListener("htmx:afterSettle", ready);
document.addEventListener("board:free", catchUp);
document.addEventListener("undone", ({ detail }) => {
  settle(detail);
  htmx.trigger(board, "refresh");
});
board.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (button) askWhere(button.closest(".deal-card"), button);
});
if (mayMove) listenToKeys(board);
ready();
