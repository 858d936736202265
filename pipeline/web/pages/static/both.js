// The page Both: the emotion of a voice, of its words, and of both together.

import { ask, form } from "./api.js";
import { find, make, reveal } from "./dom.js";
import { bars, notes, verdict } from "./emotions.js";
import { language, recordings } from "./recordings.js";
import { Wait } from "./wait.js";

/** What of the two counts, and why. */
function used({ fusion, words }) {
  if (fusion.used.length > 1) return "Voice and words both count.";
  if (fusion.used[0] === "text") return "The words alone decide: the voice is not sure.";
  if (fusion.contradiction) return "The voice alone decides, as the words contradict it.";
  if (words.unsure) return "The voice alone decides: what the words say is not certain.";
  return "The voice alone decides: the words say too little.";
}

const wait = new Wait();
const [words, result] = [find("#words"), find("#result")];
const button = find("button", words);
let recording;

recordings((file) => {
  recording = file;
  button.disabled = false;
  result.hidden = true;
  wait.stop();
  wait.say("The recording is there. Add its words if you know them, then compare.");
  words.elements.text.focus();
});

words.addEventListener("submit", async (event) => {
  event.preventDefault();
  result.hidden = true;
  const body = form(recording, { ...language(), words: true, text: words.elements.text.value.trim() });
  const told = (progress) => wait.told(progress);
  const found = await wait.during("Hearing and reading …", (signal) => ask("/v1/recognize", body, { told, signal }));
  if (found) show(found);
});

function show(found) {
  const { words: said, fusion } = found;
  find("[data-verdict]").replaceChildren(verdict(fusion, "Together it is"));
  find("[data-contradiction]").textContent = fusion.contradiction;
  find("[data-used]").textContent = used(found);
  notes(find("[data-notes]"), [...found.warnings, ...(found.notes ?? []), ...(said.warnings ?? []), ...(said.notes ?? [])]);
  find("[data-voice]").replaceChildren(verdict(found));
  bars(find("[data-voice-bars]"), found.probabilities);
  const read = said.probabilities;
  find("[data-text]").replaceChildren(read ? verdict(said, "They read") : make("p", {}, "No words were understood."));
  bars(find("[data-text-bars]"), read ?? {});
  find("[data-quote]").textContent = said.text ? `“${said.text}”` : "";
  reveal(result);
}
