/* <details class="menu">: one open at a time, arrows walk it, Escape closes it. */

const openMenus = () => document.querySelectorAll("details.menu[open]");
const items = (menu) =>
  [...menu.querySelectorAll(".menu-item, .menu-sheet input, .menu-sheet .btn")].filter(
    (item) => item.offsetParent,
  );

function close(menu) {
  const had = menu.contains(document.activeElement);
  menu.open = false;
  if (had) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target) || event.target.closest(".menu-item")) menu.open = false;
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    close(menu);
    event.stopPropagation();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(menu, event);
});

function walk(menu, event) {
  if (event.target.matches("input")) return;
  event.preventDefault();
  menu.open = true;
  const list = items(menu);
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = list.indexOf(document.activeElement);
  const start = at < 0 && step < 0 ? 0 : at;
  list[(start + step + list.length) % list.length]?.focus();
}
