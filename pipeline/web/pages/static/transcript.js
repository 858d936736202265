// What was said, word by word: words light up while they are heard, and play when they are chosen.

import { clock, make } from "./dom.js";
import { chip } from "./emotions.js";

const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Show phrases in a list; `player` plays them. */
export function transcript(list, segments, player) {
  const words = [];
  const item = (segment) => {
    const said = segment.words.length ? segment.words : [{ text: segment.text, start: segment.start, end: segment.end }];
    const buttons = said.map((word) => {
      const doubtful = word.confidence !== null && word.confidence < 0.5;
      const button = make(
        "button",
        { type: "button", class: "word", tabindex: -1, title: doubtful && "perhaps another word", "data-doubtful": doubtful },
        word.text,
      );
      button.addEventListener("click", () => player.seek(word.start, true));
      words.push({ button, start: word.start, end: word.end });
      return button;
    });
    return make(
      "li",
      { class: "phrase", "data-emotion": segment.emotion?.emotion ?? "none" },
      make(
        "p",
        { class: "phrase-head" },
        make("span", { class: "when" }, clock(segment.start)),
        segment.speaker && make("span", { class: "who" }, segment.speaker),
        chip(segment.emotion),
      ),
      make("p", { class: "said" }, ...buttons.flatMap((button) => [button, " "])),
    );
  };
  list.replaceChildren(...segments.map(item));
  if (!words.length) return;

  // One stop of the tab key for all words.
  let current = 0;
  const go = (number) => {
    words[current].button.tabIndex = -1;
    current = Math.max(0, Math.min(words.length - 1, number));
    words[current].button.tabIndex = 0;
    return words[current].button;
  };
  go(0);
  list.onkeydown = (event) => {
    const at = words.findIndex(({ button }) => button === event.target);
    const target = { Home: 0, End: words.length - 1 }[event.key] ?? at + (KEYS[event.key] ?? 0);
    if (at < 0 || target === at) return;
    event.preventDefault();
    go(target).focus();
  };
  player.onTime((now, playing) => {
    for (const { button, start, end } of words) {
      const heard = playing && start <= now && now < end;
      if (heard !== button.hasAttribute("data-heard")) button.toggleAttribute("data-heard", heard);
    }
  });
}
