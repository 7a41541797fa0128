/* a[data-slideover] opens beside the page instead of in its place; the URL is still its own. */

const dialog = document.getElementById("slideover");
const body = dialog.querySelector(".slideover-body");
const page = dialog.querySelector("[data-slideover-page]");
let opened = false;

function show(url) {
  page.href = url;
  body.setAttribute("aria-busy", "true");
  if (!dialog.open) {
    body.replaceChildren();
    dialog.showModal();
  }
  htmx.ajax("GET", url, { target: body, swap: "innerHTML" }).then(() => {
    body.removeAttribute("aria-busy");
    body.scrollTop = 0;
  });
}

function hide() {
  opened = false;
  if (dialog.open) dialog.close();
}

/* Inside, links to other views of the same thing stay inside. */
function opensBeside(link) {
  if (!dialog.contains(link)) return link.matches("[data-slideover]");
  return dialog.open && link !== page && link.pathname === new URL(page.href).pathname;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.hasAttribute("download") || !opensBeside(link) || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const state = { slideover: link.href };
  if (opened) history.replaceState(state, "", link.href);
  else history.pushState(state, "", link.href);
  opened = true;
  show(link.href);
});

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  history.back();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-slideover-close]")) history.back();
  const copy = event.target.closest("[data-slideover-copy]");
  if (copy) copyLink(copy);
});

async function copyLink(button) {
  await navigator.clipboard.writeText(page.href);
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: button.dataset.copied } }));
}

addEventListener("popstate", (event) => {
  if (!event.state?.slideover) return hide();
  opened = true;
  show(event.state.slideover);
});
