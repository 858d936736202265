"""Render the samples of `docs/samples`: every voice in every emotion, and a recording moved to each, with their page.

    python benchmarks/samples.py --ravdess ../shared/data/ravdess
    python benchmarks/samples.py --ravdess ../shared/data/ravdess --old FOLDER

With `--ravdess`, two recordings of that corpus are converted too; the page holds the results, not the recordings.
`--old` puts the sounds of another voice beside them, from a folder of `rendered.py`.
Files are mp3, mono, about 32 kbit/s, which every browser plays. The same voice gives the same files.
"""

from __future__ import annotations

import html
import tempfile
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Final

import common
from rendered import SAMPLE, Converted, Folder, Sound, converted

from pipeline import VoicePipeline
from pipeline.audio import SoundInformation, read_audio, write_sound
from pipeline.core.emotions import EMOTIONS
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, Speech
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis.resynthesis import SAMPLE_RATE, create

COMPRESSION: Final = 0.88
"""Of the mp3, in [0, 1]: about 32 kbit/s at 24 kHz."""

BEFORE: Final = "before"
"""Ends the names of the sounds of the other voice."""

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
<code>--tts resynthesis</code>.$compared</p>
<div class="wide" role="region" aria-label="Samples by emotion and voice" tabindex="0">
<table>
<thead><tr><th scope="col">emotion</th>$columns</tr></thead>
<tbody>
$rows
</tbody>
</table>
</div>
$conversions
<p>Made by <code>python benchmarks/samples.py</code>. The statistics of acting come from RAVDESS
(<a href="https://doi.org/10.5281/zenodo.1188976">CC BY-NC-SA 4.0</a>): for non-commercial use.</p>
</main>
</html>
""")


COMPARED: Final = " Below each sound, the same is said by the voice before this one."

CONVERSIONS: Final = Template("""\
<h2>Two recordings, converted</h2>
<p>The recordings are clips of RAVDESS, named by their files; the page has only what was made of them.
The emotion model has learned from these actors.</p>
<div class="wide" role="region" aria-label="Converted recordings" tabindex="0">
<table>
<thead><tr><th scope="col">recording</th><th scope="col">detected</th><th scope="col">understood</th>
<th scope="col">asked for</th><th scope="col">result</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
</div>
""")


def moved(pipeline: VoicePipeline, recording: Path) -> dict[str, Speech]:
    """Return a recording moved to each emotion."""
    audio = read_audio(recording, sample_rate=SAMPLE_RATE)
    detected = pipeline.recognise(recording).scores
    return {
        emotion: Speech(common.moved(create(), audio, emotion, detected), "", emotion, "own", "resynthesis")
        for emotion in EMOTIONS
    }


def write(path: Path, speech: Speech, remark: str = "") -> str:
    """Write a sample and return the element that plays it."""
    information = SoundInformation(speech.engine, speech.voice, speech.emotion, speech.text)
    write_sound(path, speech.audio, information=information, compression=COMPRESSION)
    label = html.escape(f"{speech.emotion}, {speech.voice}{remark}")
    return f'<audio controls preload="none" src="{path.name}" aria-label="{label}"></audio>'


def write_before(path: Path, old: Folder, sound: Sound | Converted, text: str) -> str:
    """Write a sample of the other voice beside that of this one."""
    speech = Speech(old.audio(sound), text, sound.emotion, sound.voice, old.engine)
    return write(path.with_name(f"{path.stem}-{BEFORE}.mp3"), speech, ", the voice before")


def said_before(old: Folder | None) -> dict[tuple[str, str], Sound]:
    """Return voice and emotion to the sample that the other voice said, or end the benchmark if one is missing."""
    if old is None:
        return {}
    found = {(sound.voice, sound.emotion): sound for sound in old.sounds if sound.sentence == SAMPLE}
    if missing := {(voice, emotion) for voice in VOICE_PRESETS for emotion in EMOTIONS} - set(found):
        raise SystemExit(f"{old.path} lacks “{SAMPLE}”: {', '.join(' '.join(each) for each in sorted(missing))}.")
    return found


def conversions(
    pipeline: VoicePipeline, corpus: Path, output: Path, old: Folder | None, strength: float
) -> Iterator[str]:
    """Convert recordings, and yield the row of each."""
    before = {each.recording: each for each in old.conversions} if old else {}
    with tempfile.TemporaryDirectory() as place:
        for one in converted(pipeline, Path(place), corpus, strength):
            audio: Audio = read_audio(Path(place) / one.file)
            path = output / f"{Path(one.file).stem}.mp3"
            players = write(path, Speech(audio, one.text, one.emotion, one.voice, pipeline.synthesiser.name))
            if old and one.recording in before:
                players += write_before(path, old, before[one.recording], before[one.recording].text)
            words = (Path(one.recording).stem, one.detected, f"“{one.text}”", f"{one.asked}, {one.voice}")
            cells = "".join(f"<td>{html.escape(word)}</td>" for word in words[1:])
            yield f'<tr><th scope="row">{html.escape(words[0])}</th>{cells}<td>{players}</td></tr>'


def main() -> None:
    """Render, write the page, and tell how large it all is."""
    parser = common.parser(__doc__)
    parser.add_argument("--output", type=Path, default=common.ROOT / "docs" / "samples")
    parser.add_argument("--tts", default="embedded")
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--old", type=common.folder, help="folder of sounds of another voice, made by rendered.py")
    parser.add_argument("--ravdess", type=common.folder, help="folder of the corpus, to convert two of its recordings")
    arguments = parser.parse_args()
    old = Folder.read(arguments.old) if arguments.old else None
    before = said_before(old)

    pipeline = VoicePipeline(Settings(tts=arguments.tts, threads=1))
    recording = moved(pipeline, common.ROOT / "examples" / "recording.wav")
    rows = []
    for emotion in EMOTIONS:
        cells = []
        for voice in VOICE_PRESETS:
            path = arguments.output / f"{voice}-{emotion}.mp3"
            players = write(path, pipeline.speak(SAMPLE, emotion, voice, strength=arguments.strength).speech)
            if old:
                players += write_before(path, old, before[voice, emotion], SAMPLE)
            cells.append(players)
        cells.append(write(arguments.output / f"recording-{emotion}.mp3", recording[emotion]))
        rows.append(f'<tr><th scope="row">{emotion}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    section = ""
    if arguments.ravdess:
        made = conversions(pipeline, arguments.ravdess, arguments.output, old, arguments.strength)
        section = CONVERSIONS.substitute(rows="\n".join(made))
    page = PAGE.substitute(
        sentence=html.escape(SAMPLE),
        compared=COMPARED if old else "",
        conversions=section,
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
