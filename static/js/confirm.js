/* A button with data-confirm asks once before its form goes. */

const dialog = document.getElementById("confirm");
const [title, text, yes] = ["h2", "p", "button[value=yes]"].map((each) => dialog.querySelector(each));

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirm]");
  if (!button || button.dataset.confirmed) return;
  event.preventDefault();
  title.textContent = button.dataset.confirm;
  text.textContent = button.dataset.confirmBody || "";
  yes.textContent = button.textContent;
  dialog.returnValue = "no";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && send(button), {
    once: true,
  });
  dialog.showModal();
});

function send(button) {
  button.dataset.confirmed = "yes";
  button.click();
  delete button.dataset.confirmed;
}
