/* A slider and the number beside it are one lever; the form asks for the outcome itself. */

const SLIDES = "data-slides";

document.addEventListener("input", ({ target }) => {
  const number = document.getElementById(target.getAttribute(SLIDES) ?? "");
  if (number) {
    number.value = target.value;
    target.setAttribute("aria-valuetext", `${target.value} %`);
    return;
  }
  const slider = document.querySelector(`[${SLIDES}="${CSS.escape(target.id || "-")}"]`);
  if (!slider || target.value === "") return;
  slider.value = target.value;
  slider.setAttribute("aria-valuetext", `${target.value} %`);
});
