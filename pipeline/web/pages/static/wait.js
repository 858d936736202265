// What is shown and said while something is waited for, and when it fails.

import { find } from "./dom.js";
import { Cancelled, Refused } from "./api.js";

const STAGES = {
  audio: "Reading the recording",
  recognition: "Hearing how it was said",
  transcription: "Hearing what was said",
  words: "Reading the words",
  analysis: "Hearing what was said",
  synthesis: "Speaking",
  verification: "Listening to the result",
};

const SOON = 500; // Milliseconds within which an engine that is there answers.
const SPOKEN = 3; // Seconds between two signs of progress for screen readers.

/** One place of a page that waits. */
export class Wait {
  constructor(name = "hearing") {
    const root = find(`[data-wait="${name}"]`);
    this.text = find("[data-wait-text]", root);
    this.share = find("[data-wait-share]", root);
    this.button = find("[data-wait-cancel]", root);
    this.problem = find("[data-wait-problem]", root);
    this.button.addEventListener("click", () => this.controller?.abort());
    this.spoken = 0;
  }

  say(text) {
    if (this.text.textContent !== text) this.text.textContent = text;
  }

  /** Tell what an event of the server says; `total` is the length of the recording in seconds, if it is known. */
  told(event, total = 0) {
    clearTimeout(this.loading);
    if (event.stage === "broken") {
      this.say("The connection broke. Trying again …");
      return;
    }
    if (event.stage === "busy") {
      this.say(`The server is busy. Trying again in ${event.seconds} s.`);
      return;
    }
    const name = event.stage.replace("_loading", "");
    if (!STAGES[name]) return;
    if (event.stage.endsWith("_loading")) {
      this.loading = setTimeout(() => this.say("Waiting for an engine to load …"), SOON);
      return;
    }
    const text = STAGES[name];
    if (event.done && total) {
      this.share.value = Math.min(1, event.done / total);
      if (Date.now() - this.spoken < 1000 * SPOKEN) return;
      this.spoken = Date.now();
      this.say(`${text}: ${Math.round(event.done)} of ${Math.round(total)} seconds`);
    } else this.say(`${text} …`);
  }

  /** Run something that takes long; return what it returns, or null if it failed or was cancelled. */
  async during(text, task) {
    this.controller?.abort();
    const asked = document.activeElement;
    const controller = (this.controller = new AbortController());
    this.problem.textContent = "";
    this.say(text);
    this.share.removeAttribute("value");
    this.share.hidden = this.button.hidden = false;
    try {
      const found = await task(controller.signal);
      return controller === this.controller ? found : null;
    } catch (error) {
      if (controller === this.controller && !(error instanceof Cancelled)) this.#failed(error);
      else if (controller === this.controller) this.say("Cancelled.");
      controller.abort(); // Nobody wants the rest of it.
      return null;
    } finally {
      clearTimeout(this.loading);
      if (controller === this.controller) {
        const lost = document.activeElement === this.button;
        this.share.hidden = this.button.hidden = true;
        if (lost) asked.focus(); // Whoever cancels is back where they began.
        if (this.text.textContent !== "Cancelled.") this.say("");
      }
    }
  }

  /** Cancel what goes on without a word: what it is about is not there any more. */
  stop() {
    this.controller?.abort();
    this.controller = undefined;
    this.share.hidden = this.button.hidden = true;
    this.problem.textContent = "";
    this.say("");
  }

  #failed(error) {
    if (error instanceof Refused) this.fail(error.message);
    else {
      this.fail("Something went wrong on this page. Try again, or load it anew.");
      console.error(error);
    }
  }

  fail(message) {
    this.problem.textContent = message;
  }
}
