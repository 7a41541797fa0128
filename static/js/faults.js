/* One box ticks all rows of the page; an undone mend is shown again. */
const form = document.querySelector("form[data-fault]");
const all = form.querySelector("[data-all]");

all?.addEventListener("change", () => {
  for (const box of form.querySelectorAll("[name=chosen]")) box.checked = all.checked;
});

document.addEventListener("undone", () => location.reload());
