// Tells when the engines are loaded: every page shows it.

import { find, make } from "./dom.js";

const EVERY = 1000; // Milliseconds between two questions.

const line = find("[data-engines]");
const list = find("[data-engine-list]");

function show({ status, engines }) {
  list.replaceChildren(
    ...Object.entries(engines).map(([stage, engine]) =>
      make("div", {}, make("dt", {}, stage), make("dd", {}, engine.name ?? engine.problem ?? engine.status)),
    ),
  );
  if (status === line.dataset.engines) return;
  line.dataset.engines = status;
  line.textContent =
    status === "ready" ? "The engines are ready." : "Some engines are missing. The foot of this page says which.";
  document.dispatchEvent(new Event("engines"));
}

async function watch() {
  while (line.dataset.engines === "loading") {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    try {
      show(await (await fetch("/health")).json());
    } catch {
      // A server that is away is told where somebody asks for something.
    }
  }
}

watch();
