// The HTTP API: requests, work in the background with its progress, and what failed in words.

const TRIES = 5; // Times that a busy server is asked again.

export class Refused extends Error {}
export class Cancelled extends Error {}

/** Return a form with a recording and options. */
export function form(file, options = {}) {
  const body = new FormData();
  body.set("file", file, file.name);
  for (const [name, value] of Object.entries(options)) body.set(name, value);
  return body;
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

async function send(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw new Cancelled();
    throw new Refused("The server does not answer. Is it still running?");
  }
}

async function failureOf(response) {
  try {
    const { error } = await response.json();
    return new Refused(error.hint ? `${error.message} ${error.hint}` : error.message);
  } catch {
    return new Refused(`The server answered ${response.status}.`);
  }
}

/** Ask for an answer: with a form, with JSON, or with nothing. A busy server is asked again. */
export async function ask(path, body = null, { told = () => {}, signal } = {}) {
  const options = { signal };
  if (body instanceof FormData) Object.assign(options, { method: "POST", body });
  else if (body) {
    const headers = { "Content-Type": "application/json" };
    Object.assign(options, { method: "POST", headers, body: JSON.stringify(body) });
  }
  for (let attempt = 1; ; attempt++) {
    const response = await send(path, options);
    if (response.ok) return response.json();
    if (response.status !== 429 || attempt === TRIES) throw await failureOf(response);
    const seconds = Number(response.headers.get("Retry-After")) || 2;
    told({ stage: "busy", seconds });
    await pause(seconds);
    if (signal?.aborted) throw new Cancelled();
  }
}

function followed(path, told, signal) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(path);
    const end = (settle) => (event) => {
      events.close();
      settle(event);
    };
    events.addEventListener("progress", (event) => told(JSON.parse(event.data)));
    events.addEventListener("done", end(resolve));
    events.addEventListener("cancelled", end(() => reject(new Cancelled())));
    events.addEventListener("failed", end((event) => {
      const { error } = JSON.parse(event.data);
      reject(new Refused(error.hint ? `${error.message} ${error.hint}` : error.message));
    }));
    events.addEventListener("error", () => {
      // The browser connects again by itself, unless the server refused.
      if (events.readyState === EventSource.CLOSED) reject(new Refused("The connection to the server is lost."));
    });
    signal?.addEventListener("abort", end(() => reject(new Cancelled())));
  });
}

/** Let the server work in the background, tell its progress, and return what it has found. */
export async function work(path, body, { told = () => {}, signal } = {}) {
  if (body instanceof FormData) body.set("background", "true");
  else body = { ...body, background: true };
  const job = await ask(path, body, { told, signal });
  const place = `/v1/jobs/${job.id}`;
  const forget = () => fetch(place, { method: "DELETE", keepalive: true }).catch(() => {});
  signal?.addEventListener("abort", forget);
  await followed(`${place}/events`, told, signal);
  return ask(`${place}/result`, null, { signal });
}
