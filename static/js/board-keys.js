/* The board by keyboard: arrows walk from card to card; Space lifts one, arrows carry it to
   another stage, Space or Enter drops it there, Escape puts it back. */
import { announce, move, put, say } from "./board-move.js";

let lifted = null;

const lists = (board) => [...board.querySelectorAll("ul[data-stage]")];
const cards = (list) => [...list.querySelectorAll(".deal-card")];

function lift(card) {
  const home = card.parentElement;
  lifted = { card, home, index: cards(home).indexOf(card) };
  card.classList.add("is-lifted");
  announce(say("Lifted", { deal: card.dataset.name, stage: home.dataset.name }));
}

function lower() {
  const { card } = lifted;
  card.classList.remove("is-lifted");
  lifted = null;
  document.dispatchEvent(new Event("board:free"));
}

function focus(card) {
  card.querySelector("a").focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function carry(board, step) {
  const { card } = lifted;
  const all = lists(board);
  const at = all.indexOf(card.parentElement) + step;
  if (!all[at]) return;
  put(card, all[at]);
  focus(card);
  announce(say("Over", { deal: card.dataset.name, stage: all[at].dataset.name }));
}

function putBack() {
  const { card, home, index } = lifted;
  put(card, home, index);
  announce(say("Back", { deal: card.dataset.name, stage: home.dataset.name }));
  focus(card);
  lower();
}

async function drop() {
  const { card, home, index } = lifted;
  const list = card.parentElement;
  if (list === home) return putBack();
  const moving = move(card, list, () => put(card, home, index));
  lower();
  await moving;
  if (card.isConnected) focus(card);
}

function walk(board, card, key) {
  const list = card.parentElement;
  const at = cards(list).indexOf(card);
  if (key === "ArrowUp" || key === "ArrowDown") {
    return cards(list)[at + (key === "ArrowDown" ? 1 : -1)];
  }
  const full = lists(board).filter((each) => cards(each).length);
  const beside = full[full.indexOf(list) + (key === "ArrowRight" ? 1 : -1)];
  return beside && cards(beside)[Math.min(at, cards(beside).length - 1)];
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

function carrying(board, event) {
  if (event.key in STEPS) carry(board, STEPS[event.key]);
  else if (event.key === " " || event.key === "Enter") drop();
  else if (event.key === "Escape" || event.key === "Tab") putBack();
  if (event.key !== "Tab") event.preventDefault();
}

function walking(board, event, card) {
  if (event.key === " ") lift(card);
  else if (event.key.startsWith("Arrow")) {
    const next = walk(board, card, event.key);
    if (next) focus(next);
  } else return;
  event.preventDefault();
}

export function listenToKeys(board) {
  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".deal-card");
    if (!card || !event.target.matches(".deal-title") || event.ctrlKey || event.metaKey) return;
    if (lifted) carrying(board, event);
    else walking(board, event, card);
  });
  /* The focus is lost where a card is carried from list to list; only a real leave puts it back. */
  board.addEventListener("pointerdown", () => lifted && putBack());
}
