/* The bar's own range: both days become one period code in the URL. */

const form = document.querySelector("[data-period-range]");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const [start, end] = [...form.querySelectorAll("input")].map((input) => input.value).sort();
  const here = new URL(location.href);
  here.searchParams.set("period", `${start}..${end}`);
  here.searchParams.delete("page");
  location.assign(here);
});
