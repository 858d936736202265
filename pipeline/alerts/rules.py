"""Rules: which stretches of a call are alerts. Nothing here reads sound or keeps anything.

An alert begins at a threshold, ends below a lower one (hysteresis), and counts only from a least duration on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pipeline.core.emotions import parse_mood
from pipeline.core.errors import SettingsError
from pipeline.core.options import AlertOptions
from pipeline.core.values import Plain, Segment

__all__ = ["SEVERITIES", "Alert", "AlertFinder", "AlertRule", "Severity", "find_alerts"]

Severity = Literal["low", "medium", "high"]
"""How urgent an alert is."""

SEVERITIES: Final[tuple[Severity, ...]] = ("low", "medium", "high")
"""From the least to the most urgent."""

_SHORTEST: Final = 1.0
"""Seconds of a segment below which it is not judged: the models learned from clips of three to five. Set by hand."""

_PAUSE: Final = 30.0
"""Seconds without a word of the same person after which something new begins; set by hand."""

_LONG: Final = 3.0
"""Times the least duration from which on an alert counts as long; set by hand."""

_DIGITS: Final = 6
"""Digits of seconds and scores that count: sums of binary fractions are a trace more or less than they should be."""

_LONGEST_QUOTE: Final = 100
"""Characters of the words that a reason quotes; set by hand, so that it stays one line."""


@dataclass(frozen=True)
class AlertRule:
    """When something is an alert.

    Raises:
        SettingsError: The end lies above the beginning.
    """

    emotions: tuple[str, ...] = ("angry", "sad")
    """Emotions that are watched for."""
    threshold: float = 0.3
    """Probability of an emotion at which an alert begins, in (0, 1]."""
    release: float = 0.2
    """Probability below which it ends, at most `threshold`."""
    seconds: float = 4.0
    """Seconds of speech from which on it is one."""

    def __post_init__(self) -> None:
        if self.release > self.threshold:
            raise SettingsError(
                f"An alert that begins at {self.threshold:g} cannot end below {self.release:g}.",
                hint="Give --alert-release at most as much as --alert-threshold.",
            )

    @classmethod
    def of(cls, options: AlertOptions) -> AlertRule:
        """Return the rule that options ask for.

        Raises:
            UnknownName: Something that is watched for is no emotion.
            SettingsError: The end lies above the beginning, or nothing is watched for.
        """
        words = [word.strip() for word in options.alert_emotions.split(",") if word.strip()]
        moods = [parse_mood(word) for word in words]
        unknown = next((mood.word for mood in moods if not mood.is_known), "" if moods else "nothing")
        if unknown:
            raise SettingsError(
                f"--alert-emotions cannot be '{unknown}'.", hint="Give emotions of the eight, such as angry,sad."
            )
        emotions = tuple(dict.fromkeys(mood.word for mood in moods))
        return cls(emotions, options.alert_threshold, options.alert_release, options.alert_seconds)


@dataclass(frozen=True)
class Alert(Plain):
    """A stretch of a call in which somebody is angry, sad or whatever is watched for."""

    emotion: str
    """What was heard."""
    speaker: str
    """Who said it; `customer` where nobody else is judged."""
    start: float
    """Seconds from the start of the call."""
    end: float
    """Seconds from the start of the call."""
    seconds: float
    """Seconds of speech in it: pauses and the words of others do not count."""
    score: float
    """Mean probability of the emotion over these seconds, in [0, 1]."""
    severity: Severity
    """How urgent it is."""
    words: str
    """What was said where the emotion is strongest; empty if nothing was understood."""
    ended: bool = True
    """Whether it will not grow any more."""

    @property
    def reason(self) -> str:
        """Why it is an alert, in one line.

        >>> Alert("angry", "customer", 12.0, 19.0, 6.1, 0.82, "medium", "cancel my contract").reason
        'angry 0.82 for 6.1 s: “cancel my contract”'
        """
        words = self.words if len(self.words) <= _LONGEST_QUOTE else f"{self.words[: _LONGEST_QUOTE - 1].rstrip()}…"
        return f"{self.emotion} {self.score:.2f} for {self.seconds:.1f} s" + (f": “{words}”" if words else "")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields and the reason, ready for JSON."""
        return super().to_dict() | {"reason": self.reason}


