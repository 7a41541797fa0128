/* Looking back travels from page to page: links and panels keep the instants of this address. */

const stated = new URL(location.href).searchParams;
const past = ["as_of", "known_at"].filter((name) => stated.get(name)).map((name) => [name, stated.get(name)]);

function kept(address) {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) return url;
  for (const [name, instant] of past) if (!url.searchParams.has(name)) url.searchParams.set(name, instant);
  return url;
}

if (past.length) {
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("main a[href]");
      if (link && !("now" in link.dataset) && !link.getAttribute("href").startsWith("#")) link.href = kept(link.href);
    },
    true,
  );
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    for (const [name, instant] of past) if (!detail.path.includes(`${name}=`)) detail.parameters[name] = instant;
  });
}

/* "As it was known then" goes along with the day that is chosen; so does what was known by a day before it. */
document.addEventListener("submit", ({ target }) => {
  const day = target.elements.namedItem("as_of");
  const known = target.elements.namedItem("known_at");
  if (!day || !known) return;
  if ("withDay" in known.dataset || known.value.slice(0, 10) < day.value) known.value = day.value;
});
