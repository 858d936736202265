// Captions on the page: words that grow and firm up, the emotion of each phrase, in three styles.

import { clock, find, make } from "./dom.js";
import { chip, feelingOf } from "./emotions.js";

const FAR = 80; // Pixels from the newest words from which on somebody reads older ones.
const EVERY = 2500; // Milliseconds between two announcements: those in between are told together.
const [QUIET, LOUD] = [-8, 8]; // dB from the mean level of the words that are drawn lightest and heaviest.
const HIGHEST = 6; // Semitones from the usual pitch that move the baseline as far as it goes.
// Expected valence up to which a phrase has the colour of the text, and from which on it has all of the other one. Of 96
// clips of RAVDESS the shipped model gives the middle half of neutral ones less than 0.06, of sad and angry ones 0.14 to 0.25.
const [PLAIN, FELT] = [0.04, 0.2];
const USUAL = 0.075; // Seconds per letter of usual speech.

export class Captions {
  constructor(root, log) {
    this.root = root;
    this.log = log;
    [this.list, this.growing] = [find("[data-phrases]", root), find("[data-growing]", root)];
    this.empty = find("[data-empty]", root);
    this.phrases = new Map(); // Name of a phrase to what is known of it, in order of time.
    this.before = [];
    this.aloud = true;
    this.untold = [];
    this.following = true; // Whether somebody is at the newest words, and stays there whatever changes.
    this.top = 0; // Pixels that were scrolled last.
    this.root.addEventListener("scroll", () => {
      // Words that came since the page scrolled by itself are no reason to stop.
      if (this.atEnd) this.following = true;
      else if (this.root.scrollTop < this.top) this.following = false;
      this.top = this.root.scrollTop;
    });
    const sizes = new ResizeObserver(() => this.following && this.toEnd());
    for (const one of [this.root, this.list, this.growing]) sizes.observe(one);
  }

  /** Show the current phrase as far as it is known: words that stay as they were are firm. */
  grow(text) {
    const words = text.split(" ").filter(Boolean);
    const firm = words.findIndex((word, number) => word !== this.before[number]);
    this.before = words;
    this.empty.hidden = words.length > 0 || this.phrases.size > 0;
    this.growing.replaceChildren(
      ...words.flatMap((word, number) => [make("span", { "data-firm": firm < 0 || number < firm }, word), " "]),
    );
  }

  /** Take a finished phrase, or take it back if it has no words. */
  finish(name, segment, prosody, offset) {
    this.before = [];
    this.growing.replaceChildren();
    if (!segment.text) return;
    const words = segment.words.length ? segment.words : segment.text.split(" ").map((text) => ({ text }));
    const later = (one) => ({ ...one, start: one.start + offset, end: one.end + offset });
    const phrase = { ...later(segment), words: segment.words.map(later) };
    const who = make("span", { class: "who" }, phrase.speaker ?? "");
    phrase.item = make(
      "li",
      { class: "caption", "data-emotion": segment.emotion?.emotion ?? "none", ...feeling(segment.emotion) },
      make("p", { class: "phrase-head" }, make("span", { class: "when" }, clock(phrase.start)), who, chip(segment.emotion)),
      make("p", { class: "words" }, ...words.flatMap((word, number) => [spoken(word, prosody?.[number]), " "])),
    );
    phrase.who = who;
    this.phrases.set(name, phrase);
    this.list.append(phrase.item);
    this.empty.hidden = true;
    this.#announce(phrase);
  }

  /** Say who spoke a phrase; later sound may correct it. */
  name(name, speaker) {
    const phrase = this.phrases.get(name);
    if (!phrase) return;
    phrase.speaker = speaker;
    phrase.who.textContent = speaker;
  }

  clear() {
    this.phrases.clear();
    this.list.replaceChildren();
    this.growing.replaceChildren();
    this.empty.hidden = false;
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.root;
    return scrollHeight - scrollTop - clientHeight < FAR;
  }

  toEnd() {
    this.following = true;
    this.root.scrollTop = this.root.scrollHeight;
    this.top = this.root.scrollTop;
  }

  #announce({ text, emotion }) {
    if (!this.aloud) return;
    this.untold.push(emotion && !emotion.unsure ? `${text} (${emotion.emotion})` : text);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.log.append(make("p", {}, this.untold.join(" ")));
      while (this.log.children.length > 20) this.log.firstChild.remove();
      this.untold = [];
    }, EVERY);
  }
}

/** Style properties of a phrase: valence becomes colour, arousal size. */
function feeling(emotion) {
  const { valence, arousal } = feelingOf(emotion);
  return {
    "--valence": `${Math.round(100 * Math.max(0, Math.min(1, (Math.abs(valence) - PLAIN) / (FELT - PLAIN))))}%`,
    "--arousal": Math.max(-1, Math.min(1, arousal)).toFixed(2),
    "data-valence": valence < 0 ? "negative" : "positive",
  };
}

/** A word with its style properties: loudness becomes weight, pitch the baseline, duration spacing. */
function spoken(word, prosody) {
  const loud = prosody ? (Math.max(QUIET, Math.min(LOUD, prosody.loudness)) - QUIET) / (LOUD - QUIET) : 0.5;
  const high = Math.max(-1, Math.min(1, (prosody?.pitch ?? 0) / HIGHEST));
  const pace = word.end ? (word.end - word.start) / Math.max(1, word.text.length) / USUAL : 1;
  return make(
    "span",
    {
      class: "spoken",
      "--loud": loud.toFixed(2),
      "--weight": Math.round(300 + 600 * loud),
      "--high": high.toFixed(2),
      "--slow": Math.max(-0.3, Math.min(2, pace - 1)).toFixed(2),
    },
    word.text,
  );
}