@dataclass
class _Stretch:
    """Segments of one person in one emotion that follow each other."""

    start: float
    heard: float = 0.0
    """When its speaker was heard last, be it too short to be judged."""
    end: float = 0.0
    _sum: float = 0.0
    weighted: float = 0.0
    """Sum of probabilities, each times its seconds."""
    strongest: float = -1.0
    words: str = ""

    @property
    def seconds(self) -> float:
        return round(self._sum, _DIGITS)

    def add(self, segment: Segment, probability: float) -> None:
        length = segment.end - segment.start
        self.end = segment.end
        self._sum += length
        self.weighted += probability * length
        if probability > self.strongest:
            self.strongest, self.words = probability, " ".join(segment.text.split())


@dataclass
class AlertFinder:
    """Finds the alerts of one call while it goes on.

    Example:
        >>> finder = AlertFinder(AlertRule())  # doctest: +SKIP
        >>> for segment in call:  # doctest: +SKIP
        ...     for alert in finder.add(segment):
        ...         print(alert.reason)
    """

    rule: AlertRule
    _open: dict[tuple[str, str], _Stretch] = field(default_factory=dict)

    def add(self, segment: Segment) -> tuple[Alert, ...]:
        """Add the next segment; return the alerts that it begins, lengthens or ends.

        An alert keeps its speaker, emotion and start; a later one with the same three replaces it.
        A segment without emotion, or a very short one, tells only that its speaker has not fallen silent.

        Args:
            segment: In order of time, as far as one person is concerned.
        """
        scores, speaker = segment.emotion, segment.speaker or ""
        told = [
            alert
            for key, one in list(self._open.items())
            if key[0] == speaker and segment.start - one.heard > _PAUSE
            for alert in self._closed(key)
        ]
        for (who, _), one in self._open.items():
            if who == speaker:
                one.heard = segment.end
        if scores is None or round(segment.end - segment.start, _DIGITS) < _SHORTEST:
            return tuple(told)
        probabilities = dict(zip(scores.labels, scores.probabilities, strict=True))
        for emotion in self.rule.emotions:
            key, probability = (speaker, emotion), probabilities.get(emotion, 0.0)
            stretch = self._open.get(key)
            if stretch and probability < self.rule.release:
                told += self._closed(key)
                stretch = None
            if stretch is None:
                # What the model itself is not sure of begins nothing.
                if probability < self.rule.threshold or scores.unsure:
                    continue
                stretch = self._open[key] = _Stretch(segment.start, segment.end)
            stretch.add(segment, probability)
            if stretch.seconds >= self.rule.seconds:
                told.append(self._alert(key, stretch, ended=False))
        return tuple(told)

    def end(self) -> tuple[Alert, ...]:
        """End the call; return the alerts that end with it."""
        return tuple(alert for key in list(self._open) for alert in self._closed(key))

    def _closed(self, key: tuple[str, str]) -> list[Alert]:
        stretch = self._open.pop(key)
        return [self._alert(key, stretch, ended=True)] if stretch.seconds >= self.rule.seconds else []

    def _alert(self, key: tuple[str, str], stretch: _Stretch, *, ended: bool) -> Alert:
        speaker, emotion = key
        score = round(stretch.weighted / stretch.seconds, _DIGITS)
        return Alert(
            emotion,
            speaker,
            stretch.start,
            stretch.end,
            stretch.seconds,
            score,
            self._severity(score, stretch.seconds),
            stretch.words,
            ended,
        )

    def _severity(self, score: float, seconds: float) -> Severity:
        """Return `medium` for what is strong or long, `high` for what is both."""
        strong = score >= (1 + self.rule.threshold) / 2
        return SEVERITIES[strong + (seconds >= _LONG * self.rule.seconds)]


def find_alerts(segments: Iterable[Segment], rule: AlertRule) -> tuple[Alert, ...]:
    """Return the alerts of a whole call, in order of time.

    Args:
        segments: With emotions, in order of time.
        rule: When something is an alert.
    """
    finder = AlertFinder(rule)
    found = [alert for segment in segments for alert in finder.add(segment)] + list(finder.end())
    return tuple(sorted((alert for alert in found if alert.ended), key=lambda alert: (alert.start, alert.emotion)))
