"""Both errors on sounds without speech: what is answered where nobody speaks, and what is refused where somebody does.

    python benchmarks/non_speech.py             # with scikit-learn, of the extra `train`
    python benchmarks/non_speech.py --asr accurate      # only how many of the sounds get words from another transcriber

Sounds: 48 kinds made from formulas (`tests/non_speech_sounds.py`). Speech: clips of RAVDESS, TESS, LibriSpeech
test-other and LJSpeech, clean and with a sound of one of eight kinds at 20, 10, 5 and 0 dB.

The first table is of logistic functions that were fitted without the kinds, and without the corpus, that they judge:
four parts, each of a corpus and every fourth kind. `activity` is the likelihood that enters the confidence of an
emotion, `words` decides whether words count (of speech, those of which at least half are right). Their constants,
fitted to everything, are those of `audio/activity.py` and `transcription/plausibility.py`.
The other tables are of the product as it is.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import common
import numpy as np
from sklearn.linear_model import LogisticRegression

from pipeline.audio import detect_speech, read_audio, resampled
from pipeline.audio.speech_segments import cut_segments
from pipeline.core.errors import NoSpeech
from pipeline.core.values import Audio
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.recognition.speech.conditioning import phrases
from pipeline.transcription import moonshine
from pipeline.transcription.plausibility import plausible
from tests.non_speech_sounds import KINDS, non_speech

CORPORA = ("tess", "librispeech_test_other", "ljspeech", "ravdess")
SENTENCES = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
NOISES = ("white noise", "pink noise", "babble", "engine", "chords", "rain", "speech-shaped noise", "wind")
RATIOS = (20, 10, 5, 0)
SECONDS = 10
ORDINARY = 19
"""Recordings of speech for each without, of those that people give: moves the centre of the likelihood."""


@dataclass
class Heard:
    """What the product does with a sound."""

    group: str
    """Kind or corpus."""
    condition: str
    """How it was spoiled; empty for sounds without speech."""
    strength: float | None
    """Of the speech activity, over the phrases; None where nobody is heard."""
    answered: bool
    """Whether an emotion is told."""
    sure: bool
    """Whether it is told without doubt."""
    doubted: bool
    """Whether it is said to be hardly speech, or none."""
    words: list[tuple[float, float, float, bool]]
    """Of each segment with words: strength, score, share of right words, whether they count."""

    @property
    def speech(self) -> bool:
        """Whether somebody speaks."""
        return bool(self.condition)


class Ears:
    """The recogniser, and the transcriber, of which it is noted what it would refuse."""

    def __init__(self) -> None:
        self.recogniser, self.transcriber = common.recogniser(), common.transcriber()
        self.told: list[tuple[float, float, bool]] = []
        moonshine.plausible = self.note

    def note(self, segment: Any, score: float, words: int) -> bool:
        """Note whether words would count, and let them pass."""
        self.told.append((segment.speech.strength, score, plausible(segment, score, words)))
        return True

    def hear(self, group: str, condition: str, audio: Audio, text: str = "") -> Heard:
        """Return what is heard in a sound in which a text is said, or nothing."""
        activity = detect_speech(audio)
        found = [
            (phrase.speech, activity.slice(phrase.start, phrase.end).strength) for phrase in phrases(audio, activity)
        ]
        strength = float(np.average([each for _, each in found], weights=[s for s, _ in found])) if found else None
        try:
            scores = self.recogniser.recognise(audio, activity=activity)
            answered, sure = True, not scores.unsure
            doubted = any("hardly sounds like speech" in warning for warning in scores.warnings)
        except NoSpeech:
            answered, sure, doubted = False, False, True
        said, words = set(spoken_words(text)), []
        for segment in cut_segments([(audio, activity)]):
            self.told.clear()
            understood = self.transcriber.transcribe(segment)
            if understood:
                right = [word in said for word in spoken_words(understood.text)]
                words += [(strength, score, float(np.mean(right)), kept) for strength, score, kept in self.told]
        return Heard(group, condition, strength, answered, sure, doubted, words)


def with_noise(audio: Audio, kind: str, variant: int, decibels: float) -> Audio:
    """Return speech with a sound of a kind some decibels below it."""
    samples = audio.samples
    noise = non_speech(kind, variant, audio.duration).samples
    noise = np.resize(noise, len(samples))
    spoken = samples[np.abs(samples) > 0.02 * np.abs(samples).max()]
    gain = np.sqrt(np.mean(spoken**2) / np.mean(noise**2)) * 10 ** (-decibels / 20)
    mixed = samples + gain * noise
    return Audio((mixed / max(1.0, np.abs(mixed).max())).astype(np.float32), audio.sample_rate)


def spoken_clips(data: Path, count: int) -> Iterator[tuple[str, Path, str]]:
    """Yield corpus, file and text of clips drawn by chance."""
    chance = random.Random(0)
    for corpus in CORPORA:
        if corpus == "ravdess":
            paths = common.sounds(data / corpus)
            clips = [(path, SENTENCES[path.stem.split("-")[4]]) for path in chance.sample(paths, count)]
        elif corpus == "tess":
            paths = common.sounds(data / corpus)
            clips = [(path, f"Say the word {path.stem.split('_')[1]}") for path in chance.sample(paths, count)]
        else:
            clips = [(clip.path, clip.text) for clip in chance.sample(common.listed(data / corpus), count)]
        for path, text in clips:
            yield corpus, path, text


def heard(data: Path, clips: int, variants: int) -> list[Heard]:
    """Return what is heard in everything."""
    ears, found = Ears(), []
    for kind in KINDS:
        found += [ears.hear(kind, "", non_speech(kind, variant)) for variant in range(variants)]
    chance = random.Random(1)
    for number, (corpus, path, text) in enumerate(spoken_clips(data, clips)):
        audio = resampled(read_audio(path), common.RATE).slice(0, SECONDS)
        found.append(ears.hear(corpus, "clean", audio, text))
        for ratio in RATIOS:
            noisy = with_noise(audio, chance.choice(NOISES), 100 + number, ratio)
            found.append(ears.hear(corpus, f"{ratio} dB", noisy, text))
    return found


def part_of(group: str) -> int:
    """Return the part that a kind or corpus belongs to."""
    return CORPORA.index(group) if group in CORPORA else list(KINDS).index(group) % len(CORPORA)


def cross_fitted(name: str, rows: list[tuple[str, bool, list[float]]]) -> tuple[object, ...]:
    """Return a row of both errors by functions that saw neither kind nor corpus, and the function of everything."""
    groups, speech = np.array([part_of(group) for group, *_ in rows]), np.array([each for _, each, _ in rows])
    features = np.array([values for *_, values in rows])

    def fitted(chosen: np.ndarray) -> LogisticRegression:
        return LogisticRegression(C=100, class_weight="balanced").fit(features[chosen], speech[chosen])

    prior = math.log(ORDINARY) if name == "activity" else 0.0
    evidence = np.zeros(len(rows))
    for part in range(len(CORPORA)):
        held = groups == part
        evidence[held] = fitted(~held).decision_function(features[held]) + prior
    whole = fitted(np.ones(len(rows), bool))
    constants = ", ".join(f"{value:.2f}" for value in (*whole.coef_[0], whole.intercept_[0] + prior))
    taken, refused = evidence[~speech] > 0, evidence[speech] <= 0
    return name, f"{taken.sum()} of {len(taken)}", f"{refused.sum()} of {len(refused)}", constants


def by_kind(found: list[Heard]) -> Iterator[tuple[object, ...]]:
    for kind in (*KINDS, ""):
        chosen = [each for each in found if not each.speech and each.group == (kind or each.group)]
        answered, sure = sum(each.answered for each in chosen), sum(each.sure for each in chosen)
        written = sum(bool(each.words) for each in chosen)
        counted = sum(any(kept for *_, kept in each.words) for each in chosen)
        yield kind or "all", len(chosen), answered, sure, written, counted


def by_condition(found: list[Heard]) -> Iterator[tuple[object, ...]]:
    for condition in ("clean", *(f"{ratio} dB" for ratio in RATIOS)):
        chosen = [each for each in found if each.condition == condition]
        doubted = sum(each.doubted for each in chosen)
        segments = [words for each in chosen for words in each.words]
        right = [kept for *_, share, kept in segments if share >= 0.5]
        wrong = [kept for *_, share, kept in segments if share < 0.5]
        yield condition, len(chosen), doubted, len(right), right.count(False), len(wrong), wrong.count(False)


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser)
    parser.add_argument("--clips", type=int, default=12, help="clips of each corpus")
    parser.add_argument("--variants", type=int, default=3, help="sounds of each kind")
    parser.add_argument("--asr", default="", help="only count the sounds into which this transcriber writes words")
    arguments = parser.parse_args()

    if arguments.asr:
        engine = common.transcriber(arguments.asr)
        sounds = {(kind, variant): non_speech(kind, variant) for kind in KINDS for variant in range(arguments.variants)}
        written = {name: words for name, audio in sounds.items() if (words := common.words(engine, audio))}
        print(f"{arguments.asr}: words in {len(written)} of {len(sounds)} sounds without speech: {written}")
        return
    found = heard(arguments.data, arguments.clips, arguments.variants)
    activity = [
        (each.group, each.speech, [each.strength])
        for each in found
        if each.strength is not None and each.condition != "0 dB"
    ]
    words = [
        (each.group, each.speech, [strength, score])
        for each in found
        for strength, score, share, _ in each.words
        if not each.speech or share >= 0.5
    ]
    common.table(
        ("fitted to others", "without speech: taken", "speech: refused", "constants"),
        (cross_fitted("activity", activity), cross_fitted("words", words)),
    )
    print()
    common.table(
        ("without speech", "sounds", "an emotion", "a sure one", "words written", "words that count"), by_kind(found)
    )
    print()
    common.table(
        ("speech", "clips", "doubted", "segments at least half right", "refused", "others", "refused"),
        by_condition(found),
    )


if __name__ == "__main__":
    main()
