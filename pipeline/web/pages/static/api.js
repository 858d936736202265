// The HTTP API: requests, work in the background with its progress, and what failed in words.

import { fitting } from "./dom.js";

const TRIES = 5; // Times that a busy server is asked again.
const BREAKS = [0.5, 1, 2]; // Seconds before each new attempt after a connection broke.

/** What people read where the server is away. */
export const AWAY = "The server does not answer. Is it still running?";

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

const refused = ({ message, hint }) => new Refused(fitting(hint ? `${message} ${hint}` : message));

/** Return an answer, and what it holds if it is a good one; a connection that breaks is tried again. */
async function send(path, options, as, told) {
  for (const seconds of [...BREAKS, 0]) {
    try {
      const response = await fetch(path, options);
      return [response, response.ok && (await response[as]())];
    } catch (error) {
      if (error.name === "AbortError") throw new Cancelled();
      if (!seconds) throw new Refused(AWAY);
      told({ stage: "broken" });
      await pause(seconds);
      if (options.signal?.aborted) throw new Cancelled();
    }
  }
}

async function failureOf(response) {
  try {
    return refused((await response.json()).error);
  } catch {
    return new Refused(`The server answered ${response.status}.`);
  }
}

/** Ask for an answer: with a form, with JSON, or with nothing. A busy server is asked again. */
export async function ask(path, body = null, { as = "json", told = () => {}, signal } = {}) {
  const options = { signal };
  if (body instanceof FormData) Object.assign(options, { method: "POST", body });
  else if (body) {
    const headers = { "Content-Type": "application/json" };
    Object.assign(options, { method: "POST", headers, body: JSON.stringify(body) });
  }
  for (let attempt = 1; ; attempt++) {
    const [response, found] = await send(path, options, as, told);
    if (response.ok) return found;
    if (response.status !== 429 || attempt === TRIES) throw await failureOf(response);
    const seconds = Number(response.headers.get("Retry-After")) || 2;
    told({ stage: "busy", seconds });
    await pause(seconds);
    if (signal?.aborted) throw new Cancelled();
  }
}

/** Follow work until it has ended, or until the server gives no more events of it. */
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
    events.addEventListener("failed", end((event) => reject(refused(JSON.parse(event.data).error))));
    events.addEventListener("error", () => {
      told({ stage: "broken" });
      // The browser connects again by itself, unless the server refused.
      if (events.readyState === EventSource.CLOSED) resolve();
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
  for (;;) {
    await followed(`${place}/events`, told, signal);
    const { status } = await ask(place, null, { told, signal });
    if (!["waiting", "running"].includes(status)) break;
    await pause(BREAKS[0]);
  }
  return ask(`${place}/result`, null, { told, signal });
}
