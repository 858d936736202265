// One live session: sound goes to the server, events come back, and a connection that breaks loses no word.

const SOONEST = 0.5; // Seconds until the first new attempt to connect.
const LATEST = 8; // Seconds between two attempts at most.
const SPARE = 40; // Seconds of sound that has arrived and is kept all the same: the server itself may have to begin anew.
const LONGEST = 600; // Seconds of sound that wait for a connection; what is older is lost, and said to be.

/** Listeners: `event(event, seconds)` with when the server's session began, `state(name, seconds)`. */
export class Session {
  constructor(rate, listeners, options = {}) {
    this.rate = rate;
    this.options = options; // Of the analysis.
    this.listeners = listeners;
    this.chunks = []; // Sound that may have to be sent again: { at, samples }, `at` counted from the start.
    this.said = 0; // Samples so far.
    this.origin = 0; // Sample at which the server's session began.
    this.sent = 0; // Sample from which on nothing was sent yet.
    this.firm = 0; // Sample up to which everything was told in finished phrases.
    this.received = 0; // Sample up to which the server has it.
    this.id = "";
    this.last = "0";
    this.wait = SOONEST;
    this.#connect();
  }

  /** Take sound: an Int16Array. */
  add(samples) {
    this.chunks.push({ at: this.said, samples });
    this.said += samples.length;
    this.#forget();
    this.#send();
  }

  /** End: what was said is still told. */
  end() {
    this.ending = true;
    this.#send();
  }

  /** Seconds of sound that wait to be sent. */
  get waiting() {
    return (this.said - this.sent) / this.rate;
  }

  #connect() {
    const parameters = new URLSearchParams({ ...this.options, rate: this.rate, prosody: true });
    if (this.id) {
      parameters.set("session", this.id);
      parameters.set("after", this.last);
    }
    this.ready = false;
    this.listeners.state(this.id ? "reconnecting" : "connecting");
    this.socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/live?${parameters}`);
    this.socket.onmessage = ({ data }) => this.#heard(JSON.parse(data));
    this.socket.onclose = ({ code }) => this.#closed(code);
  }

  #closed(code) {
    this.ready = false;
    if (this.over) return;
    if (code === 4000) {
      this.over = true;
      this.listeners.state("taken");
      return;
    }
    this.listeners.state("reconnecting");
    setTimeout(() => this.#connect(), 1000 * this.wait);
    this.wait = Math.min(LATEST, 2 * this.wait);
  }

  #heard(event) {
    if (event.event_id) this.last = event.event_id;
    switch (event.type) {
      case "session.created":
        this.#begun(event.session);
        return;
      case "error":
        if (!this.ready && event.error.code !== "busy") {
          this.over = true;
          this.listeners.state("refused");
        }
        break;
      case "resay.acknowledged":
        this.received = this.origin + event.received_samples;
        break;
      case "conversation.item.input_audio_transcription.completed":
        this.firm = this.origin + Math.round(event.segment.end * this.rate);
        break;
      case "resay.ended":
        this.over = true;
        this.socket.close();
        this.listeners.state("ended");
    }
    this.listeners.event(event, this.origin / this.rate);
  }

  #begun(session) {
    if (!session.resumed) {
      // A session that the server does not know any more is told again from its last finished phrase on.
      if (this.id) this.listeners.event({ type: "page.restarted" }, 0);
      this.last = "0";
      this.origin = this.chunks.find(({ at, samples }) => at + samples.length > this.firm)?.at ?? this.said;
    }
    this.id = session.id;
    this.received = this.sent = this.origin + session.received_samples;
    this.ready = true;
    this.wait = SOONEST;
    this.listeners.state("listening", session.engines);
    this.#send();
  }

  #send() {
    if (!this.ready) return;
    for (const { at, samples } of this.chunks) {
      if (at + samples.length <= this.sent) continue;
      this.socket.send(samples.subarray(Math.max(0, this.sent - at)));
      this.sent = at + samples.length;
    }
    if (this.ending) this.socket.send(JSON.stringify({ type: "resay.end" }));
  }

  /** Let go of sound that nobody needs any more. */
  #forget() {
    const done = Math.min(this.received, Math.max(this.firm, this.said - SPARE * this.rate));
    const oldest = Math.max(done, this.said - LONGEST * this.rate);
    while (this.chunks.length && this.chunks[0].at + this.chunks[0].samples.length <= oldest) this.chunks.shift();
  }
}
