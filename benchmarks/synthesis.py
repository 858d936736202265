"""How well the voices are understood, what they cost, and how far they move in each emotion.

    python benchmarks/synthesis.py                       # every engine that is ready, 12 sentences
    python benchmarks/synthesis.py embedded --sentences 100 --emotions neutral --errors

Words wrong: all is heard by the embedded transcriber after 0.4 s of silence (`word_errors`);
numbers, times and money are compared as they are read aloud, however they are written.
Cost: seconds of processor time of the engine (with its child process) and seconds by the clock, per second of sound,
on one thread or on those of `--threads`.
First sound: processor seconds from the call of `stream` with all sentences as one text to the first sentence.
Movement: median over the sentences of the change from the same voice's neutral, measured on the finished sound
by DIO and StoneMask, beside what actors did (`pipeline/synthesis/prosody/emotions.json`).
The emotion of the sound is not judged here.
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import common
import numpy as np

from pipeline.audio.loudness import loudness
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.values import Audio
from pipeline.frontend.english.normalisation import normalise_english
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.prosody.changes import NEUTRAL, emotion_change
from pipeline.synthesis.prosody.presets import PRESETS
from pipeline.synthesis.world.analysis import analyse
from pipeline.transcription.scoring import word_errors

SENTENCES = (common.ROOT / "benchmarks" / "sentences.txt").read_text(encoding="utf-8").splitlines()


def measured(audio: Audio) -> tuple[float, float, float]:
    """Return the median F0 in semitones, the duration in seconds and the loudness in LUFS."""
    frames = analyse(audio)
    return float(np.median(12 * np.log2(frames.f0[frames.voiced]))), frames.duration, loudness(audio)


def wrong_words(text: str, heard: str) -> tuple[int, int]:
    """Return the number of wrong words and of words, both texts written as they are read aloud."""
    said, understood = (
        normalise_english(re.sub(r"\bto-(?=day|morrow|night)", "to", each)).replace("per cent", "percent")
        for each in (text, heard)
    )
    return word_errors(said, understood)


def first_sound(engine: Any, text: str, voice: str) -> float:
    """Return the processor seconds until the first sentence of a long text is there, as on a machine that is free."""
    with common.Clock() as clock:
        next(engine.stream(text, Mood("happy"), voice))
    return clock.processor


def run(name: str, sentences: list[str], arguments: argparse.Namespace, listener: Any) -> None:
    """Print what one engine does."""
    engine = common.synthesiser(name, arguments.threads)
    engine.synthesise("Warm up.", Mood("neutral"), "youngwoman")
    neutral: dict[tuple[str, str], tuple[float, float, float]] = {}
    errors: dict[str, common.Errors] = defaultdict(common.Errors)
    spent = waited = sounded = 0.0

    def rows() -> Iterator[tuple[str, ...]]:
        nonlocal spent, waited, sounded
        for voice, emotion in ((voice, emotion) for voice in arguments.voices for emotion in arguments.emotions):
            here, moves, preset = common.Errors(), [], PRESETS[voice]
            for text in sentences:
                begun, before = time.perf_counter(), time.process_time() + common.children_seconds()
                audio = engine.synthesise(text, Mood(emotion), voice).audio
                spent += time.process_time() + common.children_seconds() - before
                waited += time.perf_counter() - begun
                sounded += audio.duration
                heard = common.words(listener, audio, silence=common.SILENCE)
                counts = wrong_words(text, heard)
                if counts[0] and arguments.errors:
                    print(f"<!-- {voice}, {emotion}: {text} | {heard} -->")
                for one in (here, errors[voice], errors[emotion], errors["all"]):
                    one.add(counts)
                figures = measured(audio)
                reference = neutral.setdefault((voice, text), figures)
                moves.append((figures[0] - reference[0], figures[1] / reference[1], figures[2]))
            target = NEUTRAL if emotion == "neutral" else emotion_change({emotion: 1.0}, preset.voice.sex)
            shift, ratio, level = (statistics.median(column) for column in zip(*moves, strict=True))
            pitch = f"{shift:+.1f} ({target.shift * preset.register.rise:+.1f})"
            slower = f"{ratio:.2f} ({math.exp(target.tempo) + target.pauses:.2f})"
            yield voice, emotion, f"{here.share:.1%}", pitch, slower, f"{level:.1f}"

    print(f"\n## {name}: {len(sentences)} sentences\n")
    common.table(("voice", "emotion", "words wrong", "F0, st (actors)", "duration (actors)", "LUFS"), rows())
    print("\n" + ", ".join(f"{key} {one.share:.1%}" for key, one in errors.items()))
    cost = f"{spent / sounded:.3f} s of processor time and {waited / sounded:.3f} s by the clock"
    print(f"\n{cost} per second of sound ({sounded:.0f} s), {arguments.threads} threads.")
    if hasattr(engine, "stream"):
        seconds = statistics.median(
            first_sound(engine, " ".join(sentences[place:]), arguments.voices[0])
            for place in range(min(9, len(sentences)))
        )
        print(f"\nFirst sound of a long text after {seconds:.3f} s of processor time.")


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("engines", nargs="*", help="engines; all that are ready by default")
    parser.add_argument("--sentences", type=int, default=12, help="how many of the 100 sentences")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them, counted from 0")
    parser.add_argument("--voices", nargs="+", default=list(PRESETS), choices=list(PRESETS), metavar="VOICE")
    parser.add_argument("--emotions", nargs="+", default=list(EMOTIONS), choices=list(EMOTIONS), metavar="EMOTION")
    parser.add_argument("--threads", type=int, default=1, help="computing threads of the engines")
    parser.add_argument("--errors", action="store_true", help="show what was heard wrongly")
    arguments = parser.parse_args()
    ready = [spec.name for spec in SYNTHESISERS.specs if not spec.missing()]
    listener = common.transcriber()
    for name in arguments.engines or ready:
        run(name, SENTENCES[arguments.first :][: arguments.sentences], arguments, listener)


if __name__ == "__main__":
    main()
