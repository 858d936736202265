// The microphone: its level from the first moment on, and its sound as 16 bits.

const REASONS = {
  NotAllowedError: "The microphone is not allowed. Allow it in the browser's settings for this page.",
  NotFoundError: "There is no microphone. Connect one, and try again.",
  NotReadableError: "The microphone is used by another program.",
};

/** One use of the microphone. */
export class Microphone {
  /** Open it; `level(share)` gets the level from 0 to 1, `sound(samples)` an Int16Array of mono sound, many times a second. */
  async open({ level = () => {}, sound = () => {} }) {
    if (!navigator.mediaDevices?.getUserMedia)
      throw new Error("This browser gives no microphone to this address. Open the page as localhost, or over HTTPS.");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    } catch (error) {
      throw new Error(REASONS[error.name] ?? `The microphone cannot be opened: ${error.message}`);
    }
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("/static/worklet.js");
    const node = new AudioWorkletNode(this.context, "sound");
    node.port.onmessage = ({ data }) => {
      level(data.level);
      sound(data.samples);
    };
    this.context.createMediaStreamSource(this.stream).connect(node);
    await this.context.resume();
    return this.stream;
  }

  /** Samples per second. */
  get rate() {
    return this.context.sampleRate;
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.context?.state !== "closed") this.context?.close();
  }
}
