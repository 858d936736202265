"""Render the samples of `docs/samples`: every voice in every emotion, and a recording moved to each, with their page.

    python benchmarks/samples.py

Files are mp3, mono, about 32 kbit/s, which every browser plays. The same voice gives the same files.
"""

from __future__ import annotations

import html
from pathlib import Path
from string import Template
from typing import Final

import common

from pipeline import VoicePipeline
from pipeline.audio import SoundInformation, read_audio, write_sound
from pipeline.core.emotions import EMOTIONS
from pipeline.core.settings import Settings
from pipeline.core.values import Speech
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis.resynthesis import SAMPLE_RATE, create

SENTENCE: Final = "I told you that they would come home on Friday."
COMPRESSION: Final = 0.88

PAGE: Final = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Resay: samples</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
  .wide { overflow-x: auto; }
  table { border-collapse: collapse; }
  th, td { padding: .3rem .6rem; text-align: left; }
  thead th { border-bottom: 1px solid; }
  audio { width: 11rem; height: 2.2rem; display: block; }
</style>
<main>
<h1>Samples</h1>
<p>“$sentence” – said by the $engine voice, all of it synthetic speech, at strength $strength.
The last column is the recording <code>examples/recording.wav</code>, itself moved to each emotion with
<code>--tts resynthesis</code>.</p>
<div class="wide" role="region" aria-label="Samples by emotion and voice" tabindex="0">
<table>
<thead><tr><th scope="col">emotion</th>$columns</tr></thead>
<tbody>
$rows
</tbody>
</table>
</div>
<p>Made by <code>python benchmarks/samples.py</code>. The statistics of acting come from RAVDESS
(<a href="https://doi.org/10.5281/zenodo.1188976">CC BY-NC-SA 4.0</a>): for non-commercial use.</p>
</main>
</html>
""")


def moved(pipeline: VoicePipeline, recording: Path) -> dict[str, Speech]:
    """Return a recording moved to each emotion."""
    audio = read_audio(recording, sample_rate=SAMPLE_RATE)
    detected = pipeline.recognise(recording).scores
    return {
        emotion: Speech(common.moved(create(), audio, emotion, detected), "", emotion, "own", "resynthesis")
        for emotion in EMOTIONS
    }


def write(path: Path, speech: Speech) -> str:
    """Write a sample and return the cell that plays it."""
    information = SoundInformation(speech.engine, speech.voice, speech.emotion, speech.text)
    write_sound(path, speech.audio, information=information, compression=COMPRESSION)
    label = html.escape(f"{speech.emotion}, {speech.voice}")
    return f'<td><audio controls preload="none" src="{path.name}" aria-label="{label}"></audio></td>'


def main() -> None:
    """Render, write the page, and tell how large it all is."""
    parser = common.parser(__doc__)
    parser.add_argument("--output", type=Path, default=common.ROOT / "docs" / "samples")
    parser.add_argument("--tts", default="embedded")
    parser.add_argument("--strength", type=float, default=1.0)
    arguments = parser.parse_args()

    pipeline = VoicePipeline(Settings(tts=arguments.tts, threads=1))
    recording = moved(pipeline, common.ROOT / "examples" / "recording.wav")
    rows = []
    for emotion in EMOTIONS:
        cells = [
            write(
                arguments.output / f"{voice}-{emotion}.mp3",
                pipeline.speak(SENTENCE, emotion, voice, strength=arguments.strength).speech,
            )
            for voice in VOICE_PRESETS
        ]
        cells.append(write(arguments.output / f"recording-{emotion}.mp3", recording[emotion]))
        rows.append(f'<tr><th scope="row">{emotion}</th>{"".join(cells)}</tr>')
    page = PAGE.substitute(
        sentence=html.escape(SENTENCE),
        engine=html.escape(pipeline.synthesiser.name),
        strength=f"{arguments.strength:g}",
        columns="".join(f'<th scope="col">{name}</th>' for name in (*VOICE_PRESETS, "recording")),
        rows="\n".join(rows),
    )
    (arguments.output / "index.html").write_text(page, encoding="utf-8")
    files = list(arguments.output.glob("*.mp3"))
    print(f"{arguments.output}: {len(files)} sounds, {sum(file.stat().st_size for file in files) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
