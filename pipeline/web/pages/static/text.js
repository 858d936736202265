// The page Text: the emotion of words that somebody types.

import { ask } from "./api.js";
import { find, make, reveal } from "./dom.js";
import { bars, chip, notes, verdict } from "./emotions.js";
import { Wait } from "./wait.js";

const wait = new Wait();
const [words, result] = [find("#words"), find("#result")];

words.elements.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) words.requestSubmit();
});

words.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { text, spoken } = words.elements;
  result.hidden = true;
  const body = { text: text.value, spoken: spoken.checked };
  const told = (progress) => wait.told(progress);
  const found = await wait.during("Reading …", (signal) => ask("/v1/read", body, { told, signal }));
  if (found) show(found);
});

function show(found) {
  find("[data-verdict]").replaceChildren(verdict(found, "It reads"));
  const others = found.emotions.filter((emotion) => emotion !== found.emotion);
  find("[data-present]").textContent = others.length ? `Present, too: ${others.join(", ")}.` : "";
  notes(find("[data-notes]"), [...found.warnings, ...found.notes]);
  bars(find("[data-probabilities]"), found.probabilities);
  const sentences = found.sentences ?? [];
  find("[data-sentences-part]").hidden = !sentences.length;
  find("[data-sentences]").replaceChildren(
    ...sentences.map((sentence) =>
      make(
        "li",
        { class: "phrase", "data-emotion": sentence.emotion },
        make("p", { class: "phrase-head" }, chip(sentence)),
        make("p", { class: "said" }, sentence.text),
        ...sentence.notes.map((note) => make("p", { class: "hint" }, note)),
      ),
    ),
  );
  reveal(result);
}
