"""How well a recording's prosody is copied into a voice, and what that costs: words, naturalness, time.

    python benchmarks/copying.py ../shared/data/ravdess --clips 24

Clips of RAVDESS, drawn with a seed, as many of each emotion, of which the transcriber understands every word. The voice
of the engine says their words neutrally, a woman and a man in turn: as it speaks itself, changed on its plan
(engines that copy), and changed by WORLD when it is sound, as other engines are.
F0: correlation of the words' mean F0, in semitones over the median of the clip, between recording and result, and of
five points in each word. Seconds and level: the same of the words' durations, as logarithms, and of their levels in dB.
Naturalness is DistillMOS of the extra `naturalness`, where it is installed. Cost: seconds of processor time on one
thread that copying adds, per second of recording; the analysis of the recording is part of it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import common
import numpy as np
from synthesis import wrong_words

from pipeline.audio import read_audio, resampled
from pipeline.audio.speech_segments import speech_segments
from pipeline.core.emotions import Mood
from pipeline.core.engines import capabilities_of
from pipeline.core.values import Audio, Speech, Word
from pipeline.recognition.naturalness import NATURALNESS_JUDGES
from pipeline.synthesis import COPYING
from pipeline.synthesis.prosody.copying import WordProsody, paired
from pipeline.synthesis.prosody_transfer import transfer, word_prosody

VOICES = ("youngwoman", "youngman")


@dataclass
class Way:
    """What one way of saying the words came to."""

    values: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """Recording and result, for each thing that is compared."""
    errors: common.Errors = field(default_factory=common.Errors)
    naturalness: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def compare(self, heard: Sequence[WordProsody], speech: Speech) -> None:
        """Add the words of a recording and of the result."""
        said = word_prosody(speech.audio, speech.words)
        for index, word in paired([one.text for one in said], heard):
            other = said[index]
            self.values["seconds"].append((np.log(word.seconds), np.log(other.seconds)))
            self.values["level"].append((word.decibel, other.decibel))
            if word.contour is not None and other.contour is not None:
                self.values["F0"].append((word.contour.mean(), other.contour.mean()))
                self.values["F0, points"] += zip(word.contour, other.contour, strict=True)


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser, "ravdess", positional=True)
    parser.add_argument("--tts", default="embedded", help="the engine that speaks")
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    listener, engine = common.transcriber(), common.synthesiser(arguments.tts)
    ready = not NATURALNESS_JUDGES.find("distillmos").missing()
    judge = NATURALNESS_JUDGES.create(NATURALNESS_JUDGES.choose(), threads=1) if ready else None
    ways: dict[str, Way] = defaultdict(Way)
    length = 0.0

    def hear(name: str, sentence: str, heard: Sequence[WordProsody], speech: Speech) -> None:
        way = ways[name]
        way.compare(heard, speech)
        way.errors.add(wrong_words(sentence, common.words(listener, speech.audio, silence=common.SILENCE)))
        if judge:
            way.naturalness.append(judge.score(resampled(speech.audio, common.RATE)))

    for number, (sentence, audio, words) in enumerate(drawn(arguments, listener)):
        text, voice = " ".join(word.text for word in words), VOICES[number % 2]
        length += audio.duration
        analysis, plain, planned, sound = (common.Clock() for _ in range(4))
        with analysis:
            heard = word_prosody(audio, words)
        with plain:
            speech = engine.synthesise(text, Mood("neutral"), voice)
        with sound:
            changed = transfer(speech, heard)
        hear("as the voice speaks", sentence, heard, speech)
        hear("changed by WORLD", sentence, heard, changed)
        ways["changed by WORLD"].seconds += analysis.processor + sound.processor
        if COPYING in capabilities_of(engine):
            with planned:
                copied = engine.synthesise(text, Mood("neutral"), voice, copied=heard)
            hear("on the plan", sentence, heard, copied)
            ways["on the plan"].seconds += analysis.processor + planned.processor - plain.processor

    print(f"\n## {engine.name}: {arguments.clips} clips of {arguments.data.name}, seed {arguments.seed}\n")
    common.table(
        ("way", "F0 of words", "F0, points", "seconds", "level", "words wrong", "naturalness", "processor s per s"),
        (row(name, way, length) for name, way in ways.items()),
    )


def drawn(arguments, listener) -> list[tuple[str, Audio, tuple[Word, ...]]]:
    """Return sentence, sound and words of the clips, as many of each emotion in turn."""
    found = defaultdict(list)
    for recording in common.recordings("ravdess", arguments.data):
        found[recording.emotion].append(recording)
    for each in found.values():
        random.Random(arguments.seed).shuffle(each)
    chosen: list[tuple[str, Audio, tuple[Word, ...]]] = []
    for clip in (clip for turn in zip(*found.values(), strict=False) for clip in turn):
        audio = read_audio(str(clip.path))
        segments = filter(None, (listener.transcribe(segment) for segment in speech_segments(audio)))
        words = tuple(word for segment in segments for word in segment.words)
        if words and not wrong_words(clip.sentence, " ".join(word.text for word in words))[0]:
            chosen.append((clip.sentence, audio, words))
        if len(chosen) == arguments.clips:
            break
    return chosen


def row(name: str, way: Way, length: float) -> tuple[str, ...]:
    """Return a line of the table."""
    alike = [
        np.corrcoef(*zip(*way.values[what], strict=True))[0, 1] for what in ("F0", "F0, points", "seconds", "level")
    ]
    natural = f"{np.mean(way.naturalness):.2f}" if way.naturalness else "not judged"
    return (
        name,
        *(f"{one:.2f}" for one in alike),
        f"{way.errors.wrong} of {way.errors.words}",
        natural,
        f"{way.seconds / length:.3f}" if way.seconds else "",
    )


if __name__ == "__main__":
    main()
