// The page Say it again: hear a recording, correct it, speak it, and compare.

import { ask, form, work } from "./api.js";
import { median, overlay, pairing } from "./curves.js";
import { clock, find, findAll, make, reveal } from "./dom.js";
import { chip, notes, percent } from "./emotions.js";
import { language, recordings } from "./recordings.js";
import { Player } from "./sound.js";
import { Wait } from "./wait.js";

const FILES = {
  "sound.wav": "Sound (WAV)",
  "sound.mp3": "Sound (MP3)",
  "spoken.srt": "Subtitles (SRT)",
  "spoken.vtt": "Subtitles (VTT)",
  "spoken.txt": "Text",
};

const [hearing, speaking] = [new Wait("hearing"), new Wait("speaking")];
const [edit, result] = [find("#edit"), find("#result")];
const [before, after] = [new Player(find("[data-player='before']")), new Player(find("[data-player='after']"))];
let recording, segments;
let chosen = "auto"; // Emotion of all phrases, or that each has its own.
let each = []; // Emotions that the phrases had of their own.

function phrase(segment, number) {
  const known = segment.emotion && !segment.emotion.unsure;
  const text = make("textarea", { rows: 2, "aria-label": `Words of phrase ${number + 1}`, "data-text": true }, segment.text);
  const emotion = make("input", {
    type: "text",
    list: "moods",
    maxlength: 60,
    value: known ? segment.emotion.emotion : "neutral",
    "aria-label": `Emotion of phrase ${number + 1}`,
    "data-mood": true,
  });
  emotion.addEventListener("focus", () => emotion.select());
  emotion.addEventListener("input", () => {
    edit.elements.emotion.value = chosen = "auto"; // Not one for all any more.
  });
  emotion.addEventListener("change", () => {
    emotion.value = emotion.value.trim() || "neutral";
  });
  return make(
    "li",
    { class: "phrase", "data-emotion": segment.emotion?.emotion ?? "none" },
    make(
      "p",
      { class: "phrase-head" },
      make("span", { class: "when" }, `${clock(segment.start)} – ${clock(segment.end)}`),
      segment.speaker && make("span", { class: "who" }, segment.speaker),
      make("span", {}, "heard as ", chip(segment.emotion)),
    ),
    make("div", { class: "edit" }, text, make("label", { class: "field" }, make("span", {}, "say it"), emotion)),
  );
}

recordings(async (file) => {
  edit.hidden = result.hidden = true;
  speaking.stop();
  const told = (event) => hearing.told(event);
  const found = await hearing.during(`Hearing ${file.name} …`, (signal) =>
    work("/v1/audio/transcriptions", form(file, { ...language(), response_format: "verbose_json" }), { told, signal }),
  );
  if (!found) return;
  if (!found.segments.length) {
    hearing.fail(found.notes.join(" "));
    return;
  }
  [recording, segments] = [file, found.segments];
  find("[data-edits]").replaceChildren(...segments.map(phrase));
  edit.elements.emotion.value = chosen = "auto";
  const several = new Set(segments.map(({ speaker }) => speaker)).size > 1;
  find("[data-several]").hidden = !several;
  edit.elements.speakers.checked = several;
  reveal(edit);
});

// One emotion for all phrases stands in each of them, and goes again: what stands there is said.
edit.elements.emotion.addEventListener("change", ({ target }) => {
  const fields = findAll("[data-mood]", edit);
  if (chosen === "auto") each = fields.map(({ value }) => value);
  chosen = target.value;
  fields.forEach((field, number) => {
    field.value = chosen === "auto" ? each[number] : chosen;
  });
});

edit.elements.strength.addEventListener("input", ({ target }) => {
  find("[data-strength]").textContent = target.value;
});

/** Return the phrases as they stand in the form now. */
function edited() {
  const [texts, moods] = [findAll("[data-text]", edit), findAll("[data-mood]", edit)];
  return segments
    .map(({ start, end, speaker, words }, number) => ({
      ...{ start, end, words, speaker: speaker ?? "" },
      text: texts[number].value.trim(),
      emotion: moods[number].value.trim(),
    }))
    .filter(({ text }) => text);
}

