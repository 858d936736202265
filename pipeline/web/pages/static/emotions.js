// Emotions for people: a word, an icon and a colour, with how certain it is.

import { find, fitting, icon, make } from "./dom.js";

/** Emotion to valence, arousal and dominance, each from -1 to 1. */
export const FEELINGS = JSON.parse(find("#feelings").textContent);
export const EMOTIONS = Object.keys(FEELINGS);

export const percent = (share) => `${Math.round(100 * share)} %`;

export const iconOf = (emotion) => icon(EMOTIONS.includes(emotion) ? emotion : "mood");

/** The emotion of a phrase in a few words, such as "sad 71 %" or "perhaps sad 40 %". */
export function chip(scores) {
  if (!scores) return make("span", { class: "chip", "data-emotion": "none" }, "emotion not known");
  const { emotion, confidence, unsure } = scores;
  return make(
    "span",
    { class: "chip", "data-emotion": emotion, "data-unsure": unsure },
    iconOf(emotion),
    make("span", {}, unsure ? `perhaps ${emotion}` : emotion),
    make("span", { class: "certainty" }, percent(confidence)),
  );
}

/** What was found, in a sentence. */
export function verdict(scores, what = "It sounds") {
  const { emotion, confidence, unsure } = scores;
  const second = Object.entries(scores.probabilities).sort((a, b) => b[1] - a[1])[1];
  return make(
    "div",
    { class: "verdict-card", "data-emotion": emotion },
    iconOf(emotion),
    make(
      "p",
      {},
      make("strong", {}, unsure ? `${what} perhaps ${emotion}` : `${what} ${emotion}`),
      make("span", {}, ` with ${percent(confidence)} certainty.`),
      unsure && make("span", {}, ` That is too little to rely on; next is ${second[0]}, ${percent(second[1])}.`),
    ),
  );
}

/** Show probabilities as bars, the largest first. */
export function bars(list, probabilities) {
  const ranked = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  list.replaceChildren(
    ...ranked.map(([emotion, share]) =>
      make(
        "li",
        { "data-emotion": emotion },
        make("span", { class: "bar-name" }, iconOf(emotion), emotion),
        make("span", { class: "bar", "aria-hidden": "true" }, make("span", { "--share": share })),
        make("span", { class: "bar-share" }, percent(share)),
      ),
    ),
  );
}

/** Show sentences that somebody should read: each once. */
export function notes(list, sentences) {
  const told = [...new Set(sentences.filter(Boolean).map(fitting))];
  list.replaceChildren(...told.map((sentence) => make("li", {}, sentence)));
  list.hidden = !told.length;
}

/** Expected valence and arousal of scores, each from -1 to 1. */
export function feelingOf(scores) {
  let [valence, arousal] = [0, 0];
  for (const [emotion, share] of Object.entries(scores?.probabilities ?? {})) {
    valence += share * (FEELINGS[emotion]?.[0] ?? 0);
    arousal += share * (FEELINGS[emotion]?.[1] ?? 0);
  }
  return { valence, arousal };
}
