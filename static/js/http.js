/* Requests that change something, with the page's CSRF token. */

export function csrfToken() {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  return headers["X-CSRFToken"] || "";
}

/** POST `body` as JSON. Answers {ok, status, data}; a lost connection is {ok: false, status: 0}. */
export async function post(url, body = {}, method = "POST") {
  try {
    const response = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { ok: response.ok, status: response.status, data: readJson(text) };
  } catch {
    return { ok: false, status: 0, data: null };
  }
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
