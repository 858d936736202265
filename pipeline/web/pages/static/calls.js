// The page Calls: a table that can be searched, a day, and one call with its reasons and its sound.

import { ask } from "./api.js";
import { clock, find, findAll, icon, make, reveal } from "./dom.js";
import { chip, iconOf, percent } from "./emotions.js";

const PAGE = 50; // Calls that are shown at once.
const LOOK = 5; // Seconds between two looks for new calls.

const form = find("[data-search]");
const status = find("[data-status]");
const problem = find("[data-problem]");
const list = find("[data-calls]");
const more = find("[data-more]");
const one = find("#call");

const LOADING = "Loading the calls …";

const count = (number, what) => `${number || "no"} ${what}${number === 1 ? "" : "s"}`;
const moment = (text) => new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
const nameOf = (call) => (call.kind === "live" ? "live session" : call.source.split(/[\\/]/).pop());

function wanted() {
  const values = new FormData(form);
  const query = new URLSearchParams();
  for (const name of ["search", "customer", "since", "until"]) if (values.get(name)) query.set(name, values.get(name));
  const which = values.get("which");
  if (which === "with") query.set("with_alerts", "true");
  else if (which) query.set("severity", which);
  return query;
}

const asks = new Map(); // Place to how many things were fetched for it.

/** Let something be fetched for a place that says so; tell what fails. Null if it failed, or if something else was asked for since. */
async function during(place, words, task) {
  const number = (asks.get(place) ?? 0) + 1;
  const isLatest = () => asks.get(place) === number;
  asks.set(place, number);
  problem.textContent = "";
  place.textContent = words;
  try {
    const found = await task();
    return isLatest() ? found : null;
  } catch (error) {
    if (isLatest()) {
      problem.textContent = error.message;
      place.textContent = "";
    }
    return null;
  }
}

const alertChip = (alert) =>
  make(
    "span",
    { class: "chip", "data-emotion": alert.emotion },
    iconOf(alert.emotion),
    alert.emotion,
    make("span", { class: "certainty" }, alert.severity),
  );

const noAlerts = (call) => (call.problem && !call.model ? "not judged" : "none");

// Roles are said, as a narrow window shows rows as blocks.
const cell = (label, ...content) => make("td", { role: "cell", "data-label": label }, ...content);

const row = (call) =>
  make(
    "tr",
    { role: "row", "data-call": call.id, "data-state": call.alerts.map((alert) => alert.reason).join() },
    cell("Recorded", make("time", { datetime: call.recorded_at }, moment(call.recorded_at))),
    cell("Customer", call.customer || "not known"),
    cell("Length", clock(call.duration)),
    cell("Alerts", make("span", { class: "chips" }, call.alerts.length ? call.alerts.map(alertChip) : noAlerts(call))),
    cell("Call", make("a", { href: `#call-${call.id}` }, nameOf(call))),
  );

async function search(offset = 0) {
  const query = wanted();
  find("[data-table]").href = `/v1/calls/table.csv?${query}`;
  query.set("limit", PAGE);
  query.set("offset", offset);
  const found = await during(status, LOADING, () => ask(`/v1/calls?${query}`));
  if (!found) return;
  if (!offset) list.replaceChildren();
  const before = list.children.length;
  list.append(...found.calls.map(row));
  find("[data-list]").hidden = !list.children.length;
  if (offset) list.children[before]?.querySelector("a").focus(); // The button may be gone.
  more.hidden = list.children.length >= found.total;
  const shown = more.hidden ? "" : `, ${list.children.length} of them shown`;
  status.textContent = found.total ? `${count(found.total, "call")}${shown}.` : "No call is like that.";
  const days = found.calls.map((call) => call.day);
  const day = find("[data-day]");
  if (!day.value && days.length) {
    day.value = days[0];
    await showDay();
  }
}

/** Add calls that came meanwhile, and alerts of sessions that go on. */
async function look() {
  if (document.hidden) return;
  const query = wanted();
  query.set("limit", PAGE);
  const found = await ask(`/v1/calls?${query}`).catch(() => null);
  if (!found || status.textContent === LOADING) return;
  const before = new Map(findAll("[data-call]", list).map((one) => [one.dataset.call, one]));
  let alerts = 0;
  let fresh = 0;
  for (const call of found.calls.reverse()) {
    const there = before.get(String(call.id));
    const now = row(call);
    if (there?.dataset.state === now.dataset.state || there?.contains(document.activeElement)) continue;
    if (there) there.replaceWith(now);
    else list.prepend(now);
    fresh += there ? 0 : 1;
    alerts += call.alerts.length;
  }
  if (!fresh && !alerts) return;
  find("[data-list]").hidden = false;
  status.textContent = `${count(fresh, "new call")}, ${count(alerts, "alert")}.`;
  if (find("[data-day]").value) await showDay({ quietly: true });
}

