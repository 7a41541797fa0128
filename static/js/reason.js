/* Requests that may move a closed period, or a deal past what is not ticked: where the server asks
   why, the person is asked in its words, and the request goes again with the answer. */
import { post } from "./http.js";

function ask({ detail, asks }) {
  const box = document.getElementById("reason");
  const field = box.querySelector("input");
  box.querySelector("h2").textContent = asks.title;
  box.querySelector("p").textContent = detail;
  box.querySelector("label").textContent = asks.question;
  box.querySelector("button[value=yes]").textContent = asks.submit;
  field.value = "";
  box.returnValue = "";
  box.showModal();
  return new Promise((resolve) =>
    box.addEventListener("close", () => resolve(box.returnValue ? field.value.trim() : ""), {
      once: true,
    }),
  );
}

/** As `post`; `givenUp` is true in the answer where the person would not say why. */
export async function postWithReason(url, body, method = "POST") {
  const answer = await post(url, body, method);
  if (answer.data?.needs !== "reason") return answer;
  const reason = await ask(answer.data);
  if (!reason) return { ...answer, givenUp: true };
  return post(`${url}?${new URLSearchParams({ reason })}`, body, method);
}
