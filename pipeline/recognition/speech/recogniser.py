"""The shipped emotion recogniser: a checkpoint on ONNX Runtime, and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.core.errors import NoSpeech, UsageError
from pipeline.core.evidence import Explanation, Timeline, Window
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Audio, EmotionScores, Samples
from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech.checkpoint import EMOTION_MEANS, MODEL, SPEAKER, STATISTICS, read_card
from pipeline.recognition.speech.conditioning import Phrase, at_speed, phrases
from pipeline.recognition.speech.explanation import explained
from pipeline.recognition.speech.features import load_features
from pipeline.recognition.speech.features.moonshine import MIN_SAMPLES
from pipeline.recognition.speech.input_quality import SYLLABLE, Conditions
from pipeline.recognition.speech.speaker import SpeakerProfile, profile_of
from pipeline.recognition.speech.timeline import HOP, LENGTH, Windows

__all__ = ["SpeechRecogniser", "create"]

_WAVEFORM: Final = "waveform"
"""Input of a graph that holds the encoder too, as they were written before the encoder had a file of its own."""

_HEARINGS: Final = 3
"""How often a speaker's recordings are judged at most, until the speaker is known."""

_HEARD_AGAIN: Final = 300.0
"""Seconds of speech that are judged more than once."""


class SpeechRecogniser:
    """Tells the emotion of speech, where in a recording it is, and what in the sound tells it.

    Args:
        folder: A checkpoint, as `detect.py train` writes it.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self.card = read_card(folder)
        self.name = self.card.name
        self._session = open_graph(folder / MODEL, threads=threads)
        self._source = next(entry.name for entry in self._session.get_inputs() if entry.name != SPEAKER)
        self._features = None if self._source == _WAVEFORM else load_features(self._source, threads)

    def recognise(self, audio: Audio, *, speaker: SpeakerProfile | None = None) -> EmotionScores:
        """Return the probability of every emotion.

        A long recording is judged phrase by phrase, each weighing as much as it holds speech.

        Args:
            audio: Mono, of any rate, level and length.
            speaker: Who speaks, where that is known.

        Raises:
            NoSpeech: Nobody speaks in it.
            UsageError: The profile was made with another model.
        """
        return self._scores([audio], speaker)

    def beside(self, audio: Audio, neutral: Audio) -> EmotionScores:
        """Return the probability of every emotion but neutral, for a voice whose neutral speech is known.

        How far its neutral speech lies from that of the training speakers is taken away whole: one sound of a known
        emotion says more than many of unknown ones. That a voice may also just have stayed neutral is not asked.

        Args:
            audio: Mono, of any rate, level and length.
            neutral: The same voice in neutral speech.

        Raises:
            NoSpeech: Nobody speaks in one of them.
            UsageError: The checkpoint cannot be told of a speaker.
        """
        heard = [statistics for _, statistics, _ in self._statistics(neutral)]
        if not heard:
            raise _no_speech()
        means = self._emotion_means()
        away = np.mean(heard, axis=0) - means[self.card.labels.index("neutral")]
        scores = self._scores([audio], SpeakerProfile.certain(self.card.sha256, away))
        others = {label: share for label, share in zip(scores.labels, scores.probabilities, strict=True)}
        others.pop("neutral")
        total = sum(others.values()) or 1.0
        return dataclasses.replace(
            scores, labels=tuple(others), probabilities=tuple(share / total for share in others.values())
        )

    def timeline(
        self,
        audio: Audio | Iterable[Audio],
        *,
        speaker: SpeakerProfile | None = None,
        length: float = LENGTH,
        hop: float = HOP,
    ) -> Timeline:
        """Return how the emotion goes through a recording.

        A window with less than half a second of speech is left out: it would tell of a syllable, not of an emotion.

        Args:
            audio: Mono, of any rate and level; or its parts in order, so that a recording of any length fits.
            speaker: Who speaks, where that is known.
            length: Seconds of a window; the models were trained on clips of two to four.
            hop: Seconds from one window to the next.

        Raises:
            NoSpeech: Nobody speaks in it.
            UsageError: The profile was made with another model.
        """

        def judge(cut: Audio) -> NDArray[np.float64] | None:
            heard = [(phrase.speech, self.probabilities(phrase.samples, speaker)) for phrase in phrases(cut)]
            return _mean(heard) if sum(speech for speech, _ in heard) >= SYLLABLE else None

        cutter = Windows(judge, self.card.labels, length=length, hop=hop)
        found: list[Window] = []

        def watched() -> Iterator[Audio]:
            for part in [audio] if isinstance(audio, Audio) else audio:
                found.extend(cutter.add(part))
                yield part

        scores = self._scores(watched(), speaker)
        return Timeline(scores, (*found, *cutter.end()))

    def explain(self, audio: Audio, *, speaker: SpeakerProfile | None = None) -> Explanation:
        """Return which seconds and which frequencies of a recording moved the answer.

        Args:
            audio: Mono, of any rate, level and length; it costs about twenty times what `recognise` does.
            speaker: Who speaks, where that is known.

        Raises:
            NoSpeech: Nobody speaks in it.
            UsageError: The profile was made with another model.
        """
        found = explained(phrases(audio), lambda samples: self.probabilities(samples, speaker), self.card.labels)
        if found is None:
            raise _no_speech()
        return found

    def phrases(self, audio: Audio) -> tuple[tuple[float, float], ...]:
        """Return where in a recording somebody speaks: (start, end) in seconds of each phrase that is judged."""
        return tuple((phrase.start, phrase.end) for phrase in phrases(audio))

    def profile(self, recordings: Iterable[Audio]) -> SpeakerProfile:
        """Return what is to be known of the one person who speaks in all of some recordings.

        A voice unlike those of the training speakers may seem to have one emotion only. Once that is known it seems so
        less, and then more is known of the voice: so the first minutes are judged again, knowing what was found.

        Args:
            recordings: Mono, in any emotions, which nobody needs to tell; those without speech are left out.

        Raises:
            NoSpeech: Nobody speaks in any of them.
            UsageError: The checkpoint cannot be told of a speaker.
        """
        statistics, probabilities = [], []
        again: list[list[tuple[float, Samples]]] = []
        seconds = 0.0
        for audio in recordings:
            heard = list(self._statistics(audio))
            if not heard:
                continue
            statistics.append(_mean([(phrase.speech, own) for phrase, own, _ in heard]))
            probabilities.append(_mean([(phrase.speech, answer) for phrase, _, answer in heard]))
            kept = []
            for phrase, _, _ in heard:
                if seconds < _HEARD_AGAIN:
                    kept.append((phrase.speech, phrase.samples))
                    seconds += phrase.speech
            if kept:
                again.append(kept)
        if not statistics:
            raise _no_speech()
        means = self._emotion_means()
        profile = profile_of(self.card.sha256, statistics, probabilities, means)
        for _ in range(_HEARINGS - 1):
            probabilities = [
                _mean([(speech, self.probabilities(samples, profile)) for speech, samples in heard]) for heard in again
            ]
            known, profile = profile, profile_of(self.card.sha256, statistics, probabilities, means)
            if np.array_equal(known.mean, profile.mean):
                break  # Another hearing would find the same again.
        return profile

    @property
    def knows_speakers(self) -> bool:
        """Whether the checkpoint can be told who speaks."""
        return "emotion_means" in {entry.name for entry in self._session.get_outputs()}

    def probabilities(self, samples: Samples, speaker: SpeakerProfile | None = None) -> NDArray[np.float64]:
        """Return the probabilities, (labels,), of one conditioned phrase, float32 (time,) at 16 kHz.

        Raises:
            UsageError: The profile was made with another model.
        """
        if speaker is not None:
            speaker.check(self.card.sha256)
        return self._calibrated(self._heard(["logits"], samples, speaker)[0])

    def _statistics(self, audio: Audio) -> Iterator[tuple[Phrase, NDArray[np.float64], NDArray[np.float64]]]:
        """Yield each phrase, its statistics (size,) and its probabilities (labels,), its speaker unknown.

        Raises:
            UsageError: The checkpoint cannot be told of a speaker.
        """
        if not self.knows_speakers:
            raise UsageError(
                f"The model {self.name} cannot be told of a speaker.", hint="Take the default one, or train it anew."
            )
        for phrase in phrases(audio):
            own, logits = self._heard([STATISTICS, "logits"], phrase.samples)
            yield phrase, own, self._calibrated(logits)

    def _emotion_means(self) -> NDArray[np.float32]:
        silence = np.zeros(MIN_SAMPLES, np.float32)  # They are a constant of the graph.
        means: NDArray[np.float32] = self._run([EMOTION_MEANS], silence)[0]
        return means

    def _heard(
        self, outputs: Sequence[str], samples: Samples, speaker: SpeakerProfile | None = None
    ) -> list[NDArray[np.float64]]:
        """Return what the graph says of a phrase, each output the mean over the speeds at which it is heard."""
        runs = [self._run(outputs, at_speed(samples, speed), speaker) for speed in self.card.speeds]
        return [np.mean([run[index][0] for run in runs], axis=0, dtype=np.float64) for index in range(len(outputs))]

    def _run(
        self, outputs: Sequence[str], samples: Samples, speaker: SpeakerProfile | None = None
    ) -> list[NDArray[np.float32]]:
        """Return what the graph says of a sound, float32 (time,) at 16 kHz."""
        known = {} if speaker is None else {SPEAKER: speaker.offset[np.newaxis]}
        heard = self._features(samples) if self._features else samples
        found: list[NDArray[np.float32]] = self._session.run(list(outputs), {self._source: heard[np.newaxis]} | known)
        return found

    def _calibrated(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        return softmax(logits, self.card.temperature)

    def _scores(self, parts: Iterable[Audio], speaker: SpeakerProfile | None) -> EmotionScores:
        total = np.zeros(len(self.card.labels))
        conditions = Conditions()
        seconds = 0.0
        for part in parts:
            seconds += part.duration
            for phrase in phrases(resampled(part, SAMPLE_RATE)):
                total += phrase.speech * self.probabilities(phrase.samples, speaker)
                conditions.add(phrase)
        if not total.any():
            raise _no_speech()
        return EmotionScores(
            labels=self.card.labels,
            probabilities=tuple((total / total.sum()).tolist()),
            model=self.name,
            calibrated=self.card.calibrated,
            unsure_below=self.card.unsure_below,
            warnings=conditions.warnings(seconds),
        )


def create(*, threads: int = 0, device: str = "auto", language: str = "") -> SpeechRecogniser:
    """Load the shipped checkpoint; it runs on the processor whatever device is asked for, and hears any language.

    Raises:
        WeightsMissing: This installation lacks the checkpoint.
    """
    return SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=threads)


def _mean(weighted: Sequence[tuple[float, NDArray[Any]]]) -> NDArray[np.float64]:
    """Return the mean of arrays that weigh differently."""
    shares = np.array([weight for weight, _ in weighted])
    return np.asarray(shares @ np.array([values for _, values in weighted], np.float64) / shares.sum())


def _no_speech() -> NoSpeech:
    return NoSpeech(
        "No speech was found in the recording.", hint="Is it silent, only noise or music, or cut too short?"
    )
