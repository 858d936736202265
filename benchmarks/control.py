"""How well Kokoro's decoder obeys, or the small one: F0 and durations asked for, and measured on the sound.

    python benchmarks/control.py                          # the embedded decoder, a woman and a man, 3 sentences
    python benchmarks/control.py am_onyx --tts kokoro --sentences 6

Asked: the plan of a neutral sentence with its F0 or its durations multiplied, or a voice at the F0 named.
Measured: the median F0 by DIO and StoneMask against that of the neutral sound; the duration against it; the share of
frames within a semitone of the curve asked for, where both have a voice; the share of the frames asked to have a voice
that DIO finds one in; words wrong, heard by the embedded transcriber after 0.4 s of silence.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common
import numpy as np
from synthesis import SENTENCES, wrong_words

from pipeline.core.paths import bundled
from pipeline.core.values import Audio
from pipeline.synthesis.kokoro.english import EnglishReader
from pipeline.synthesis.kokoro.istftnet import Istftnet
from pipeline.synthesis.kokoro.parts import DECODER, Decoder, Parts
from pipeline.synthesis.kokoro.source_filter import SourceFilter
from pipeline.synthesis.kokoro.voice import Kokoro
from pipeline.synthesis.kokoro.voices import Styles, find_voice
from pipeline.synthesis.prosody.changes import NEUTRAL
from pipeline.synthesis.prosody.prosody import Prosody
from pipeline.synthesis.sentences import sentences
from pipeline.synthesis.world.analysis import estimate_f0
from pipeline.synthesis.world.frames import PERIOD
from pipeline.weights import require

F0_RATIOS = (0.6, 0.8, 1.0, 1.3, 1.5, 1.7, 1.9, 2.2)
DURATIONS = (0.7, 1.2, 1.6)
BINS = np.array([0, 100, 150, 200, 250, 300, 350, 400, 450, 500, 700])
"""Edges in Hz between which the share of frames with a voice is told apart."""


def asked(prosody: Prosody, f0: float, duration: float) -> Prosody:
    """Return a prosody with F0 and durations multiplied."""
    changed = prosody.stretched(np.full(len(prosody), duration)) if duration != 1 else prosody
    return dataclasses.replace(changed, f0=changed.f0 * f0)


def compared(prosody: Prosody, audio: Audio) -> tuple[np.ndarray, np.ndarray]:
    """Return F0 asked for and measured, every 5 ms; 0 where there is no voice."""
    measured = estimate_f0(audio)
    place = np.round(np.arange(len(measured)) * PERIOD / prosody.period).astype(int)
    return prosody.f0[np.minimum(place, len(prosody) - 1)], measured


def run(kokoro: Kokoro, name: str, texts: list[str], listener: Any) -> None:
    """Print what one voice does."""
    preset = find_voice(name).preset
    plans = [kokoro.plan(next(iter(sentences(text))), preset) for text in texts]
    voiced: dict[int, list[int]] = defaultdict(lambda: [0, 0])

    def measured(f0: float, duration: float) -> tuple[list[np.ndarray], float, common.Errors]:
        pairs, seconds, errors = [], 0.0, common.Errors()
        for plan, text in zip(plans, texts, strict=True):
            prosody = asked(plan.prosody, f0, duration)
            audio = plan.render(prosody, NEUTRAL)
            seconds += audio.duration
            errors.add(wrong_words(text, common.words(listener, audio, silence=common.SILENCE)))
            pairs.append(np.stack(compared(prosody, audio)))
        return np.concatenate(pairs, axis=1), seconds, errors

    base, base_seconds, _ = measured(1.0, 1.0)
    usual = np.median(base[1][base[1] > 0])

    def rows() -> Iterator[tuple[str, ...]]:
        for f0, duration in [(ratio, 1.0) for ratio in F0_RATIOS] + [(1.0, ratio) for ratio in DURATIONS]:
            (wanted, found), seconds, errors = measured(f0, duration)
            both = (wanted > 0) & (found > 0)
            near = np.abs(12 * np.log2(found[both] / wanted[both])) < 1
            if duration == 1:
                for hertz, heard in zip(np.digitize(wanted[wanted > 0], BINS), found[wanted > 0] > 0, strict=True):
                    voiced[int(hertz)][0] += int(heard)
                    voiced[int(hertz)][1] += 1
            yield (
                f"F0 ×{f0:g}" if duration == 1 else f"durations ×{duration:g}",
                f"×{np.median(found[found > 0]) / usual:.2f}",
                f"×{seconds / base_seconds:.2f}",
                f"{errors.wrong} of {errors.words}",
                f"{near.mean():.2f}",
                f"{both.sum() / max((wanted > 0).sum(), 1):.2f}",
            )

    print(f"\n## {name}, {usual:.0f} Hz: {len(texts)} sentences\n")
    common.table(("asked", "F0", "duration", "words wrong", "F0 within a semitone", "voiced"), rows())
    shares = ", ".join(
        f"{BINS[place - 1]} to {BINS[min(place, len(BINS) - 1)]} Hz {heard / frames:.2f}"
        for place, (heard, frames) in sorted(voiced.items())
        if frames > 50
    )
    print(f"\nVoiced where F0 was asked for: {shares}.")


def main() -> None:
    parser: argparse.ArgumentParser = common.parser(__doc__)
    parser.add_argument("voices", nargs="*", default=["youngwoman", "middlemale"], help="presets, ids or mixtures")
    parser.add_argument("--sentences", type=int, default=3, help="how many of the 100 sentences")
    parser.add_argument("--tts", default="embedded", choices=("embedded", "kokoro"), help="whose decoder")
    parser.add_argument("--weights", type=Path, help="folder of Kokoro's parts and voices, if not pulled")
    arguments = parser.parse_args()
    embedded = arguments.tts == "embedded"
    folder = bundled("checkpoints", "kokoro") if embedded else arguments.weights or require("kokoro")
    decoder: Decoder = SourceFilter(folder / DECODER) if embedded else Istftnet(folder)
    kokoro = Kokoro(Parts(folder), decoder, Styles(folder / "voices"), EnglishReader())
    listener = common.transcriber()
    for name in arguments.voices:
        run(kokoro, name, SENTENCES[: arguments.sentences], listener)


if __name__ == "__main__":
    main()
