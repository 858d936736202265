// The page Both: the emotion of a voice, of its words, and of both together.

import { ask, form } from "./api.js";
import { find, make, reveal } from "./dom.js";
import { bars, notes, verdict } from "./emotions.js";
import { recordings } from "./recordings.js";
import { Wait } from "./wait.js";

const USED = {
  speech: "The voice alone decides: the words say too little, or contradict it.",
  text: "The words alone decide: the voice is not sure.",
  "speech,text": "Voice and words both count.",
};

const wait = new Wait();
const [words, result] = [find("#words"), find("#result")];
const button = find("button", words);
let recording;

recordings((file) => {
  recording = file;
  button.disabled = false;
  result.hidden = true;
  wait.say("The recording is there. Add its words if you know them, then compare.");
  words.elements.text.focus();
});

words.addEventListener("submit", async (event) => {
  event.preventDefault();
  result.hidden = true;
  const body = form(recording, { words: true, text: words.elements.text.value.trim() });
  const told = (progress) => wait.told(progress);
  const found = await wait.during("Hearing and reading …", (signal) => ask("/v1/recognize", body, { told, signal }));
  if (found) show(found);
});

function show(found) {
  const { words: said, fusion } = found;
  find("[data-verdict]").replaceChildren(verdict(fusion, "Together it is"));
  find("[data-contradiction]").textContent = fusion.contradiction;
  find("[data-used]").textContent = USED[fusion.used.join(",")];
  notes(find("[data-notes]"), [...found.warnings, ...(found.notes ?? []), ...(said.warnings ?? []), ...(said.notes ?? [])]);
  find("[data-voice]").replaceChildren(verdict(found));
  bars(find("[data-voice-bars]"), found.probabilities);
  const read = said.probabilities;
  find("[data-text]").replaceChildren(read ? verdict(said, "They read") : make("p", {}, "No words were understood."));
  bars(find("[data-text-bars]"), read ?? {});
  find("[data-quote]").textContent = said.text ? `“${said.text}”` : "";
  reveal(result);
}
