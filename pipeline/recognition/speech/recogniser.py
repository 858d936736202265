"""The emotion recogniser: a checkpoint on ONNX Runtime."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import SpeechActivity, detect_speech
from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.core.errors import NoSpeech, UsageError
from pipeline.core.explanation import Explanation
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.timeline import Timeline, Window
from pipeline.core.values import Audio, EmotionScores, Samples
from pipeline.recognition import COMPARISON, EXPLANATION, TIMELINE, TOGETHER
from pipeline.recognition import SPEAKER as KNOWS_SPEAKER
from pipeline.recognition.calibration import softmax
from pipeline.recognition.checkpoint import EMOTION_MEANS, MODEL, SPEAKER, STATISTICS, Card, read_card
from pipeline.recognition.speech.conditioning import at_speed, phrases, whole
from pipeline.recognition.speech.explanation import explained
from pipeline.recognition.speech.features import FEATURES, Features, load_features
from pipeline.recognition.speech.features.moonshine import MIN_SAMPLES
from pipeline.recognition.speech.input_quality import HARDLY, SYLLABLE, InputQuality
from pipeline.recognition.speech.pooling import Pool
from pipeline.recognition.speech.speaker import SpeakerProfile, judged_together, log_odds, plain_odds, profile_of
from pipeline.recognition.speech.timeline import HOP, LENGTH, Windows

__all__ = ["EmotionStream", "SpeechRecogniser", "create"]

_WAVEFORM: Final = "waveform"
"""Input of a graph that takes sound: a fine-tuned encoder, or a checkpoint that still contains its encoder."""


class SpeechRecogniser:
    """Recognises the emotion of speech, its course through a recording, and what in the sound decides it.

    The inputs of a checkpoint's graph are named after the features that it takes.
    A model of the usual recipe, which keeps level and silence, gets the whole recording as it is.

    Args:
        folder: A checkpoint, as `detect.py train` writes it.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint.
        EngineMissing: The package that computes its features is not installed.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self.card = read_card(folder)
        self.name = self.card.name
        self._session = open_graph(folder / MODEL, threads=threads)
        inputs = [entry.name for entry in self._session.get_inputs() if entry.name != SPEAKER]
        self._features = {name: load_features(name, threads) for name in inputs if name != _WAVEFORM}
        self._hears_sound = _WAVEFORM in inputs
        self._conditioned = all(features.conditioned for features in self._features.values())
        self._centres = EMOTION_MEANS in {entry.name for entry in self._session.get_outputs()}
        self.capabilities = frozenset(
            ({EXPLANATION, TIMELINE} if self._conditioned else set())
            | ({KNOWS_SPEAKER, TOGETHER} if self.knows_speakers else set())
            | ({COMPARISON} if self.knows_speakers or self._centres else set())
        )

    def recognise(
        self, audio: Audio, *, activity: SpeechActivity | None = None, speaker: SpeakerProfile | None = None
    ) -> EmotionScores:
        """Return the probability of every emotion.

        A long recording is judged phrase by phrase, weighted by the seconds of speech.

        Args:
            audio: Mono, of any rate, level and length.
            activity: How likely somebody speaks at each moment of the sound; detected by default.
            speaker: Profile of the speaker, if known.

        Raises:
            NoSpeech: Nobody speaks in it.
            UsageError: The profile belongs to another model.
        """
        stream = self.stream(speaker=speaker)
        stream.add(audio, activity)
        scores = stream.scores()
        if self._conditioned:
            return scores
        # The phrases gave the warnings and showed that somebody speaks; the answer is that for the whole.
        found = stream.pool.doubted(self.probabilities(whole(audio, levelled=False).samples))
        return dataclasses.replace(scores, probabilities=tuple(found.tolist()))

    def stream(
        self,
        *,
        speaker: SpeakerProfile | None = None,
        timeline: bool = False,
        length: float = LENGTH,
        hop: float = HOP,
    ) -> EmotionStream:
        """Start the analysis of a recording that comes part by part; memory does not grow with its length.

        Args:
            speaker: Profile of the speaker, if known.
            timeline: Whether to judge windows as well.
            length: Seconds of a window; the models were trained on clips of two to four.
            hop: Seconds from one window to the next.

        Raises:
            UsageError: The profile belongs to another model.
        """

        def answer(samples: Samples) -> NDArray[np.float64]:
            return self.probabilities(samples, speaker)

        def judge(cut: Audio, activity: SpeechActivity) -> NDArray[np.float64] | None:
            heard, pool = list(phrases(cut, activity)), Pool()
            # A window with less speech is too short to judge an emotion; one that is likelier no speech has none.
            if sum(phrase.speech for phrase in heard) < SYLLABLE:
                return None
            for phrase in heard:
                pool.add(phrase, answer(phrase.samples))
            return pool.answer if pool.likelihood >= HARDLY else None

        windows = Windows(judge, self.card.labels, length=length, hop=hop) if timeline else None
        return EmotionStream(self.card, answer, windows)

    def score_against_neutral(
        self,
        audio: Audio,
        neutral: Audio,
        *,
        activity: SpeechActivity | None = None,
        neutral_activity: SpeechActivity | None = None,
    ) -> EmotionScores:
        """Return the probability of every emotion except neutral, for a voice whose neutral speech is known.

        The distance of its neutral speech from that of the training speakers is subtracted in full, because one sound
        of a known emotion says more than many of unknown ones. Neutral itself is not among the answers.

        Args:
            audio: Mono, of any rate, level and length.
            neutral: The same voice in neutral speech.
            activity: How likely somebody speaks at each moment of `audio`; detected by default.
            neutral_activity: As `activity`, of `neutral`.

        Raises:
            NoSpeech: Nobody speaks in one of them.
            UsageError: The checkpoint takes no speaker profile.
        """
        heard = [phrase.samples for phrase in phrases(neutral, neutral_activity)]
        if not heard:
            raise _no_speech()
        stream = EmotionStream(self.card, self._beside(heard), None)
        # It is this voice, however unlike a voice it sounds: the detector knows few as high as a frightened child's.
        stream.add(audio, activity, doubted=False)
        scores = stream.scores()
        shares = zip(scores.labels, scores.probabilities, strict=True)
        others = {label: share for label, share in shares if label != "neutral"}
        total = sum(others.values()) or 1.0
        return dataclasses.replace(
            scores, labels=tuple(others), probabilities=tuple(share / total for share in others.values())
        )

    def explain(
        self, audio: Audio, *, activity: SpeechActivity | None = None, speaker: SpeakerProfile | None = None
    ) -> Explanation:
        """Return which seconds and which frequencies of a recording decided the answer.

        Args:
            audio: Mono, of any rate, level and length; it costs about twenty times what `recognise` does.
            activity: How likely somebody speaks at each moment of the sound; detected by default.
            speaker: Profile of the speaker, if known.

        Raises:
            NoSpeech: Nobody speaks in it.
            UsageError: The profile belongs to another model.
        """
        found = explained(
            phrases(audio, activity), lambda samples: self.probabilities(samples, speaker), self.card.labels
        )
        if found is None:
            raise _no_speech()
        return found

    def profile(self, recordings: Iterable[Audio]) -> SpeakerProfile:
        """Return the profile of the one speaker in some recordings.

        Args:
            recordings: Mono, with any emotions, which need not be known; those without speech are left out.

        Raises:
            NoSpeech: Nobody speaks in any of them.
            UsageError: The checkpoint takes no speaker profile.
        """
        self._require_speakers()
        heard = []
        for audio in recordings:
            found = [(phrase.weight, self.probabilities(phrase.samples)) for phrase in phrases(audio)]
            if found:
                heard.append(_mean(found))
        if not heard:
            raise _no_speech()
        return profile_of(self.card.sha256, heard)

    def judge_together(self, scores: Sequence[EmotionScores], *, most: float = np.inf) -> tuple[EmotionScores, ...]:
        """Return answers for recordings of one speaker, each judged again knowing the others.

        Args:
            scores: What `recognise` answered for each, for an unknown speaker.
            most: More recordings than these say no more of the speaker.

        Raises:
            UsageError: The checkpoint knows nothing of speakers.
        """
        self._require_speakers()
        if len(scores) < 2:
            return tuple(scores)
        found = judged_together(np.array([each.probabilities for each in scores]), most, self.card.known_gain)
        return tuple(
            dataclasses.replace(each, probabilities=tuple(row.tolist()), known_from=len(scores) - 1)
            for each, row in zip(scores, found, strict=True)
        )

    @property
    def knows_speakers(self) -> bool:
        """Whether the checkpoint takes a speaker profile: its answers are calibrated."""
        return self.card.calibrated

    def probabilities(self, samples: Samples, speaker: SpeakerProfile | None = None) -> NDArray[np.float64]:
        """Return the probabilities, (labels,), of one conditioned phrase, float32 (time,) at 16 kHz.

        Raises:
            UsageError: The profile belongs to another model.
        """
        answer = self._calibrated(self._outputs(["logits"], samples)[0])
        if speaker is None:
            return answer
        self._require_speakers()
        speaker.check(self.card.sha256)
        return speaker.applied(answer, self.card.known_gain)

    def _require_speakers(self) -> None:
        """Refuse to know the speaker.

        Raises:
            UsageError: The checkpoint takes no speaker profile.
        """
        if not self.knows_speakers:
            raise UsageError(
                f"The model {self.name} takes no speaker profile.",
                hint="Use the default model, or train this one again.",
            )

    def _beside(self, neutral: Sequence[Samples]) -> Callable[[Samples], NDArray[np.float64]]:
        """Return what gives the probabilities of a phrase for a voice, of which some neutral phrases are known.

        Raises:
            UsageError: The checkpoint takes no speaker profile.
        """
        place = self.card.labels.index("neutral")
        if self._centres:
            silence = np.zeros(MIN_SAMPLES, np.float32)  # The means are a constant of the graph.
            usual = self._run([EMOTION_MEANS], silence)[0][place]
            away = np.mean([self._outputs([STATISTICS], samples)[0] for samples in neutral], axis=0) - usual
            return lambda samples: self._calibrated(self._outputs(["logits"], samples, away)[0])
        self._require_speakers()
        odds = log_odds(np.stack([self.probabilities(samples) for samples in neutral]))
        speaker = SpeakerProfile.exact(self.card.sha256, odds.mean(axis=0) - plain_odds(len(self.card.labels), place))
        return lambda samples: speaker.applied(self.probabilities(samples))

    def _outputs(
        self, outputs: Sequence[str], samples: Samples, away: NDArray[np.floating] | None = None
    ) -> list[NDArray[np.float64]]:
        """Return outputs of the graph for a phrase, each the mean over the speeds of the checkpoint."""
        runs = [self._run(outputs, at_speed(samples, speed), away) for speed in self.card.speeds]
        return [np.mean([run[index][0] for run in runs], axis=0, dtype=np.float64) for index in range(len(outputs))]

    def _run(
        self, outputs: Sequence[str], samples: Samples, away: NDArray[np.floating] | None = None
    ) -> list[NDArray[np.float32]]:
        """Return outputs of the graph for a sound, float32 (time,) at 16 kHz.

        Args:
            outputs: Their names.
            samples: The sound.
            away: What is subtracted from its statistics, (size,), for a graph that takes that.
        """
        known = {} if away is None else {SPEAKER: away[np.newaxis].astype(np.float32)}
        fed = {name: _as_stored(features, features(samples))[np.newaxis] for name, features in self._features.items()}
        if self._hears_sound:
            fed[_WAVEFORM] = samples[np.newaxis]
        found: list[NDArray[np.float32]] = self._session.run(list(outputs), fed | known)
        return found

    def _calibrated(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        return softmax(logits, self.card.temperature)


class EmotionStream:
    """The analysis of one recording that comes part by part, as `SpeechRecogniser.stream` starts it.

    Args:
        card: That of the model.
        answer: Returns the probabilities, (labels,), of a conditioned phrase, float32 (time,) at 16 kHz.
        windows: Cuts windows for a timeline; None for no timeline.
    """

    def __init__(self, card: Card, answer: Callable[[Samples], NDArray[np.float64]], windows: Windows | None) -> None:
        self._card = card
        self._answer = answer
        self._windows = windows
        self._found: list[Window] = []
        self.pool = Pool()
        """The answers so far."""
        self._quality = InputQuality()
        self._seconds = 0.0

    def add(self, audio: Audio, activity: SpeechActivity | None = None, *, doubted: bool = True) -> None:
        """Add the next part.

        Args:
            audio: Mono, of any rate, level and length.
            activity: How likely somebody speaks at each moment of the part; detected by default.
            doubted: Whether it may be something else than speech.
        """
        audio = resampled(audio, SAMPLE_RATE)
        activity = activity or detect_speech(audio)
        self._seconds += audio.duration
        for phrase in phrases(audio, activity):
            if not doubted:
                phrase = dataclasses.replace(phrase, likelihood=1.0)
            self.pool.add(phrase, self._answer(phrase.samples))
            self._quality.add(phrase)
        if self._windows:
            self._found += self._windows.add(audio, activity)

    def scores(self) -> EmotionScores:
        """Return how likely each emotion is over all parts.

        Raises:
            NoSpeech: Nobody speaks in it.
        """
        if not self.pool:
            raise _no_speech()
        card = self._card
        return EmotionScores(
            labels=card.labels,
            probabilities=tuple(self.pool.answer.tolist()),
            model=card.name,
            calibrated=card.calibrated,
            # What is called too short is never sure.
            unsure_below=1.0 if self._quality.too_short else card.unsure_below,
            warnings=self._quality.warnings(self._seconds),
        )

    def timeline(self) -> Timeline:
        """Return how the emotion changes through all parts; nothing more may be added.

        Raises:
            NoSpeech: Nobody speaks in it.
        """
        if self._windows:
            self._found += self._windows.end()
            self._windows = None
        return Timeline(self.scores(), tuple(self._found))


def create(*, threads: int = 0) -> SpeechRecogniser:
    """Load the shipped checkpoint.

    Raises:
        WeightsMissing: This installation lacks the checkpoint.
    """
    return SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=threads)


def _as_stored(features: Features, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return features as training read them from the store; those of the project's own encoders are not rounded."""
    return values if FEATURES.find(features.name).ships else values.astype(features.precision).astype(np.float32)


def _mean(weighted: Sequence[tuple[float, NDArray[Any]]]) -> NDArray[np.float64]:
    """Return the weighted mean of arrays."""
    shares = np.array([weight for weight, _ in weighted])
    return np.asarray(shares @ np.array([values for _, values in weighted], np.float64) / shares.sum())


def _no_speech() -> NoSpeech:
    return NoSpeech(
        "No speech was found in the recording.", hint="Is it silent, only noise or music, or cut too short?"
    )
