/* Search and commands (Ctrl-K). The server answers GET <data-search>?q=… with
   {"results": [{"label", "hint", "url"}]}; pages are known beforehand. */
import { get } from "./http.js";

const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("[role=listbox]");
const hint = dialog.querySelector(".palette-hint");
const pages = [...list.children];
const WAIT = 150;
let timer = 0;
let asked = 0;
let chosen = 0;
let searching = false;

const isSearchable = () => input.value.trim().length >= 2;
const options = () => [...list.children];

function mark(index) {
  const all = options();
  chosen = all.length ? (index + all.length) % all.length : 0;
  all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
  input.setAttribute("aria-activedescendant", all[chosen]?.id || "");
  all[chosen]?.scrollIntoView({ block: "nearest" });
  const { keys, searching: wait, empty } = hint.dataset;
  hint.textContent = searching ? wait : all.length ? keys : empty;
}

function option({ label, hint: note, url }, index) {
  const made = document.createElement("li");
  made.className = "menu-item";
  made.id = `palette-found-${index}`;
  made.setAttribute("role", "option");
  made.dataset.url = url;
  const [name, aside] = [document.createElement("span"), document.createElement("span")];
  name.textContent = label;
  aside.textContent = note || "";
  aside.className = "menu-hint";
  made.append(name, aside);
  return made;
}

function show(found) {
  const text = input.value.trim().toLowerCase();
  const fitting = pages.filter((page) => page.textContent.toLowerCase().includes(text));
  list.replaceChildren(...found.map(option), ...fitting);
  mark(0);
}

async function search() {
  const mine = ++asked;
  if (!isSearchable()) return;
  const text = encodeURIComponent(input.value.trim());
  const { data } = await get(`${dialog.dataset.search}?q=${text}`);
  if (mine !== asked) return;
  searching = false;
  show(data?.results ?? []);
}

function open() {
  input.value = "";
  searching = false;
  show([]);
  dialog.showModal();
  input.focus();
}

function go(target) {
  if (target?.dataset.url) location.assign(target.dataset.url);
}

/* Pages are there at once, so that Enter never opens what the last letters did not ask for. */
input.addEventListener("input", () => {
  searching = isSearchable();
  show([]);
  clearTimeout(timer);
  timer = setTimeout(search, WAIT);
});
input.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(chosen + step);
  else if (event.key === "Enter" && !event.isComposing) go(options()[chosen]);
  else return;
  event.preventDefault();
});
list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
document.addEventListener("click", (event) => event.target.closest("[data-open-palette]") && open());
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!dialog.open) open();
  }
});
