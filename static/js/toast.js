/* Notes at the corner, with undo. How to say one is written in templates/frame/toasts.html. */
import { postWithReason } from "./reason.js";

const STAY = 10_000;
const box = document.getElementById("toasts");
const words = box.dataset;

function button(text, name, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.className = name;
  made.addEventListener("click", act);
  return made;
}

/* Timers stop while the pointer or the focus is on the note: reading must not be a race. */
function leaveAfter(note, wait) {
  let timer = setTimeout(() => drop(note), wait);
  const hold = () => clearTimeout(timer);
  const release = () => {
    hold();
    timer = setTimeout(() => drop(note), wait);
  };
  note.addEventListener("pointerenter", hold);
  note.addEventListener("focusin", hold);
  note.addEventListener("pointerleave", release);
  note.addEventListener("focusout", release);
}

function drop(note) {
  note.remove();
  if (!box.querySelector(".note")) box.hidePopover();
}

async function send(note, request, done) {
  drop(note);
  const answer = await postWithReason(request.url, request.body, request.method);
  say(answer.ok ? { text: done } : { text: words.failed, kind: "bad" });
  if (answer.ok) document.dispatchEvent(new CustomEvent("undone", { detail: answer.data }));
}

export function say({ text, kind = "", undo: request = null }) {
  const note = document.createElement("div");
  note.className = kind ? `note note-${kind}` : "note";
  const line = document.createElement("span");
  line.className = "note-text";
  line.textContent = text;
  note.append(line);
  if (request?.other) {
    const { other } = request;
    note.append(button(other.text, "note-undo", () => send(note, other, words.done)));
  }
  if (request) note.append(button(words.undo, "note-undo", () => send(note, request, words.undone)));
  const close = button("×", "note-close", () => drop(note));
  close.setAttribute("aria-label", words.close);
  note.append(close);
  // Shown again each time, so that it stands above a dialog opened since.
  if (box.matches(":popover-open")) box.hidePopover();
  box.append(note);
  box.showPopover();
  leaveAfter(note, STAY);
}

document.addEventListener("toast", (event) => say(event.detail));
for (const template of box.querySelectorAll("template[data-toast]")) {
  const { toast: kind, undo: request = "null" } = template.dataset;
  say({ text: template.content.textContent, kind, undo: JSON.parse(request) });
}