function options() {
  const { emotion, voice, strength, keep_timing, copy_prosody, speakers, verify } = edit.elements;
  const asked = { ...language(), emotion: emotion.value, voice: voice.value, strength: strength.value, verify: verify.checked };
  Object.assign(asked, { keep_timing: keep_timing.checked, copy_prosody: copy_prosody.checked });
  return speakers.checked ? { ...asked, speakers: "auto" } : asked;
}

edit.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = edited();
  if (!said.length) {
    speaking.fail("There is nothing to say: every phrase is empty.");
    return;
  }
  result.hidden = true;
  const told = (progress) => speaking.told(progress);
  const found = await speaking.during("Speaking …", async (signal) => {
    const spoken = await work("/v1/convert", form(recording, { ...options(), segments: JSON.stringify(said) }), { told, signal });
    const [heard, made, sound] = await Promise.all([
      ask("/v1/curves", form(recording), { signal }),
      ask(spoken.files["curves.json"], null, { signal }),
      ask(spoken.files["sound.wav"], null, { as: "blob", signal }),
    ]);
    return { spoken, curves: [heard, made], sound };
  });
  if (found) await show(found);
});

async function show({ spoken, curves: [heard, made], sound }) {
  result.hidden = false;
  await Promise.all([
    before.load(recording, segments, spoken.duration),
    after.load(sound, spoken.output_segments, spoken.output_duration),
  ]);
  notes(find("[data-notes]"), spoken.notes);
  const { map, byWords } = pairing(spoken.segments.flatMap(({ words }) => words), spoken.output_words);
  overlay(find("[data-pitch]"), "pitch", heard, made, map);
  overlay(find("[data-loudness]"), "loudness", heard, made, map);
  find("[data-paired]").textContent = byWords ? "Equal words stand over each other." : "Each has its own time.";
  const [low, high] = [median(heard.pitch), median(made.pitch)];
  const voices = low && high && 12 * Math.log2(high / low);
  find("[data-pitch-words]").textContent = voices
    ? `${Math.round(low)} Hz, then ${Math.round(high)} Hz: ${Math.abs(voices).toFixed(1)} semitones ${voices > 0 ? "higher" : "lower"}`
    : "";
  find("[data-loudness-words]").textContent = "from −60 to 0 dB of full scale";
  verified(spoken.verification);
  const everything = new Blob([JSON.stringify(spoken, null, 1)], { type: "application/json" });
  find("[data-downloads]").replaceChildren(
    ...Object.entries(FILES).map(([file, name]) =>
      make("li", {}, make("a", { href: spoken.files[file], download: file.replace(/^(sound|spoken)/, "result") }, name)),
    ),
    make("li", {}, make("a", { href: URL.createObjectURL(everything), download: "result.json" }, "Everything (JSON)")),
  );
  reveal(result);
}

function verified(found) {
  find("[data-verification]").hidden = !found;
  if (!found) return;
  find("[data-passed]").textContent = found.passed
    ? "It was listened to again, and nothing is wrong with it."
    : found.problems.join(" ");
  const facts = {
    "Words heard": `“${found.text_heard}”`,
    "Words wrong": found.word_error_rate === null ? "not known" : percent(found.word_error_rate),
    "Emotion heard": found.emotion_heard || "none",
    "Probability of what was asked for": found.probability_of_asked === null ? "several emotions were asked for" : percent(found.probability_of_asked),
    Naturalness: found.naturalness === null ? null : `${found.naturalness.toFixed(1)} of 5, as a model of listeners hears it`,
    Loudness: `${found.loudness_lufs?.toFixed(1).replace("-", "−")} LUFS`,
  };
  find("[data-facts]").replaceChildren(
    ...Object.entries(facts)
      .filter(([, value]) => value)
      .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
}
