"""How often each warning is given, rightly and falsely: clean clips, and the same clips spoiled on purpose.

python benchmarks/unusual.py ../shared/data
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import common
import numpy as np
import soxr

from pipeline.audio import read_audio
from pipeline.core.values import Audio
from pipeline.recognition.speech.conditioning import phrases
from pipeline.recognition.speech.input_quality import InputQuality
from pipeline.training.speech.augmentation import add_noise, band_limited

CLIPS = 60
CORPORA = {
    "RAVDESS": "ravdess",
    "TESS": "tess",
    "LibriSpeech": "librispeech_test_other",
    "LJSpeech": "ljspeech",
}
WORDS = {"short": "too short", "silence": "of the recording", "clipped": "clipped", "band": "kHz", "noise": "noise"}
random = np.random.default_rng(0)


def chords(length: int) -> np.ndarray:
    """Return plucked chords, two a second."""
    time = np.arange(length) / 16000
    sound = np.zeros(length)
    for start in range(0, length, 8000):
        part = slice(start, start + 8000)
        root = random.choice([110, 131, 147, 165, 196])
        for note in (1, 1.26, 1.5, 2):
            for harmonic in range(1, 8):
                tone = np.sin(2 * np.pi * root * note * harmonic * time[part]) / harmonic
                sound[part] += tone * np.exp(-2 * (time[part] - time[start]))
    return sound.astype(np.float32)


def clipped(samples: np.ndarray, decibels: float, rate: int = 16000) -> np.ndarray:
    """Return the sound with peaks cut off some decibels below the highest, at a rate."""
    fast = soxr.resample(samples, 16000, rate)
    most = np.abs(fast).max() * 10 ** (-decibels / 20)
    return soxr.resample(np.clip(fast, -most, most), rate, 16000)


def with_chords(samples: np.ndarray, decibels: float) -> np.ndarray:
    music = chords(len(samples))
    return samples + music * np.sqrt(np.mean(samples**2) / np.mean(music**2)) * 10 ** (-decibels / 20)


def with_silence(samples: np.ndarray) -> np.ndarray:
    return np.concatenate([samples, 1e-4 * random.standard_normal(20 * len(samples))])


def syllable(samples: np.ndarray) -> np.ndarray:
    middle = len(samples) // 2
    return samples[middle - 3200 : middle + 3200]


SPOILED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "clean": lambda samples: samples,
    "0.4 s": syllable,
    "20 times its length of silence": with_silence,
    "clipped by 6 dB": lambda samples: clipped(samples, 6),
    "clipped by 12 dB": lambda samples: clipped(samples, 12),
    "clipped by 12 dB at 48 kHz": lambda samples: clipped(samples, 12, 48000),
    "8 kHz rate": lambda samples: soxr.resample(soxr.resample(samples, 16000, 8000), 8000, 16000),
    "300-3400 Hz": lambda samples: band_limited(samples, 300, 3400),
    "white noise 20 dB": lambda samples: add_noise(samples, random, 20),
    "white noise 10 dB": lambda samples: add_noise(samples, random, 10),
    "pink noise 10 dB": lambda samples: add_noise(samples, random, 10, -1),
    "chords 10 dB": lambda samples: with_chords(samples, 10),
    "chords 5 dB": lambda samples: with_chords(samples, 5),
}


def warnings(samples: np.ndarray) -> tuple[str, ...] | None:
    quality = InputQuality()
    audio = Audio(samples.astype(np.float32), 16000)
    found = list(phrases(audio))
    for phrase in found:
        quality.add(phrase)
    return quality.warnings(audio.duration) if found else None


def rows(data: Path) -> Iterator[tuple[object, ...]]:
    for corpus, name in CORPORA.items():
        files = common.sounds(data / name)
        clips = [read_audio(file).samples[: 8 * 16000] for file in files[:: max(1, len(files) // CLIPS)][:CLIPS]]
        for spoiled, spoil in SPOILED.items():
            given = [found for found in map(warnings, map(spoil, clips)) if found is not None]
            shares = [np.mean([any(word in text for text in found) for found in given]) for word in WORDS.values()]
            yield corpus, spoiled, len(given), *(f"{share:.0%}" for share in shares)


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser, positional=True)
    common.table(("corpus", "spoiled by", "clips", *WORDS), rows(parser.parse_args().data))


if __name__ == "__main__":
    main()
