// The page Live captions.

import { Captions } from "./captions.js";
import { find, findAll, icon, make, save } from "./dom.js";
import { Microphone, reasonOf } from "./microphone.js";
import { language } from "./recordings.js";
import { Session } from "./session.js";
import { TYPES, written } from "./subtitles.js";

const LOOKS = {
  plain: "Words as they are. Each phrase has its emotion in a word, an icon and a colour.",
  emotion: "Colour shows how pleasant a phrase sounds, from orange (unpleasant) to blue (pleasant); size shows how excited.",
  prosody: "Weight shows how loud a word is, its height on the line how high, and its spacing how slow.",
};
const ROOM = 48; // Rem of a window's height from which on settings and captions fit in it together.
const HEARD = 0.35; // Level from which on the page says that it hears somebody.

const [button, state, problem] = [find("[data-listen]"), find("[data-state]"), find("[data-problem]")];
const [level, newest, look] = [find("[data-level]"), find("[data-newest]"), find("[data-look]")];
const captions = new Captions(find("[data-captions]"), find("[data-log]"));
let microphone, session;
let started = 0; // Seconds of all sessions before this one: captions go on in time.
let sessions = 0;

const say = (text) => {
  if (state.textContent !== text) state.textContent = text;
};

function shown(running) {
  button.replaceChildren(icon(running ? "stop" : "microphone"), make("span", {}, running ? "Stop" : "Start listening"));
  button.toggleAttribute("data-on", running);
  document.body.toggleAttribute("data-listening", running);
}

const STATES = {
  connecting: () => "Connecting. You can speak already: nothing is lost.",
  reconnecting: () => "The connection broke. Connecting again; what is said meanwhile is kept.",
  listening: (engines) => (engines === "loading" ? "Listening. Words follow once the engines are loaded." : "Listening."),
  taken: () => "Another window has taken over these captions.",
  refused: () => "Not listening.",
  ended: () => "Stopped. Everything that was said is shown.",
};

function changed(name, detail) {
  if (name === "listening") problem.textContent = "";
  if (name !== "listening" || !session?.ending) say(STATES[name](detail));
  if (["taken", "refused", "ended"].includes(name)) over();
}

function over() {
  microphone?.close();
  if (session) started += session.said / session.rate;
  session = microphone = undefined;
  level.style.setProperty("--share", 0);
  shown(false);
  captions.grow("");
}

function heard(event, offset) {
  const item = (name) => `${sessions}-${name}`;
  switch (event.type) {
    case "resay.hypothesis":
      captions.grow(event.text);
      break;
    case "conversation.item.input_audio_transcription.completed":
      captions.finish(item(event.item_id), event.segment, event.prosody, started + offset);
      for (const one of findAll("[data-save], [data-clear]")) one.disabled = !captions.phrases.size;
      break;
    case "resay.speakers":
      for (const [name, speaker] of Object.entries(event.speakers)) captions.name(item(name), speaker);
      break;
    case "page.restarted":
      sessions += 1;
      break;
    case "resay.notice":
      problem.textContent ||= event.message; // Once: every phrase may fail in the same way.
      break;
    case "error":
      problem.textContent = `${event.error.message} ${event.error.hint ?? ""}`;
  }
  newest.hidden = captions.following;
}

async function listen() {
  problem.textContent = "";
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (innerHeight < ROOM * rem) find(".look").open = false;
  sessions += 1;
  say("Asking for the microphone …");
  shown(true);
  microphone = new Microphone();
  const own = microphone;
  const early = [];
  try {
    await own.open({
      level: (share) => {
        level.style.setProperty("--share", share);
        level.parentElement.toggleAttribute("data-heard", share > HEARD);
      },
      sound: (samples) => (session ? session.add(samples) : early.push(samples)),
    });
  } catch (error) {
    problem.textContent = reasonOf(error);
    say("Not listening.");
    over();
    return;
  }
  if (own !== microphone) return; // Somebody stopped meanwhile.
  session = new Session(own.rate, { event: heard, state: changed }, language());
  early.forEach((samples) => session.add(samples));
}

button.addEventListener("click", () => {
  if (!microphone) listen();
  else if (session) {
    microphone.close();
    say("Finishing the last words …");
    session.end();
  } else over();
});

newest.addEventListener("click", () => {
  captions.toEnd();
  captions.root.focus();
  newest.hidden = true;
});
captions.root.addEventListener("scroll", () => {
  newest.hidden = captions.following;
});

// The captions end where the window does, however much stands above them.
new ResizeObserver(() => {
  const { top } = captions.root.getBoundingClientRect();
  captions.root.style.setProperty("--above", `${top + scrollY}px`);
}).observe(document.body);

function apply() {
  captions.root.dataset.lookIs = look.elements.look.value;
  captions.root.style.setProperty("--size", look.elements.size.value);
  captions.aloud = look.elements.aloud.checked;
  find("[data-look-hint]").textContent = LOOKS[look.elements.look.value];
}

look.addEventListener("change", apply);
look.addEventListener("submit", (event) => event.preventDefault());
apply();

for (const one of findAll("[data-save]"))
  one.addEventListener("click", async () => {
    const ending = one.dataset.save;
    try {
      save(await written([...captions.phrases.values()], ending), `captions.${ending}`, TYPES[ending]);
    } catch (error) {
      problem.textContent = `${error.message} The captions are still here, and can be saved as text.`;
    }
  });

find("[data-clear]").addEventListener("click", () => {
  captions.clear();
  captions.root.focus();
  for (const one of findAll("[data-save], [data-clear]")) one.disabled = true;
});

addEventListener("beforeunload", (event) => {
  if (session) event.preventDefault();
});
