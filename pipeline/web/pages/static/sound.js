// A sound on a page: its waveform, coloured by emotion, and playing it.

import { clock, draw, find, icon, make } from "./dom.js";

const BARS = 320; // Bars of a waveform.
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }; // Seconds that a key moves in a sound.
const LONGEST = 200e6; // Bytes of a file that a page decodes to draw it; more would take its memory.

/** Loudest sample of each part of a sound, from 0 to 1, and its seconds; null if the browser cannot read it. */
async function decoded(blob) {
  if (blob.size > LONGEST) return null;
  try {
    const sound = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(await blob.arrayBuffer());
    const samples = sound.getChannelData(0);
    const size = samples.length / BARS;
    const peaks = Array.from({ length: BARS }, (_, bar) => {
      let peak = 0;
      for (let at = Math.floor(bar * size); at < (bar + 1) * size; at++) peak = Math.max(peak, Math.abs(samples[at] ?? 0));
      return peak;
    });
    const loudest = Math.max(...peaks, 1e-6);
    return { peaks: peaks.map((peak) => peak / loudest), seconds: sound.duration };
  } catch {
    return null;
  }
}

/** One player of a page. */
export class Player {
  constructor(root) {
    this.root = root;
    [this.wave, this.strip] = [find("[data-wave]", root), find("[data-strip]", root)];
    [this.audio, this.button] = [find("[data-audio]", root), find("[data-play]", root)];
    [this.position, this.time] = [find("[data-position]", root), find("[data-time]", root)];
    this.seconds = 0;
    this.listeners = [];
    this.button.addEventListener("click", () => (this.audio.paused ? this.play() : this.audio.pause()));
    this.position.addEventListener("input", () => this.seek(Number(this.position.value)));
    this.position.addEventListener("keydown", (event) => {
      if (!STEPS[event.key]) return;
      event.preventDefault();
      this.seek(this.audio.currentTime + STEPS[event.key]);
    });
    this.wave.addEventListener("click", (event) => {
      const { left, width } = this.wave.getBoundingClientRect();
      this.seek(((event.clientX - left) / width) * this.seconds);
    });
    for (const kind of ["play", "pause", "ended"]) this.audio.addEventListener(kind, () => this.#show());
    this.audio.addEventListener("loadedmetadata", () => {
      if (!this.seconds && Number.isFinite(this.audio.duration)) this.#last(this.audio.duration);
    });
  }

  /** Take a sound: its blob, and where phrases with emotions are. */
  async load(blob, phrases = [], seconds = 0) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.listeners = [];
    this.url = URL.createObjectURL(blob);
    this.audio.src = this.url;
    const found = await decoded(blob);
    this.#last(found?.seconds || seconds);
    this.peaks = found?.peaks ?? null;
    this.colour(phrases);
    this.#show();
  }

  #last(seconds) {
    this.seconds = seconds;
    this.position.max = Math.max(seconds, 0.01);
  }

  /** Colour the waveform by the emotion of phrases. */
  colour(phrases) {
    const groups = new Map();
    for (let bar = 0; bar < BARS; bar++) {
      const time = ((bar + 0.5) / BARS) * this.seconds;
      const phrase = phrases.find(({ start, end }) => start <= time && time < end);
      const emotion = phrase ? (phrase.emotion?.emotion ?? "none") : "";
      const height = Math.max(2, 96 * (this.peaks?.[bar] ?? 0.3));
      const x = ((bar + 0.5) * 1000) / BARS;
      groups.set(emotion, `${groups.get(emotion) ?? ""}M${x} ${50 - height / 2}v${height}`);
    }
    this.line = draw("path", { class: "playhead", d: "M0 0v100" });
    this.wave.replaceChildren(
      ...[...groups].map(([emotion, path]) => draw("path", { d: path, "data-emotion": emotion || null })),
      this.line,
    );
  }

  /** Show how likely each emotion is through time, beneath the waveform. */
  windows(windows) {
    this.strip.replaceChildren(
      ...windows.map(({ start, end, emotion }, number) => {
        const next = windows[number + 1]?.start ?? end;
        const share = Math.min(end, next) - start;
        return make("span", { "data-emotion": emotion, "--start": start / this.seconds, "--share": share / this.seconds });
      }),
    );
  }

  onTime(listener) {
    this.listeners.push(listener);
  }

  seek(seconds, play = false) {
    this.audio.currentTime = Math.max(0, Math.min(seconds, this.seconds));
    this.#tell();
    if (play) this.play();
  }

  play() {
    for (const other of document.querySelectorAll("audio")) if (other !== this.audio) other.pause();
    this.audio.play().catch(() => {
      this.time.textContent = "This browser cannot play this kind of file.";
    });
  }

  #show() {
    const playing = !this.audio.paused && !this.audio.ended;
    this.button.replaceChildren(icon(playing ? "pause" : "play"));
    this.button.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.#tell();
    if (playing && !this.frame) this.#follow();
  }

  #follow() {
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.#tell();
      if (!this.audio.paused) this.#follow();
    });
  }

  #tell() {
    const now = this.audio.currentTime;
    this.position.value = now;
    const text = `${clock(now)} of ${clock(this.seconds)}`;
    this.position.setAttribute("aria-valuetext", text);
    this.time.textContent = `${clock(now)} / ${clock(this.seconds)}`;
    this.line?.setAttribute("transform", `translate(${(1000 * now) / Math.max(this.seconds, 0.01)} 0)`);
    for (const listener of this.listeners) listener(now, !this.audio.paused);
  }
}
