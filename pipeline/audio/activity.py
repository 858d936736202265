"""Speech activity: when somebody speaks in a sound, by Silero's detector on ONNX Runtime."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.loudness import LISTENING_LEVEL, level
from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Audio, Samples

__all__ = [
    "ACTIVITY",
    "FRAME_SAMPLES",
    "FRAME_SECONDS",
    "MEMORY",
    "WINDOW",
    "SpeechActivity",
    "SpeechDetector",
    "SpeechRuns",
    "channels_with_activity",
    "detect_speech",
    "listening_gain",
    "parts_with_activity",
]

ACTIVITY: Final = ("checkpoints", "activity", "model.onnx")
"""Path of the network in the project."""

FRAME_SAMPLES: Final = 512
"""Samples at 16 kHz per probability, as the network was trained."""
FRAME_SECONDS: Final = FRAME_SAMPLES / SAMPLE_RATE
"""Seconds per probability."""

_CONTEXT: Final = 64
"""Samples before a frame that the network sees with it, as it was trained."""

WINDOW: Final = _CONTEXT + FRAME_SAMPLES
"""Samples that the network sees for a frame: those just before it, and its own."""

MEMORY: Final = 128
"""Size of each of the two states of the recurrent network."""

_HYSTERESIS: Final = 0.15
"""Probability by which speech may fall below the threshold before it ends, as Silero's own package does."""

_CERTAINTY: Final = 17.6
"""Slope of the likelihood of speech over the strength of its activity; fitted by `benchmarks/non_speech.py`."""

_CENTRE: Final = 0.67
"""Strength at which a sound is as likely speech as not, where 19 of 20 recordings are speech; fitted by
`benchmarks/non_speech.py`."""

_ROUNDING: Final = 1e-6
"""Frames by which rounding may move a time off the edge of a frame; far less than a sample."""

_BLOCK: Final = 256 * FRAME_SAMPLES
"""Samples that go through the network at once: bounds the memory, for the windows overlap and are copied."""


