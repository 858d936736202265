// The microphone: its level from the first moment on, and its sound as 16 bits.

import { AWAY, Refused } from "./api.js";

const REASONS = {
  NotAllowedError: "The microphone is not allowed. Allow it in the browser's settings for this page.",
  NotFoundError: "There is no microphone. Connect one, and try again.",
  NotReadableError: "The microphone is used by another program.",
};

/** What people read of an error with the microphone: never the words of a browser. */
export const reasonOf = (error) =>
  error instanceof Refused ? error.message : "This browser cannot take in the sound of the microphone.";

let context;

/** Return what sound is taken in with, loaded once: before anybody needs it, so that it is there without the server. */
function prepared() {
  context ??= (async () => {
    const made = new AudioContext();
    made.suspend();
    await made.audioWorklet.addModule("/static/worklet.js");
    return made;
  })().catch(() => {
    context = undefined;
    throw new Refused(AWAY);
  });
  return context;
}

prepared().catch(() => {}); // Told where somebody wants it.

/** One use of the microphone. */
export class Microphone {
  /** Open it; `level(share)` gets the level from 0 to 1, `sound(samples)` an Int16Array of mono sound, many times a second. */
  async open({ level = () => {}, sound = () => {} }) {
    if (!navigator.mediaDevices?.getUserMedia)
      throw new Refused("This browser gives no microphone to this address. Open the page as localhost, or over HTTPS.");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    } catch (error) {
      throw new Refused(REASONS[error.name] ?? "The microphone cannot be opened. Is it connected, and free?");
    }
    try {
      this.context = await prepared();
    } catch (error) {
      this.close();
      throw error;
    }
    const node = new AudioWorkletNode(this.context, "sound");
    node.port.onmessage = ({ data }) => {
      level(data.level);
      sound(data.samples);
    };
    this.source = this.context.createMediaStreamSource(this.stream);
    this.source.connect(node);
    await this.context.resume();
    return this.stream;
  }

  /** Samples per second. */
  get rate() {
    return this.context.sampleRate;
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.source?.disconnect();
    this.context?.suspend();
  }
}
