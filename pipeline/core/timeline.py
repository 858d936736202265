"""How the emotion changes through a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.core.dimensions import dimensions_of
from pipeline.core.values import EmotionScores, Plain, plain

__all__ = ["Timeline", "Window"]


@dataclass(frozen=True)
class Window(Plain):
    """A few seconds of a recording, judged on their own."""

    start: float
    """Seconds from the start of the recording."""
    end: float
    """Seconds from the start of the recording."""
    emotion: str
    """The emotion of the window; smoothed over time, so that it does not flicker."""
    probabilities: dict[str, float]
    """Emotion to probability, each in [0, 1]; they sum to 1."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON, and valence, arousal and dominance."""
        found = dimensions_of(tuple(self.probabilities), tuple(self.probabilities.values()))
        return super().to_dict() | {"dimensions": plain(found)}


@dataclass(frozen=True)
class Timeline:
    """How the emotion changes through a recording."""

    scores: EmotionScores
    """How likely each emotion is over the whole recording."""
    windows: tuple[Window, ...]
    """In order of time, overlapping; windows with hardly any speech are left out."""

    def stretches(self) -> list[Window]:
        """Return consecutive windows of one emotion merged into stretches, with their mean probabilities.

        Windows overlap, stretches do not: at a change of emotion the border is in the middle of the overlap.
        """
        runs: list[list[Window]] = []
        for window in self.windows:
            if runs and runs[-1][-1].emotion == window.emotion and window.start <= runs[-1][-1].end:
                runs[-1].append(window)
            else:
                runs.append([window])
        found: list[Window] = []
        for run in runs:
            start, end = run[0].start, run[-1].end
            if found and start < found[-1].end:
                start = (start + found[-1].end) / 2
                last = found[-1]
                found[-1] = Window(last.start, start, last.emotion, last.probabilities)
            mean = {
                label: sum(window.probabilities[label] for window in run) / len(run) for label in run[0].probabilities
            }
            found.append(Window(start, end, run[0].emotion, mean))
        return found
