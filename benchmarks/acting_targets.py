"""How far each emotion comes out from what was asked, voice by voice, and what it looks like.

    python benchmarks/acting_targets.py --plot docs/acting.png

Sentences of `sentences.txt` are spoken by the embedded voice; the finished sound is analysed again, measured
(`pipeline/training/acting/measuring.py`) and compared with the same sentence in the same voice's neutral.
The table gives the median of that change and, in brackets, what `emotions.json` asks for, the preset's share of the
shift taken into account; for the spectrum the deviation of the difference over the bands of vowels up to 7 kHz.
The plot shows spectrogram and F0 of one sentence, neutral beside some emotions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common
import numpy as np
from synthesis import SENTENCES

from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.synthesis.prosody.changes import EmotionChange, band_centres, emotion_change, mean
from pipeline.synthesis.prosody.presets import PRESETS
from pipeline.synthesis.world.analysis import analyse
from pipeline.synthesis.world.frames import PERIOD
from pipeline.training.acting.measuring import departure, measured

SHOWN = ("neutral", "happy", "sad", "angry", "surprised")
PLOTTED = "Nobody knew when the lights went out last night."
HIGHEST = 7000


def middle(changes: list[EmotionChange]) -> EmotionChange:
    """Return the median of every field."""
    values = {
        field.name: np.median([getattr(change, field.name) for change in changes], axis=0)
        for field in dataclasses.fields(EmotionChange)
    }
    return dataclasses.replace(mean(changes), **values)


def rows(engine: Any, sentences: list[str], voices: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield what each emotion of each voice comes out as."""
    inside = band_centres() < HIGHEST
    for voice in voices:
        preset = PRESETS[voice]

        def said(text: str, emotion: str, voice: str = voice) -> EmotionChange:
            return measured(analyse(engine.synthesise(text, Mood(emotion), voice).audio))

        neutral = [said(text, "neutral") for text in sentences]
        for emotion in EMOTIONS[1:]:
            changes = [
                departure([said(text, emotion)], [plain]) for text, plain in zip(sentences, neutral, strict=True)
            ]
            found, asked = middle(changes), emotion_change({emotion: 1.0}, preset.voice.sex)
            yield (
                voice,
                emotion,
                f"{found.shift:+.1f} ({asked.shift * preset.register.rise:+.1f})",
                f"{np.exp(found.range):.2f} ({np.exp(asked.range):.2f})",
                f"{found.final:+.1f} ({asked.final:+.1f})",
                f"{np.exp(found.tempo):.2f} ({np.exp(asked.tempo):.2f})",
                f"{(found.spectrum - asked.spectrum)[0, inside].std():.1f}",
            )


def plot(engine: Any, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4))
    axes = figure.subplots(2, len(SHOWN), sharey="row")
    for column, emotion in enumerate(SHOWN):
        audio = engine.synthesise(PLOTTED, Mood(emotion), "youngwoman").audio
        frames = analyse(audio)
        axes[0, column].set_title(emotion)
        axes[0, column].specgram(
            audio.samples + 1e-6, NFFT=512, Fs=audio.sample_rate, noverlap=256, cmap="magma", vmin=-120
        )
        axes[0, column].set_ylim(0, 6000)
        times = np.flatnonzero(frames.voiced) * PERIOD
        axes[1, column].plot(times, frames.f0[frames.voiced], ".", markersize=2, color="black")
        axes[1, column].set_ylim(80, 520)
        axes[1, column].set_xlabel("s")
    axes[0, 0].set_ylabel("Hz")
    axes[1, 0].set_ylabel("F0, Hz")
    figure.tight_layout()
    figure.savefig(path, dpi=60)


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--sentences", type=int, default=3)
    parser.add_argument("--voices", nargs="+", default=list(PRESETS), choices=list(PRESETS), metavar="VOICE")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    engine = common.synthesiser(arguments.engine)
    if arguments.plot:
        plot(engine, arguments.plot)
    columns = "voice", "emotion", "F0, st", "range, ratio", "final, st", "duration, ratio", "spectrum, dB off"
    common.table(columns, rows(engine, SENTENCES[: arguments.sentences], arguments.voices))


if __name__ == "__main__":
    main()
