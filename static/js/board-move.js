/* One move of a deal: shown at once, asked what must be asked, sent with the card's revision,
   taken back when it is refused, offered for undoing when it is done. */
import { postWithReason } from "./reason.js";

const frame = document.querySelector("[data-board]");
const board = document.getElementById("board");
const status = frame.querySelector("[data-announce]");
const dialog = (id) => document.getElementById(id);
const REFUSED_AS_STALE = 409;
let moves = 0;

export const busy = () => moves > 0;

/** A sentence of the page, with {deal} and {stage} put in. */
export function say(word, parts = {}) {
  const text = frame.dataset[`word${word}`];
  return Object.entries(parts).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);
}

export function announce(text) {
  status.textContent = text;
}

export function put(card, list, index = 0) {
  list.insertBefore(card, list.querySelectorAll(".deal-card")[index] ?? null);
}

function toast(text, kind = "", undo = null) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind, undo } }));
}

/** Show a dialog about a card; answers the value of the button that closed it, "" for none. */
function ask(box, card) {
  const title = box.querySelector("[data-word]");
  title.textContent = title.dataset.word.replace("{deal}", card.dataset.name);
  box.returnValue = "";
  box.showModal();
  return new Promise((resolve) =>
    box.addEventListener("close", () => resolve(box.returnValue), { once: true }),
  );
}

async function lostReason(card) {
  const field = dialog("lost-reason");
  field.value = "";
  return (await ask(dialog("lost-question"), card)) ? { lost_reason: field.value } : null;
}

async function wonAmount(card) {
  if (card.dataset.amount && !("estimated" in card.dataset)) return {};
  const field = dialog("won-amount");
  field.value = card.dataset.amount;
  dialog("won-question").querySelector("[data-currency]").textContent = card.dataset.currency;
  return (await ask(dialog("won-question"), card)) ? { amount: field.value } : null;
}

/** What must be known before a deal enters a stage; null if the person thought better of it. */
function questions(card, list) {
  if (list.dataset.outcome === "lost") return lostReason(card);
  if (list.dataset.outcome === "won") return wonAmount(card);
  return {};
}

const address = (card) => `${frame.dataset.api}${card.dataset.deal}/move/`;
const listOf = (stage) => board.querySelector(`ul[data-stage="${stage}"]`);

/** Move a card that already stands in `list`; `takeBack` puts it where it came from. */
export async function move(card, list, takeBack, from = null) {
  moves += 1;
  card.classList.add("is-moving");
  try {
    const more = await questions(card, list);
    if (more) await send(card, list, takeBack, from ?? card.dataset.stage, more);
    else takeBack();
  } finally {
    card.classList.remove("is-moving");
    moves -= 1;
    document.dispatchEvent(new Event("board:free"));
  }
}

async function send(card, list, takeBack, from, more) {
  const stage = list.dataset.stage;
  const revision = Number(card.dataset.revision);
  const answer = await postWithReason(address(card), { stage: Number(stage), revision, ...more });
  if (answer.ok) return done(card, list, from, answer.data);
  if (answer.status === REFUSED_AS_STALE && answer.data?.current) {
    if (await differ(card, answer.data.current)) {
      card.dataset.revision = answer.data.current.revision;
      card.dataset.stage = answer.data.current.stage;
      return send(card, list, takeBack, card.dataset.stage, more);
    }
    takeBack();
    return refresh();
  }
  takeBack();
  if (!answer.givenUp) toast(refusal(answer), "bad");
  announce(say("Refused"));
}

function refusal({ status: code, data }) {
  return code === 0 ? say("Offline") : `${data?.detail || ""} ${say("Refused")}`.trim();
}

function done(card, list, from, deal) {
  const moved = say("Moved", { deal: card.dataset.name, stage: list.dataset.name });
  const text = `${moved} ${deal.notice}`.trim();
  settle(deal);
  announce(text);
  const body = { stage: Number(from), revision: deal.revision };
  toast(text, "", { url: address(card), body, other: takesStages(deal) });
  if (list.matches(".edge-drop")) card.remove();
  refresh();
}

/* A category of the deal's own stays when it moves; one press lets it count as its stage does. */
function takesStages({ id, revision, keeps_own_category: keeps }) {
  if (!keeps) return null;
  const url = `${frame.dataset.api}${id}/`;
  return { text: say("Take"), url, method: "PATCH", body: { category: "", revision } };
}

/** Put a deal's card, if it has one, where the server says that the deal is. */
export function settle(deal) {
  const card = document.getElementById(`deal-${deal?.id}`);
  if (!card) return;
  card.dataset.revision = deal.revision;
  card.dataset.stage = deal.stage;
  const list = listOf(deal.stage);
  if (list && list !== card.parentElement) put(card, list);
}

/* Asked for once nothing is in the hand any more. */
function refresh() {
  document.addEventListener("board:free", () => htmx.trigger(board, "refresh"), { once: true });
}

/** Both versions side by side; true if the person still wants the move. */
async function differ(card, now) {
  const box = dialog("conflict");
  const seen = {
    stage: listOf(card.dataset.stage)?.dataset.name ?? "",
    amount: card.dataset.amount,
    close: card.dataset.close,
    owner: card.dataset.owner,
  };
  const present = {
    stage: now.stage_name,
    amount: now.amount ?? "",
    close: now.expected_close ?? "",
    owner: now.owner_name,
  };
  for (const row of box.querySelectorAll("[data-field]")) {
    const [was, is] = row.querySelectorAll("td");
    was.textContent = readable(seen[row.dataset.field]);
    is.textContent = readable(present[row.dataset.field]);
    row.classList.toggle("is-different", was.textContent !== is.textContent);
  }
  return Boolean(await ask(box, card));
}

function readable(value) {
  if (!/^\d+\.\d+$/.test(value)) return value || "–";
  return Number(value).toLocaleString(document.documentElement.lang);
}

/** The other way to move a card, for those who do not drag: a list of the stages. */
export async function askWhere(card, button) {
  const box = dialog("move-menu");
  const from = card.parentElement;
  for (const choice of box.querySelectorAll("button.menu-item")) {
    choice.toggleAttribute("aria-current", choice.value === from.dataset.stage);
  }
  const stage = await ask(box, card);
  if (!stage || stage === from.dataset.stage) return button.focus();
  const index = [...from.querySelectorAll(".deal-card")].indexOf(card);
  put(card, listOf(stage));
  await move(card, listOf(stage), () => put(card, from, index));
  return card.isConnected ? card.querySelector("a").focus() : undefined;
}
