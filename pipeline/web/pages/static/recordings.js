// Where a recording comes from: a file, the microphone, or the example.

import { ask } from "./api.js";
import { find, make } from "./dom.js";
import { Microphone, reasonOf } from "./microphone.js";

/** The language that somebody chose, as an option of a request. */
export const language = () => {
  const chosen = find("[data-language]")?.value;
  return chosen ? { language: chosen } : {};
};

/** Let somebody give a recording; `given(file)` gets each, and again if something failed or is asked for otherwise. */
export function recordings(given, root = find("[data-source]")) {
  const [ways, recording] = [find("[data-ways]", root), find("[data-recording]", root)];
  const chosen = find("[data-chosen]", root);
  const again = find("[data-again]", root);
  let kept, place;
  let turns = 0; // Counts what was asked for: an example that comes late is not wanted any more.
  const take = (file, own = false) => {
    turns += 1;
    kept = file;
    if (place) URL.revokeObjectURL(place);
    place = own && URL.createObjectURL(file);
    chosen.replaceChildren(file.name, own ? " " : "", own ? make("a", { href: place, download: file.name }, "Save it") : "");
    root.dataset.given = "";
    if (again) again.hidden = false;
    given(file);
  };
  again?.addEventListener("click", () => given(kept));

  const field = find("[data-file]", root);
  field.addEventListener("change", () => {
    if (field.files[0]) take(field.files[0]);
    field.value = ""; // The same file can be chosen again.
  });

  for (const kind of ["dragenter", "dragover"])
    root.addEventListener(kind, (event) => {
      event.preventDefault();
      root.dataset.dragging = "";
    });
  for (const kind of ["dragleave", "drop"]) root.addEventListener(kind, () => delete root.dataset.dragging);
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });

  find("[data-example]", root).addEventListener("click", async ({ currentTarget }) => {
    const turn = ++turns;
    chosen.textContent = "Fetching the example …";
    try {
      const blob = await ask(currentTarget.dataset.url, null, { as: "blob" });
      if (turn === turns) take(new File([blob], "example.mp3", { type: blob.type }));
    } catch (error) {
      if (turn === turns) chosen.textContent = error.message;
    }
  });

  find("[data-record]", root).addEventListener("click", async () => {
    chosen.textContent = "Asking for the microphone …";
    const level = find(".level", root);
    const seconds = find("[data-seconds]", root);
    const microphone = new Microphone();
    let recorder;
    try {
      const stream = await microphone.open({ level: (share) => level.style.setProperty("--share", share) });
      recorder = new MediaRecorder(stream);
    } catch (error) {
      microphone.close();
      chosen.textContent = reasonOf(error);
      return;
    }
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    recorder.addEventListener("stop", () => {
      clearInterval(timer);
      microphone.close();
      [ways.hidden, recording.hidden] = [false, true];
      find("[data-record]", root).focus();
      const type = recorder.mimeType.split(";")[0];
      take(new File(parts, `recording.${type.split("/")[1] || "webm"}`, { type }), true);
    });
    const began = Date.now();
    const timer = setInterval(() => {
      seconds.textContent = `${Math.floor((Date.now() - began) / 1000)} s`;
    }, 250);
    recorder.start();
    chosen.textContent = "Recording. Speak now.";
    [ways.hidden, recording.hidden] = [true, false];
    const stop = find("[data-stop]", root);
    stop.onclick = () => recorder.state === "recording" && recorder.stop();
    stop.focus();
  });
}
