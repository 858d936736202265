"""How often the warning that something is not English is wrong, and how often it is missing.

    python benchmarks/language_warning.py       # with scikit-learn, of the extra `train`
    python benchmarks/language_warning.py --asr whisper:tiny.en

English: LibriSpeech test-other, LJSpeech, and 160 clips of RAVDESS and 60 of TESS at random.
Not English: AISHELL-3 (Mandarin), music and noise made here.
The logistic function of `pipeline/transcription/language.py` is fitted in five folds, so that no speaker is on both
sides, every corpus weighing the same and English as much as the rest; then to everything, which gives its constants.
Listed are the clips with text that are warned of; those in which nothing was heard need no warning.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import common
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.audio import SAMPLE_RATE, read_audio
from pipeline.core.values import Audio, Segment
from pipeline.transcription.language import DOUBTFUL, MOONSHINE, UNALIGNED, WHISPER, likelihood_of_english

ENGLISH = ("librispeech_test_other", "ljspeech", "ravdess", "tess")
SECONDS = 6


def music(seed: int) -> Audio:
    """Return chords, plucked tones, a beat, or a voice-like tone with vibrato."""
    chance = np.random.default_rng(seed)
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    sound = np.zeros(len(time))
    for start in np.arange(0, SECONDS, (0.5, 1.0, 0.25, 0.5)[seed % 4]):
        since = time - start
        held = (since >= 0) & (since < 1)
        pitch = 110 * 2 ** (chance.integers(0, 24) / 12)
        intervals = (0, 4, 7, 12) if seed % 4 == 1 else (0,)
        for interval in intervals:
            vibrato = 0.3 * np.sin(2 * np.pi * 5.5 * since) if seed % 4 == 3 else 0.0
            for harmonic in range(1, 10):
                frequency = harmonic * pitch * 2 ** (interval / 12)
                formant = 1 / (1 + ((frequency - 700) / 150) ** 2) + 0.5 / (1 + ((frequency - 1200) / 150) ** 2)
                strength = formant if seed % 4 == 3 else 1 / harmonic
                decay = np.exp(-(since if seed % 4 == 3 else 4 * since))
                sound += held * strength * decay * np.sin(2 * np.pi * frequency * since + harmonic * vibrato)
        if seed % 4 == 2:
            sound += held * np.exp(-30 * np.maximum(since, 0)) * chance.normal(size=len(time))
    return Audio((0.2 * sound / np.abs(sound).max()).astype(np.float32), SAMPLE_RATE)


def noise(seed: int) -> Audio:
    """Return white to brown noise, steady, swelling or in bursts."""
    chance = np.random.default_rng(1000 + seed)
    length = SECONDS * SAMPLE_RATE
    spectrum = np.fft.rfft(chance.normal(size=length)) / np.maximum(np.arange(length // 2 + 1), 1) ** (0.5 * (seed % 4))
    sound = np.fft.irfft(spectrum)
    if seed % 3:
        sound *= np.repeat(chance.uniform(size=SECONDS * 10) ** (2 * (seed % 3)), SAMPLE_RATE // 10)
    return Audio((0.03 * sound / sound.std()).clip(-1, 1).astype(np.float32), SAMPLE_RATE)


def clips(data: Path) -> Iterator[tuple[str, str, Audio]]:
    """Yield the corpus, the speaker and the sound of every clip."""
    counts = {"ravdess": 160, "tess": 60}
    for corpus in (*ENGLISH, "aishell3"):
        paths = common.sounds(data / corpus)
        for path in random.Random(1).sample(paths, counts.get(corpus, len(paths))):
            parts = path.stem.replace("_", "-").split("-")
            speaker = {"ravdess": parts[-1], "librispeech_test_other": parts[0], "tess": parts[0]}.get(
                corpus, path.stem
            )
            yield corpus, f"{corpus} {speaker}", read_audio(path)
    for seed in range(40):
        yield "music", f"music {seed}", music(seed)
    for seed in range(24):
        yield "noise", f"noise {seed}", noise(seed)


def score(segment: Segment) -> float:
    """Return what the logistic function is of, as `likelihood_of_english` takes it."""
    aligned = any(word.confidence is not None for word in segment.words)
    return math.log(max(segment.confidence or 0.0, 1e-4)) - (0.0 if aligned else UNALIGNED)


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser)
    parser.add_argument("--asr", default="moonshine", help="an engine that hears English only")
    arguments = parser.parse_args()

    engine = common.transcriber(arguments.asr)
    curve = WHISPER if arguments.asr.startswith("whisper") else MOONSHINE
    corpora, speakers, clip_of, scores, seconds = [], [], [], [], []
    heard: dict[str, list[int]] = {}
    for number, (corpus, speaker, audio) in enumerate(clips(arguments.data)):
        segments = common.heard(engine, audio)
        heard.setdefault(corpus, []).append(bool(segments))
        for segment in segments:
            corpora.append(corpus)
            speakers.append(speaker)
            clip_of.append(number)
            scores.append([score(segment)])
            seconds.append(segment.end - segment.start)
    corpus_of, features = np.array(corpora), np.array(scores)
    english = np.isin(corpus_of, ENGLISH)

    def fitted(rows: np.ndarray) -> LogisticRegression:
        weights = np.zeros(len(features))
        for side in (True, False):
            names = sorted(set(corpus_of[rows][english[rows] == side]))
            for name in names:
                chosen = rows[corpus_of[rows] == name]
                weights[chosen] = len(rows) / 2 / len(names) / len(chosen)
        return LogisticRegression(C=1.0).fit(features[rows], english[rows], sample_weight=weights[rows])

    evidence = np.zeros(len(features))
    folds = GroupKFold(5, shuffle=True, random_state=0)
    for train, test in folds.split(features, english, speakers):
        evidence[test] = fitted(train).decision_function(features[test])
    whole = fitted(np.arange(len(features)))
    shipped = [likelihood_of_english(math.exp(value), curve=curve) for (value,) in scores]
    print(f"slope {whole.coef_[0, 0]:.2f}, bias {whole.intercept_[0]:.2f}, threshold {DOUBTFUL}")

    def warned(likelihood: np.ndarray) -> dict[str, int]:
        odds = np.log(likelihood / (1 - likelihood))
        counts = dict.fromkeys(heard, 0)
        for clip in sorted(set(clip_of)):
            rows = np.array(clip_of) == clip
            mean = np.average(odds[rows], weights=np.array(seconds)[rows])
            counts[corpus_of[rows][0]] += int(1 / (1 + math.exp(-mean)) < DOUBTFUL)
        return counts

    unheard = warned(np.clip(1 / (1 + np.exp(-evidence)), 1e-4, 1 - 1e-4))
    constants = warned(np.clip(shipped, 1e-4, 1 - 1e-4))
    common.table(
        ("corpus", "clips", "with text", "warned of by unheard folds", "by the constants of the code"),
        ((name, len(each), sum(each), unheard[name], constants[name]) for name, each in heard.items()),
    )


if __name__ == "__main__":
    main()
