"""Word times to be looked at: twenty clips with their loudness, and where each word was found.

    python benchmarks/word_times.py --output word_times.png

Clips of LibriSpeech, LJSpeech and RAVDESS in turn; grey is what the speech detector calls a pause.
The numbers: words without times, words that lie in a pause for more than half of their length.
"""

from __future__ import annotations

import random
from pathlib import Path

import common
import numpy as np

from pipeline.audio import detect_speech, read_audio
from pipeline.core.values import Audio

CORPORA = ("librispeech_test_other", "ljspeech", "ravdess")
HOP = 0.01


def loudness(audio: Audio) -> np.ndarray:
    """Return the level of every 10 ms in decibels, the loudest at 0."""
    size = round(HOP * audio.sample_rate)
    frames = audio.samples[: len(audio.samples) // size * size].reshape(-1, size)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-9)
    return level - level.max()


def main() -> None:
    """Draw the clips and print the numbers."""
    from matplotlib.figure import Figure

    parser = common.parser(__doc__)
    common.add_data(parser)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("word_times.png"))
    arguments = parser.parse_args()
    choose = random.Random(arguments.seed)
    files = {name: common.sounds(arguments.data / name) for name in CORPORA}
    transcriber = common.transcriber()
    figure = Figure(figsize=(18, 1.6 * arguments.clips), layout="constrained")
    axes = figure.subplots(arguments.clips, 1)
    words = untimed = silent = 0
    for number, axis in enumerate(axes):
        path = choose.choice(files[CORPORA[number % len(CORPORA)]])
        audio = read_audio(path)
        audio = audio.slice(0.0, min(audio.duration, 8.0))
        level, spans = loudness(audio), detect_speech(audio).spans(padding=0.0)
        axis.plot(HOP * np.arange(len(level)), level, linewidth=0.8)
        edges = [0.0, *(edge for span in spans for edge in span), audio.duration]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            axis.axvspan(start, end, color="0.9")
        for segment in common.heard(transcriber, audio):
            for word in segment.words:
                words += 1
                untimed += not word.end > word.start
                spoken = sum(max(0.0, min(word.end, end) - max(word.start, start)) for start, end in spans)
                silent += spoken < (word.end - word.start) / 2
                axis.axvline(word.start, color="tab:green", linewidth=0.8)
                axis.axvline(word.end, color="tab:red", linewidth=0.8, linestyle=":")
                axis.text(word.start, -8, word.text, fontsize=8)
        axis.set(ylim=(-60, 5), xlim=(0, 8), ylabel=path.stem[:16])
    figure.savefig(arguments.output, dpi=70)
    print(f"{words} words in {arguments.clips} clips; without times {untimed}; more than half in a pause {silent}")


if __name__ == "__main__":
    main()