/** Show the hours of the day that is chosen; quietly if they are there and only change. */
async function showDay({ quietly = false } = {}) {
  const day = find("[data-day]").value;
  const hours = find("[data-hours]");
  const told = find("[data-day-status]");
  if (!day) {
    told.textContent = "";
    return hours.replaceChildren();
  }
  const words = quietly ? told.textContent : "Loading the day …";
  const found = await during(told, words, () => ask(`/v1/calls/hours/${day}`));
  if (!found) return null;
  const busy = found.hours.filter((hour) => hour.calls);
  const most = Math.max(1, ...busy.map((hour) => Math.max(hour.calls, hour.alerts)));
  const sum = (name) => busy.reduce((total, hour) => total + hour[name], 0);
  told.textContent = `${count(sum("calls"), "call")}, ${count(sum("alerts"), "alert")}, ${sum("high") || "none"} of them high.`;
  const bar = (name, share) => make("span", { class: `bar bar-${name}`, "aria-hidden": "true" }, make("span", { "--share": share }));
  return hours.replaceChildren(
    ...busy.map((hour) =>
      make(
        "li",
        {},
        make("span", { class: "hour" }, `${hour.when}:00`),
        make("span", { class: "pair" }, bar("calls", hour.calls / most), bar("alerts", hour.alerts / most)),
        make("span", {}, `${count(hour.calls, "call")}, ${count(hour.alerts, "alert")}`),
      ),
    ),
  );
}

function player(call) {
  if (!call.has_sound) {
    return [null, call.kind === "live" ? "The sound of live sessions is not kept." : "The recording is not where it was any more."];
  }
  const sound = make("audio", { controls: true, preload: "none", src: `/v1/calls/${call.id}/sound`, "aria-label": "The call" });
  return [sound, sound];
}

const from = (sound, start) =>
  sound &&
  make(
    "button",
    {
      type: "button",
      onclick: () => {
        sound.currentTime = start;
        sound.play();
      },
    },
    icon("play"),
    `Play from ${clock(start)}`,
  );

async function open(number) {
  const told = find("[data-call-status]");
  const call = await during(told, "Loading the call …", () => ask(`/v1/calls/${number}`));
  if (!call) return;
  told.textContent = "";
  const fact = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
  find("#call-title").textContent = `Call ${call.id}: ${nameOf(call)}`;
  find("[data-facts]").replaceChildren(
    fact("Recorded", moment(call.recorded_at)),
    fact("Customer", call.customer || "not known"),
    fact("Length", clock(call.duration)),
    fact("Employees", call.judged_because ? `judged as well, because of ${call.judged_because}` : "not judged"),
  );
  find("[data-call-problem]").textContent = call.problem;
  const [sound, shown] = player(call);
  find("[data-sound]").replaceChildren(shown);
  find("[data-no-alerts]").hidden = call.alerts.length > 0;
  find("[data-alerts]").replaceChildren(
    ...call.alerts.map((alert) =>
      make(
        "li",
        { class: "phrase", "data-emotion": alert.emotion },
        make(
          "p",
          { class: "phrase-head" },
          alertChip(alert),
          make("span", {}, `${clock(alert.start)} to ${clock(alert.end)}`),
          make("span", {}, `${percent(alert.score)} for ${alert.seconds.toFixed(1)} s`),
          from(sound, alert.start),
        ),
        make("p", { class: "said" }, alert.words ? `“${alert.words}”` : "No words were understood."),
      ),
    ),
  );
  find("[data-segments]").replaceChildren(
    ...call.segments.map((segment) =>
      make(
        "li",
        { class: "phrase", "data-emotion": segment.emotion || "none" },
        make("p", { class: "phrase-head" }, chip(segment.emotion ? segment : null), make("span", {}, clock(segment.start)), segment.speaker !== "customer" && make("span", {}, segment.speaker), from(sound, segment.start)),
        make("p", { class: "said" }, segment.text),
      ),
    ),
  );
  reveal(one);
}

function follow() {
  const number = /^#call-(\d+)$/.exec(location.hash)?.[1];
  if (number) open(number);
  else one.hidden = true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
more.addEventListener("click", () => search(list.children.length));
find("[data-day]").addEventListener("change", () => showDay());
addEventListener("hashchange", follow);
await search();
follow();
setInterval(look, 1000 * LOOK);
