// The page Speech: how and what was said in a recording.

import { ask, form, work } from "./api.js";
import { find, make, reveal } from "./dom.js";
import { bars, iconOf, notes, verdict } from "./emotions.js";
import { language, recordings } from "./recordings.js";
import { Player } from "./sound.js";
import { transcript } from "./transcript.js";
import { Wait } from "./wait.js";

const FILES = { txt: "Text", srt: "Subtitles (SRT)", vtt: "Subtitles (VTT)", tsv: "Table (TSV)", json: "Everything (JSON)" };

const wait = new Wait();
const result = find("#result");
const player = new Player(find("[data-player]"));

async function analyse(file, signal) {
  const told = (event) => wait.told(event);
  const [whole, said] = await Promise.all([
    ask("/v1/recognize", form(file, { ...language(), timeline: true }), { told, signal }),
    work("/v1/audio/transcriptions", form(file, { ...language(), response_format: "verbose_json" }), { told, signal }),
  ]);
  return { whole, said };
}

function downloads(files) {
  return Object.entries(FILES).map(([ending, name]) =>
    make("li", {}, make("a", { href: files[`heard.${ending}`], download: `transcript.${ending}` }, name)),
  );
}

async function show(file, { whole, said }) {
  find("[data-verdict]").replaceChildren(verdict(whole));
  notes(find("[data-notes]"), [...whole.warnings, ...(whole.notes ?? []), ...said.notes]);
  bars(find("[data-probabilities]"), whole.probabilities);
  result.hidden = false;
  await player.load(file, said.segments, said.duration);
  player.windows(whole.windows ?? []);
  const heard = [...said.segments.map((segment) => segment.emotion), ...(whole.windows ?? [])].map((one) => one?.emotion);
  find("[data-legend]").replaceChildren(
    ...[...new Set(heard.filter(Boolean))].map((emotion) => make("li", { class: "chip", "data-emotion": emotion }, iconOf(emotion), emotion)),
  );
  transcript(find("[data-transcript]"), said.segments, player);
  find("[data-downloads]").replaceChildren(...downloads(said.files));
  reveal(result);
}

recordings(async (file) => {
  result.hidden = true;
  const found = await wait.during(`Hearing ${file.name} …`, (signal) => analyse(file, signal));
  if (found) await show(file, found);
});
