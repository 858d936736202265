// Elements: finding and making them.

const SVG = "http://www.w3.org/2000/svg";

export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Make an element; attributes that begin with `on` are listeners, with `--` style properties. */
export const make = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** Make an element of a picture. */
export const draw = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export const icon = (name) => draw("svg", { class: "icon", "aria-hidden": "true" }, draw("use", { href: `#icon-${name}` }));

/** Minutes and seconds, such as 1:05. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A sentence that names fields of a request, as it fits a page: the language is a field here, too. */
export function fitting(text) {
  const asked = /(?:say|choose) (?:'language' and its code|language=([\w-]+))(?:, or auto to find it out)?/gi;
  const here = (_, code) => (code ? `choose “${code}” under Language` : "choose it under Language");
  const told = find("[data-language]") ? text.replace(asked, here) : text;
  return /(^|\s)[a-z_]+=\w/.test(told) ? `${told} (That is a field of the HTTP API.)` : told;
}

/** Show a part of the page, and bring people to its heading, whatever they use. */
export function reveal(section) {
  section.hidden = false;
  const heading = find("[tabindex='-1']", section);
  heading.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  heading.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

/** Let somebody keep a text as a file. */
export function save(text, name, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