class SpeechDetector:
    """Tells how likely somebody speaks, frame by frame; it keeps its state from one call to the next."""

    def __init__(self) -> None:
        self._memory = [np.zeros((1, 1, MEMORY), np.float32)] * 2
        self._before = np.zeros(_CONTEXT, np.float32)

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return how likely it is that somebody speaks in the next piece of sound.

        Args:
            samples: float32, shape (time,), at 16 kHz; the last frame is filled up with silence.

        Returns:
            float32, shape (frames,), in [0, 1].
        """
        frames = math.ceil(len(samples) / FRAME_SAMPLES)
        if not frames:
            return np.zeros(0, np.float32)
        sound = np.zeros(_CONTEXT + frames * FRAME_SAMPLES, np.float32)
        sound[:_CONTEXT] = self._before
        sound[_CONTEXT : _CONTEXT + len(samples)] = samples
        self._before = sound[-_CONTEXT:]
        windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::FRAME_SAMPLES]
        hidden, cell = self._memory
        probability: NDArray[np.float32]
        probability, *self._memory = _session().run(None, {"windows": windows, "hidden": hidden, "cell": cell})
        return probability


@functools.cache
def _session() -> Any:
    """Load the network once per process; several threads may run it, because each detector keeps its own state."""
    return open_graph(bundled(*ACTIVITY))


@dataclass(frozen=True, eq=False)
class SpeechActivity:
    """How likely somebody speaks at each moment of a sound."""

    probability: NDArray[np.float32]
    """float32, shape (frames,), in [0, 1], one for every 32 ms."""
    duration: float
    """Seconds of the sound."""
    offset: float = 0.0
    """Seconds from the start of the sound to the first frame: 0, or up to a frame less."""

    @property
    def strength(self) -> float:
        """Mean of the higher half of the probabilities, in [0, 1]: pauses and edges do not count; 0 for no sound."""
        higher = np.sort(self.probability)[len(self.probability) // 2 :]
        return float(higher.mean()) if len(higher) else 0.0

    @property
    def likelihood(self) -> float:
        """How likely it is that this is speech at all, in [0, 1].

        A single moment that resembles speech is found in many sounds: hums, bells, barks.
        """
        return 1 / (1 + math.exp(-_CERTAINTY * (self.strength - _CENTRE)))

    def slice(self, start: float, end: float) -> SpeechActivity:
        """Return the activity between two times in seconds, as `Audio.slice` cuts the sound."""
        start, end = max(0.0, start), min(end, self.duration)
        first = max(0, math.floor((start - self.offset) / FRAME_SECONDS + _ROUNDING))
        last = max(first, math.ceil((end - self.offset) / FRAME_SECONDS - _ROUNDING))
        return SpeechActivity(
            self.probability[first:last], max(0.0, end - start), self.offset + first * FRAME_SECONDS - start
        )

    def joined(self, following: SpeechActivity) -> SpeechActivity:
        """Return this activity followed by that of the next sound; this sound must end with a whole frame."""
        probability = np.concatenate([self.probability, following.probability])
        return SpeechActivity(probability, self.duration + following.duration, self.offset)

    def spans(
        self,
        *,
        threshold: float = 0.4,
        minimum_speech: float = 0.1,
        minimum_silence: float = 0.3,
        padding: float = 0.1,
    ) -> tuple[tuple[float, float], ...]:
        """Return the spans of time in which somebody speaks.

        Speech begins at a frame of at least `threshold`, and ends where the probability
        stays more than 0.15 below it for `minimum_silence`.

        Args:
            threshold: Probability in [0, 1] at which speech begins.
            minimum_speech: Seconds; anything shorter is not speech.
            minimum_silence: Seconds; a shorter pause does not end a span.
            padding: Seconds added at both ends; if two spans would meet, each gets half of the pause.

        Returns:
            (start, end) in seconds from the start of the sound, in order, without overlap; none if nobody speaks.
        """
        runs = SpeechRuns(threshold=threshold, minimum_speech=minimum_speech, minimum_silence=minimum_silence)
        runs.add(self.probability)
        spans = [
            (
                max(0.0, self.offset + first * FRAME_SECONDS),
                min(self.offset + last * FRAME_SECONDS, self.duration),
            )
            for first, last in runs.known()
        ]
        padded = []
        for index, (start, end) in enumerate(spans):
            earliest = (spans[index - 1][1] + start) / 2 if index else 0.0
            latest = (end + spans[index + 1][0]) / 2 if index + 1 < len(spans) else self.duration
            padded.append((max(start - padding, earliest), min(end + padding, latest)))
        return tuple(padded)


def detect_speech(audio: Audio, detector: SpeechDetector | None = None) -> SpeechActivity:
    """Return how likely somebody speaks at each moment of a sound.

    The sound is brought to one level first, because the detector misses quiet speech (at -40 dB all of it).

    Args:
        audio: Mono, of any length; other rates than 16 kHz are resampled.
        detector: The one that took the preceding sound, a whole number of frames; a new one by default.
    """
    audio = resampled(audio)
    detector = detector or SpeechDetector()
    factor = np.float32(listening_gain(audio))
    if not factor:
        return SpeechActivity(np.zeros(math.ceil(len(audio.samples) / FRAME_SAMPLES), np.float32), audio.duration)
    blocks = (audio.samples[start : start + _BLOCK] for start in range(0, len(audio.samples), _BLOCK))
    return SpeechActivity(np.concatenate([detector(block * factor) for block in blocks]), audio.duration)


def parts_with_activity(parts: Iterable[Audio]) -> Iterator[tuple[Audio, SpeechActivity]]:
    """Yield a recording part by part with its speech activity: the only search for speech that it needs.

    Each part is brought to one level for the detector, so parts should last minutes.

    Args:
        parts: Consecutive parts of a recording, mono; other rates than 16 kHz are resampled.

    Yields:
        A part at 16 kHz and its activity; every part but the last has a whole number of frames.
    """
    for (pair,) in channels_with_activity((part,) for part in parts):
        yield pair


def channels_with_activity(parts: Iterable[Sequence[Audio]]) -> Iterator[list[tuple[Audio, SpeechActivity]]]:
    """Yield a recording part by part, each of its channels with its own speech activity.

    Args:
        parts: Consecutive parts of a recording: one sound for each channel, all of one length, as
            `parts_with_activity` takes them.

    Yields:
        Each channel of a part at 16 kHz and its activity, as `parts_with_activity` yields them.
    """
    detectors: list[SpeechDetector] = []
    waiting: list[Samples] = []
    for part in parts:
        detectors = detectors or [SpeechDetector() for _ in part]
        waiting = waiting or [np.zeros(0, np.float32) for _ in part]
        joined = [np.concatenate([before, resampled(one).samples]) for before, one in zip(waiting, part, strict=True)]
        whole = len(joined[0]) // FRAME_SAMPLES * FRAME_SAMPLES
        waiting = [samples[whole:] for samples in joined]
        if whole:
            yield _with_activity([samples[:whole] for samples in joined], detectors)
    if waiting and len(waiting[0]):
        yield _with_activity(waiting, detectors)


def _with_activity(
    channels: Sequence[Samples], detectors: Sequence[SpeechDetector]
) -> list[tuple[Audio, SpeechActivity]]:
    sounds = [Audio(samples, SAMPLE_RATE) for samples in channels]
    return [(sound, detect_speech(sound, detector)) for sound, detector in zip(sounds, detectors, strict=True)]


def listening_gain(audio: Audio) -> float:
    """Return the factor that brings a sound to the level that the detector needs; 0 for digital silence."""
    decibel = LISTENING_LEVEL - level(audio.samples)
    return 10 ** (decibel / 20) if math.isfinite(decibel) else 0.0


class SpeechRuns:
    """Stretches of speech in a stream of probabilities, each as (first frame, frame after the last).

    Args:
        threshold: Probability in [0, 1] at which speech begins.
        minimum_speech: Seconds; anything shorter is not speech.
        minimum_silence: Seconds; a shorter pause does not end a stretch.
    """

    def __init__(self, *, threshold: float, minimum_speech: float = 0.1, minimum_silence: float = 0.3) -> None:
        self.first: int | None = None
        """First frame of the current stretch, however short that is; None outside speech."""
        self._threshold = threshold
        self._shortest = minimum_speech / FRAME_SECONDS
        self._pause = max(1, round(minimum_silence / FRAME_SECONDS))
        self._last = 0
        self._frame = 0
        self._closed: list[tuple[int, int]] = []

    def add(self, probability: NDArray[np.float32]) -> None:
        """Add the probabilities of speech, (frames,), of the next frames."""
        for value in probability.tolist():
            if self.first is None and value >= self._threshold:
                self.first = self._frame
            self._frame += 1
            if self.first is None:
                continue
            if value >= self._threshold - _HYSTERESIS:
                self._last = self._frame
            elif self._frame - self._last >= self._pause:
                self.close()

    def close(self) -> None:
        """End the current stretch."""
        self._closed = self.known()
        self.first = None

    def known(self) -> list[tuple[int, int]]:
        """Return the stretches that are long enough to be speech; the last one may not be over yet."""
        if self.first is None or self._last - self.first < self._shortest:
            return self._closed
        return [*self._closed, (self.first, self._last)]

    def forget(self, seconds: float) -> None:
        """Drop the stretches that end by that time."""
        self._closed = [run for run in self._closed if run[1] * FRAME_SECONDS > seconds]
