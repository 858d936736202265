"""What moving a recording to another emotion costs and does, and what verification adds.

    python benchmarks/resynthesis.py ../shared/data/ravdess --clips 24

Clips are neutral ones of RAVDESS, drawn with a seed; each is moved to all eight emotions, the neutral one included.
Cost: seconds of processor time, on one thread, per second of recording. The analysis is part of it.
Agreement: how often the judge of `--verify` hears the asked emotion most (chance is one of eight), and its mean
probability. The shipped recogniser judges where `checkpoints/judge` is missing; it was trained on these very actors.
Words wrong: as the transcriber hears the result after 0.4 s of silence, beside the recording itself.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from pipeline import VoicePipeline
from pipeline.audio import limited, loudness, read_audio
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.settings import Settings
from pipeline.core.values import Audio
from pipeline.synthesis.copying import delivered, delivery_of
from pipeline.synthesis.resynthesis import SAMPLE_RATE, create
from pipeline.training.corpora.ravdess import read_ravdess
from pipeline.transcription.scoring import word_errors


class Cost:
    """Processor seconds of one kind of work, and the seconds of sound that they were spent on."""

    def __init__(self) -> None:
        self.work = self.sound = 0.0

    @contextmanager
    def of(self, audio: Audio) -> Iterator[None]:
        """Add a block's processor time."""
        started = time.process_time()
        yield
        self.work += time.process_time() - started
        self.sound += audio.duration

    def __str__(self) -> str:
        return f"{self.work / max(self.sound, 1e-9):.3f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strength", type=float, default=1.0)
    arguments = parser.parse_args()

    neutral = [recording for recording in read_ravdess(arguments.data) if recording.emotion == "neutral"]
    clips = random.Random(arguments.seed).sample(neutral, arguments.clips)
    pipeline = VoicePipeline(Settings(threads=1))
    engine = create()
    moving, checking, copying = Cost(), Cost(), Cost()
    judged: dict[str, list[tuple[bool, float]]] = {emotion: [] for emotion in EMOTIONS}
    wrong: dict[str, list[tuple[int, int]]] = {name: [] for name in (*EMOTIONS, "recording")}
    levels: list[float] = []
    judge = ""
    for recording in clips:
        text, clip = recording.sentence, str(recording.path)
        audio = read_audio(clip, sample_rate=SAMPLE_RATE)
        detected = pipeline.recognise(clip)
        wrong["recording"].append(word_errors(text, pipeline.verify(clip, text=text).text_heard))
        phrases = engine.phrases(audio)
        for emotion in EMOTIONS:
            with moving.of(audio):
                asked = [(phrase, Mood(emotion)) for phrase in phrases]
                pieces = engine.resynthesise(audio, asked, detected, strength=arguments.strength)
                parts = [speech.audio.samples for *_, speech in pieces]
                result = limited(Audio(np.concatenate(parts), SAMPLE_RATE))
            with checking.of(result):
                found = pipeline.verify(result, text=text, emotion=emotion)
            judge = found.judge
            judged[emotion].append((bool(found.agrees), found.probability_of_asked or 0.0))
            wrong[emotion].append(word_errors(text, found.text_heard))
            levels.append(loudness(result))
        words = tuple(word for segment in pipeline.transcribe(clip) for word in segment.words)
        if words:
            spoken = pipeline.speak(" ".join(word.text for word in words))
            with copying.of(spoken.audio):
                delivered(spoken, delivery_of(audio, words))

    print(f"{len(clips)} neutral clips of {arguments.data.name}, seed {arguments.seed}, strength {arguments.strength}")
    print(f"\n| part | processor seconds per second |\n|---|---|\n| moving, with analysis | {moving} |")
    print(f"| verification | {checking} |\n| copying a delivery onto a voice | {copying} |")
    print(f"\nLoudness {min(levels):.1f} to {max(levels):.1f} LUFS. Judged by {judge}.\n")
    print("| moved to | heard most | mean probability | words wrong |\n|---|---|---|---|")
    for emotion, results in judged.items():
        agrees, probability = np.mean(results, axis=0)
        print(f"| {emotion} | {agrees:.2f} | {probability:.2f} | {_share(wrong[emotion])} |")
    acted = [one for emotion, results in judged.items() if emotion != "neutral" for one in results]
    everything = [one for emotion in EMOTIONS if emotion != "neutral" for one in wrong[emotion]]
    agrees, probability = np.mean(acted, axis=0)
    print(f"| **all but neutral** | {agrees:.2f} | {probability:.2f} | {_share(everything)} |")
    print(f"| (the recordings) | | | {_share(wrong['recording'])} |")


def _share(errors: list[tuple[int, int]]) -> str:
    return f"{sum(wrong for wrong, _ in errors) / max(sum(words for _, words in errors), 1):.1%}"


if __name__ == "__main__":
    main()
