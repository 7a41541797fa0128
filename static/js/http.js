/* Requests for JSON; those that change something carry the page's CSRF token. */

export function csrfToken() {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  return headers["X-CSRFToken"] || "";
}

/** POST `body` as JSON. Answers as `get` does. */
export function post(url, body = {}, method = "POST") {
  return get(url, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
  });
}

/** Answers {ok, status, data}; data is null where no JSON came, a lost connection has status 0. */
export async function get(url, options = {}) {
  try {
    const response = await fetch(url, options);
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
