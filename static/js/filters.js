/* Filters are sent as soon as one is chosen; empty ones stay out of the URL. */

function send(form) {
  const here = new URL(form.action, location.href);
  here.search = "";
  for (const [name, value] of new FormData(form)) if (value) here.searchParams.append(name, value);
  location.assign(here);
}

for (const form of document.querySelectorAll("[data-filters]")) {
  form.addEventListener("change", () => send(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
