// Captions as files: text, which needs no server, and subtitles, which it writes in the one form that Resay has.

import { ask, form } from "./api.js";

const plain = (text) => text.replace(/\s+/g, " ").trim();
const stamp = (seconds) => new Date(1000 * seconds).toISOString().slice(11, 19);
const feeling = ({ emotion }) => (emotion && !emotion.unsure ? `[${emotion.emotion}] ` : "");
const name = ({ speaker }) => (speaker ? `${plain(speaker)}: ` : "");

const asText = (phrases) => phrases.map((one) => `${stamp(one.start)} ${name(one)}${feeling(one)}${plain(one.text)}\n`).join("");

function asSubtitles(phrases, format) {
  const parts = phrases.map(({ start, end, text, words, emotion, speaker }) => ({ start, end, text, words, emotion, speaker }));
  const file = new File([JSON.stringify(parts)], "captions.json", { type: "application/json" });
  return ask("/v1/subtitles", form(file, { response_format: format }), { as: "text" });
}

/** Ending to the type of such a file. */
export const TYPES = { txt: "text/plain", srt: "application/x-subrip", vtt: "text/vtt" };

/** Return the content of a file of phrases. */
export const written = async (phrases, ending) => (ending === "txt" ? asText(phrases) : asSubtitles(phrases, ending));
