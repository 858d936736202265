"""Timelines: the emotion of overlapping windows, smoothed so that it does not flicker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import SpeechActivity
from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.core.timeline import Window
from pipeline.core.values import Audio

__all__ = ["HOP", "LENGTH", "Judge", "Windows"]

LENGTH: Final = 3.0
"""Seconds per window: the length of the clips that the models were trained on."""

HOP: Final = 1.0
"""Seconds from one window to the next."""

_MARGIN: Final = 0.2
"""Lead in probability at which a new emotion takes over at once; set by hand, checked by `benchmarks/timeline.py`."""

_PATIENCE: Final = 2
"""Windows in a row that a new emotion must lead to take over; set by hand, checked by `benchmarks/timeline.py`."""

Judge = Callable[[Audio, SpeechActivity], NDArray[np.float64] | None]
"""Returns the probabilities, (labels,), of a sound and its speech activity; None if nobody is likely to speak."""


class Windows:
    """Cuts a recording into windows and judges them while it comes in.

    No more than a part and a window are kept, so memory does not grow with the recording.
    The last window may be shorter, so that no sound is left out.

    Args:
        judge: Returns the probabilities of a window.
        labels: Emotions, in the order of the probabilities.
        length: Seconds of a window.
        hop: Seconds from one window to the next.
    """

    def __init__(self, judge: Judge, labels: Sequence[str], *, length: float = LENGTH, hop: float = HOP) -> None:
        self._judge = judge
        self._labels = labels
        self._length, self._hop = round(length * SAMPLE_RATE), round(hop * SAMPLE_RATE)
        self._held = Audio(np.zeros(0, np.float32), SAMPLE_RATE)
        self._activity = SpeechActivity(np.zeros(0, np.float32), 0.0)
        self._start = 0
        self._label = _Held()

    def add(self, part: Audio, activity: SpeechActivity) -> list[Window]:
        """Return the windows that the next part completes and in which somebody speaks.

        Args:
            part: Mono, 16 kHz, a whole number of the frames of its activity unless it is the last part.
            activity: How likely somebody speaks at each moment of the part.
        """
        self._held = Audio(np.concatenate([self._held.samples, part.samples]), SAMPLE_RATE)
        self._activity = self._activity.joined(activity)
        found = []
        first = 0
        while len(self._held.samples) - first >= self._length:
            found += self._window(first, first + self._length)
            first += self._hop
        begin = first / SAMPLE_RATE
        self._held, self._activity = (
            Audio(self._held.samples[first:].copy(), SAMPLE_RATE),
            self._activity.slice(begin, self._activity.duration),
        )
        self._start += first
        return found

    def end(self) -> list[Window]:
        """Return the window of the remaining sound, unless the window before covers it."""
        covered = self._length - self._hop if self._start else 0
        left = len(self._held.samples)
        return self._window(0, left) if left > covered else []

    def _window(self, first: int, last: int) -> list[Window]:
        start, end = first / SAMPLE_RATE, last / SAMPLE_RATE
        sound = Audio(self._held.samples[first:last], SAMPLE_RATE)
        probabilities = self._judge(sound, self._activity.slice(start, end))
        if probabilities is None:
            self._label.forget()
            return []
        return [
            Window(
                start=(self._start + first) / SAMPLE_RATE,
                end=(self._start + last) / SAMPLE_RATE,
                emotion=self._labels[self._label(probabilities)],
                probabilities=dict(zip(self._labels, probabilities.tolist(), strict=True)),
            )
        ]


class _Held:
    """The current emotion; another one takes over if it leads clearly, or in two windows in a row.

    On joined clips of different emotions this avoids a tenth of the changes,
    and 80.5 % of the windows are right instead of 79.2 % (`benchmarks/timeline.py`).
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start again, as after a pause."""
        self._label: int | None = None
        self._leader, self._led = -1, 0

    def __call__(self, probabilities: NDArray[np.float64]) -> int:
        leader = int(probabilities.argmax())
        self._led = self._led + 1 if leader == self._leader else 1
        self._leader = leader
        if (
            self._label is None
            or self._led >= _PATIENCE
            or probabilities[leader] - probabilities[self._label] > _MARGIN
        ):
            self._label = leader
        return self._label
