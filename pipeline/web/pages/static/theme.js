// Colours that somebody or the system chose; no module, so that a page never flashes in others.
(() => {
  const KEY = "resay-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem(KEY) || "auto";
    } catch {
      return "auto"; // The browser keeps nothing.
    }
  };
  let chosen = stored();
  const apply = () => {
    const system = dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = chosen === "auto" ? system : chosen;
  };
  apply();
  dark.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    const choice = document.querySelector("[data-theme-choice]");
    choice.value = chosen;
    choice.addEventListener("change", () => {
      chosen = choice.value;
      apply();
      try {
        localStorage.setItem(KEY, chosen);
      } catch {
        // It holds for this page alone.
      }
    });
  });
})();
