"""Render sentences in every voice and emotion into a folder, so that people can compare voices by ear later.

    python benchmarks/rendered.py FOLDER --tts embedded --ravdess ../shared/data/ravdess

The folder holds wav files and `manifest.json`, which says what each of them is. `listening.py` makes its page of two
such folders, and `samples.py` puts the sounds of an older voice beside those of the present one.
With `--ravdess`, two recordings of RAVDESS are converted too; only the converted speech is kept, not the recordings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import common

from pipeline import VoicePipeline
from pipeline.audio import read_audio, write_speech
from pipeline.core.emotions import EMOTIONS
from pipeline.core.files import atomic
from pipeline.core.settings import Settings
from pipeline.core.values import Audio
from pipeline.core.voices import VOICE_PRESETS

SAMPLE: Final = "I told you that they would come home on Friday."
"""What every sample of `docs/samples` says."""

SENTENCES: Final = (
    "My brother Daniel has lived in Chicago since 1998.",
    "Could you tell me where the nearest bank is?",
    "He opened the window and looked at the snow.",
    "They moved the meeting from Tuesday to Thursday afternoon.",
)
"""Four of `sentences.txt` that fit every emotion: short, one of them a question."""

CONVERSIONS: Final = (
    ("Actor_12/03-01-05-02-02-01-12.flac", "auto", "youngwoman"),
    ("Actor_07/03-01-04-02-01-01-07.flac", "happy", "youngman"),
)
"""Recordings of RAVDESS: a strongly angry woman, said again as she said it, and a strongly sad man, made happy."""

_MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Sound:
    """A rendered sentence."""

    file: str
    """Name of the wav file in the folder."""
    sentence: str
    """What is said."""
    voice: str
    """The voice preset."""
    emotion: str
    """The emotion that was asked for."""


@dataclass(frozen=True)
class Converted:
    """A recording that was converted."""

    file: str
    """Name of the wav file in the folder."""
    recording: str
    """Path of the recording in its corpus."""
    asked: str
    """The emotion that was asked for, or auto."""
    emotion: str
    """The emotion in which it is said."""
    voice: str
    """The voice preset."""
    detected: str
    """The emotion that was detected in the recording."""
    text: str
    """What was understood, and is said again."""


@dataclass(frozen=True)
class Folder:
    """A folder of sounds that one voice rendered."""

    path: Path
    """Where the files lie."""
    engine: str
    """The engine that spoke."""
    strength: float
    """How strongly the emotions were acted."""
    sounds: tuple[Sound, ...]
    """The sentences."""
    conversions: tuple[Converted, ...] = ()
    """The converted recordings."""

    @classmethod
    def read(cls, path: Path) -> Folder:
        """Read the manifest of a folder, or end the benchmark."""
        try:
            values = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
            return cls(
                path,
                values["engine"],
                values["strength"],
                tuple(Sound(**sound) for sound in values["sounds"]),
                tuple(Converted(**one) for one in values["conversions"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SystemExit(
                f"{path} is no folder of rendered sounds: {error}. Make one with benchmarks/rendered.py."
            ) from error

    def write(self) -> None:
        """Write the manifest."""
        values = {
            "engine": self.engine,
            "strength": self.strength,
            "sounds": [asdict(sound) for sound in self.sounds],
            "conversions": [asdict(one) for one in self.conversions],
        }
        with atomic(self.path / _MANIFEST) as path:
            path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def audio(self, sound: Sound | Converted) -> Audio:
        """Return one of the sounds."""
        return read_audio(self.path / sound.file)


def rendered(
    pipeline: VoicePipeline, folder: Path, sentences: Sequence[str], emotions: Sequence[str], strength: float
) -> Iterator[Sound]:
    """Render sentences in every preset, and tell of each as soon as its file is there."""
    for number, sentence in enumerate(sentences, start=1):
        for voice in VOICE_PRESETS:
            for emotion in emotions:
                sound = Sound(f"{voice}-{emotion}-{number}.wav", sentence, voice, emotion)
                write_speech(folder / sound.file, pipeline.speak(sentence, emotion, voice, strength=strength).speech)
                yield sound


def converted(pipeline: VoicePipeline, folder: Path, corpus: Path, strength: float) -> Iterator[Converted]:
    """Convert the two recordings of RAVDESS."""
    for recording, emotion, voice in CONVERSIONS:
        name = f"ravdess-{Path(recording).stem}.wav"
        made = pipeline.convert(
            corpus / recording, emotion, voice, strength=strength, output=folder / name, overwrite=True
        )
        (folder / name).with_suffix(".json").unlink(missing_ok=True)
        yield Converted(name, recording, emotion, made.emotion_spoken, voice, made.emotion_detected.top, made.text)


def main() -> None:
    """Render, and tell how much there is."""
    parser = common.parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tts", default="embedded")
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--sentences", nargs="+", default=[*SENTENCES, SAMPLE], metavar="SENTENCE")
    parser.add_argument("--emotions", nargs="+", default=list(EMOTIONS), choices=list(EMOTIONS), metavar="EMOTION")
    parser.add_argument("--ravdess", type=common.folder, help="folder of the corpus, to convert two of its recordings")
    arguments = parser.parse_args()

    arguments.folder.mkdir(parents=True, exist_ok=True)
    pipeline = VoicePipeline(Settings(tts=arguments.tts, threads=1))
    strength = arguments.strength
    folder = Folder(
        arguments.folder,
        pipeline.synthesiser.name,
        strength,
        tuple(rendered(pipeline, arguments.folder, arguments.sentences, arguments.emotions, strength)),
        tuple(converted(pipeline, arguments.folder, arguments.ravdess, strength)) if arguments.ravdess else (),
    )
    folder.write()
    print(f"{folder.path}: {len(folder.sounds)} sentences, {len(folder.conversions)} conversions by {folder.engine}")


if __name__ == "__main__":
    main()
