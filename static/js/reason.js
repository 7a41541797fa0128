/* Requests that may move a closed period: where the server asks why, the person is asked, and the
   request goes again with the answer. */
import { post } from "./http.js";

function ask(why) {
  const box = document.getElementById("reason");
  const field = box.querySelector("input");
  box.querySelector("p").textContent = why;
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
  const reason = await ask(answer.data.detail);
  if (!reason) return { ...answer, givenUp: true };
  return post(`${url}?${new URLSearchParams({ reason })}`, body, method);
}
