// Captions as files: text, SRT and VTT.

function stamp(seconds, comma) {
  const milliseconds = Math.max(0, Math.round(1000 * seconds));
  const parts = [Math.floor(milliseconds / 3600000), Math.floor(milliseconds / 60000) % 60, Math.floor(milliseconds / 1000) % 60];
  const whole = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return `${whole}${comma}${String(milliseconds % 1000).padStart(3, "0")}`;
}

const plain = (text) => text.replace(/\s+/g, " ").trim();
const escaped = (text) => plain(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const feeling = ({ emotion }) => (emotion && !emotion.unsure ? `[${emotion.emotion}] ` : "");
const name = ({ speaker }) => (speaker ? `${plain(speaker)}: ` : "");

function cues(phrases, comma) {
  return phrases.map((phrase, number) => {
    const times = `${stamp(phrase.start, comma)} --> ${stamp(phrase.end, comma)}`;
    return `${number + 1}\n${times}\n`;
  });
}

/** Ending to what makes the file of phrases, and its type. */
export const FORMATS = {
  txt: {
    type: "text/plain",
    write: (phrases) => phrases.map((one) => `${stamp(one.start, ".").slice(0, 8)} ${name(one)}${feeling(one)}${plain(one.text)}\n`).join(""),
  },
  srt: {
    type: "application/x-subrip",
    write: (phrases) => cues(phrases, ",").map((cue, at) => `${cue}${name(phrases[at])}${feeling(phrases[at])}${plain(phrases[at].text)}\n`).join("\n"),
  },
  vtt: {
    type: "text/vtt",
    write: (phrases) =>
      `WEBVTT\n\n${cues(phrases, ".")
        .map((cue, at) => {
          const voice = phrases[at].speaker ? `<v ${escaped(phrases[at].speaker)}>` : "";
          return `${cue}${voice}${feeling(phrases[at])}${escaped(phrases[at].text)}\n`;
        })
        .join("\n")}`,
  },
};
