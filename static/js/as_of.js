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
