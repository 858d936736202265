// Runs beside the page: collects sound in pieces of a tenth of a second.

class Sound extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Int16Array(Math.round(sampleRate / 10));
    this.filled = 0;
    this.power = 0;
  }

  process([[channel]]) {
    for (const value of channel ?? []) {
      this.power += value * value;
      this.samples[this.filled++] = Math.round(32767 * Math.max(-1, Math.min(1, value)));
      if (this.filled === this.samples.length) this.send();
    }
    return true;
  }

  send() {
    const decibels = 10 * Math.log10(this.power / this.filled + 1e-9);
    // From -60 dB, a silent room, to -10 dB, a loud voice.
    const level = Math.max(0, Math.min(1, (decibels + 60) / 50));
    this.port.postMessage({ level, samples: this.samples.slice() });
    this.filled = this.power = 0;
  }
}

registerProcessor("sound", Sound);
