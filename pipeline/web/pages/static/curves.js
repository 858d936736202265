// Pitch and loudness of two sounds, drawn over each other.

import { draw } from "./dom.js";

const HEIGHT = 200;
const OCTAVES = 3; // Octaves from the lowest pitch of a picture to the highest.
const SOFTEST = -60; // dBFS at the foot of a picture.

/** Return what maps times of a result to those of the recording: by words where both have the same number, else alike. */
export function pairing(heard, spoken) {
  if (!heard.length || heard.length !== spoken.length) return { map: (time) => time, byWords: false };
  const ends = (words) => [0, ...words.flatMap(({ start, end }) => [start, end])];
  const [from, to] = [ends(spoken), ends(heard)];
  const map = (time) => {
    let at = from.findLastIndex((edge) => edge <= time);
    at = Math.max(0, Math.min(at, from.length - 2));
    const [left, right] = [from[at], from[at + 1]];
    if (time > from.at(-1)) return to.at(-1) + time - from.at(-1);
    return to[at] + ((time - left) / Math.max(right - left, 1e-6)) * (to[at + 1] - to[at]);
  };
  return { map, byWords: true };
}

function path(values, step, seconds, map, height) {
  let line = "";
  let pen = "M";
  values.forEach((value, number) => {
    if (value === null) {
      pen = "M";
      return;
    }
    const x = (1000 * map((number + 0.5) * step)) / seconds;
    line += `${pen}${x.toFixed(1)} ${height(value).toFixed(1)}`;
    pen = "L";
  });
  return line;
}

/** Draw a curve of two sounds: `name` is pitch or loudness. */
export function overlay(svg, name, before, after, map) {
  const seconds = Math.max(before.duration, map(after.duration), 0.1);
  const voiced = [...before[name], ...after[name]].filter((value) => value !== null);
  const lowest = Math.min(...voiced);
  const height = {
    pitch: (hertz) => HEIGHT - 10 - ((HEIGHT - 20) * Math.log2(hertz / lowest)) / OCTAVES,
    loudness: (level) => HEIGHT * (level / SOFTEST),
  }[name];
  svg.replaceChildren(
    draw("path", { class: "curve-before", d: path(before[name], before.step, seconds, (time) => time, height) }),
    draw("path", { class: "curve-after", d: path(after[name], after.step, seconds, map, height) }),
  );
}

/** Median of those values that there are; null of none. */
export function median(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known.length ? known[Math.floor(known.length / 2)] : null;
}
