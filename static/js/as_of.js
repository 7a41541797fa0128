/* Looking back travels from page to page: links and panels keep the instant of this address. */

const asOf = new URL(location.href).searchParams.get("as_of");

function kept(address) {
  const url = new URL(address, location.href);
  if (url.origin === location.origin && !url.searchParams.has("as_of")) url.searchParams.set("as_of", asOf);
  return url;
}

if (asOf) {
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("main a[href]");
      if (link && !("now" in link.dataset) && !link.getAttribute("href").startsWith("#")) link.href = kept(link.href);
    },
    true,
  );
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!detail.path.includes("as_of=")) detail.parameters.as_of = asOf;
  });
}
