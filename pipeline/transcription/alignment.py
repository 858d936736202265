"""Word times: forced alignment of a text to its recording.

It serves engines that give no word times.
The acoustic model and the dictionary come with the package pocketsphinx (BSD).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import SpeechActivity, detect_speech
from pipeline.audio.loudness import normalised
from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.core.values import Audio, Word
from pipeline.frontend.characters import plain_english
from pipeline.frontend.english.g2p import EnglishPronouncer
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.frontend.words import written_words

__all__ = ["Aligner", "Alignment", "aligner"]

_FRAME: Final = 0.01
"""Seconds per frame of the decoder."""

_BEAMS: Final = {"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40}
"""Relative likelihoods of the decoder's beams; narrower and much wider ones failed on more of the recordings tried."""

_MARGIN: Final = 0.2
"""Seconds of silence that are added at both ends, because the acoustic model expects some; set by hand."""

_NOISE: Final = 1e-4
"""Standard deviation of the noise that is added: -80 dBFS, fainter than any microphone; set by hand."""

_FRAME_SAMPLES: Final = round(_FRAME * SAMPLE_RATE)
"""Samples per frame."""

_SPEECH: Final = 0.95
"""Quantile of the power of the frames that is taken as the level of the speech; set by hand."""

_QUIET: Final = -40.0
"""Decibels below the speech at which a frame counts as silent; set by hand."""

_CLOSURE: Final = 5
"""Frames of silence that may belong to a word: a plosive such as t begins with some; set by hand."""

_LOADING: Final = threading.Lock()
"""Held while the aligner is loaded, so that two threads that need it at once share it."""

Span = tuple[float, float]


@dataclass(frozen=True)
class Alignment:
    """The words of a text in a recording."""

    words: tuple[Word, ...]
    """All words of the text with case and punctuation, in order of the text and of time."""
    forced: bool
    """Whether the times were found in the sound; if not, the words are spread over its speech."""


class Aligner:
    """Aligns English texts; may be used from several threads, and serves one at a time."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(lm=None, loglevel="FATAL", remove_noise=False, **_BEAMS)
        self._pronouncer = EnglishPronouncer()
        self._lock = threading.Lock()

    def align(self, audio: Audio, text: str, activity: SpeechActivity | None = None) -> Alignment:
        """Return when each word of a text was said.

        Args:
            audio: Mono, up to about 30 s: the recording of the text and little else.
            text: What is said in it. Its words are those of `frontend.words.written_words`.
            activity: How likely somebody speaks at each moment of it; detected by default if it is needed.
        """
        written = written_words(text)
        if not written:
            return Alignment((), forced=False)
        pronounced = [spoken_words(word) for word in written]
        with self._lock:
            found = self._force(audio, [word for words in pronounced for word in words])
        counts = [len(words) for words in pronounced]
        spans = _joined(found, counts) if found else _spread(activity or detect_speech(audio), written)
        words = (
            Word(word, max(0.0, start), min(end, audio.duration))
            for word, (start, end) in zip(written, spans, strict=True)
        )
        return Alignment(tuple(words), forced=bool(found))

    def _force(self, audio: Audio, words: Sequence[str]) -> list[Span]:
        """Return the times of each spoken word in seconds; nothing if the text does not fit the sound."""
        entries = [self._entry(word) for word in words]
        if not entries or not all(entries):
            return []
        samples = _with_margins(normalised(resampled(audio)))
        decoder = self._decoder
        try:
            # Otherwise the previous alignment would move the times by a frame or two.
            decoder.reinit_feat()
            decoder.set_align_text(" ".join(entries))
            decoder.start_utt()
            decoder.process_raw(samples.tobytes(), full_utt=True)
            decoder.end_utt()
        except RuntimeError:
            return []
        if decoder.hyp() is None:
            return []
        found = [
            (segment.start_frame, segment.end_frame + 1) for segment in decoder.seg() if segment.word[0] not in "<[+"
        ]
        if len(found) != len(words):
            return []
        quiet = _quiet(samples)
        return [
            (start * _FRAME - _MARGIN, end * _FRAME - _MARGIN)
            for start, end in (_without_pauses(start, end, quiet) for start, end in found)
        ]

    def _entry(self, word: str) -> str:
        """Return a word of the decoder's dictionary, added if it was missing; empty if it has no pronunciation."""
        if self._decoder.lookup_word(word) is None:
            phones = " ".join(phone.rstrip("012") for phone in self._pronouncer.pronounce(plain_english(word)))
            if not phones:
                return ""
            self._decoder.add_word(word, phones, update=False)
        return word


def aligner() -> Aligner:
    """Return the aligner, loaded once per process."""
    with _LOADING:
        return _loaded()


@functools.cache
def _loaded() -> Aligner:
    return Aligner()


def _with_margins(audio: Audio) -> NDArray[np.int16]:
    """Return the samples with silence before and after, and faint noise over everything.

    Without margins the first word would be stretched over the silence before it, because the model expects some.
    Without noise, digital silence would be unlike anything in the training data of the model.
    """
    samples = np.pad(audio.samples, round(_MARGIN * audio.sample_rate))
    samples += np.random.default_rng(0).normal(scale=_NOISE, size=len(samples)).astype(np.float32)
    return (samples.clip(-1, 1) * np.iinfo(np.int16).max).astype("<i2")


def _quiet(samples: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return for each frame whether it is silent compared with the speech."""
    frames = samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
    power = np.square(frames, dtype=np.float32).mean(axis=1)
    quiet: NDArray[np.bool_] = power < np.quantile(power, _SPEECH) * 10 ** (_QUIET / 10)
    return quiet


def _without_pauses(start: int, end: int, quiet: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first and last frame of a word, without a pause that the decoder counted as part of it."""
    loud = np.flatnonzero(~quiet[start:end])
    if not len(loud):
        return start, end
    before, after = int(loud[0]), end - start - 1 - int(loud[-1])
    return (
        start + before - _CLOSURE if before > 2 * _CLOSURE else start,
        end - after + _CLOSURE if after > 2 * _CLOSURE else end,
    )


def _joined(found: Sequence[Span], counts: Sequence[int]) -> list[Span]:
    """Return the span of each written word from those of the spoken words it stands for.

    A word without sound, such as a dash, has no duration and is at the end of the word before it.
    """
    spans: list[Span] = []
    position = 0
    previous = found[0][0]
    for count in counts:
        if count:
            spans.append((found[position][0], found[position + count - 1][1]))
            position += count
            previous = spans[-1][1]
        else:
            spans.append((previous, previous))
    return spans


def _spread(activity: SpeechActivity, words: Sequence[str]) -> list[Span]:
    """Spread words over the speech of a sound, in proportion to their length."""
    voiced = activity.spans(padding=0.0) or ((0.0, activity.duration),)
    lengths = np.cumsum([0.0, *(end - start for start, end in voiced)])
    edges = np.cumsum([0, *(len(word) for word in words)]) * (lengths[-1] / sum(len(word) for word in words))
    starts, ends = (
        [_on_clock(float(edge), voiced, lengths, side) for edge in part]
        for part, side in ((edges[:-1], "right"), (edges[1:], "left"))
    )
    return list(zip(starts, ends, strict=True))


def _on_clock(seconds: float, voiced: Sequence[Span], lengths: Any, side: Any) -> float:
    """Return the time in the sound after that many seconds of speech."""
    index = min(max(int(np.searchsorted(lengths, seconds, side=side)) - 1, 0), len(voiced) - 1)
    return float(min(voiced[index][0] + seconds - lengths[index], voiced[index][1]))
