/* A button that prints the page: inline handlers are not allowed here. */

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
