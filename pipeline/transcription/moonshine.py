"""Moonshine: transcription of English on ONNX Runtime, small enough that its weights come in a package.

The network is an encoder over raw samples and a decoder that writes text token by token
(Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice Commands", 2024).
The package moonshine-voice contains the weights of the tiny network (MIT); those of the base network are downloaded.
The encoder of the tiny network is in `checkpoints/encoder`, because emotion recognition uses it too.
The library of the package is not loaded: it gives neither alternative hypotheses nor probabilities,
and it cuts segments at short pauses.

A short segment of low confidence is decoded again together with a copy that is played slower (joint decoding):
on 200 clips of RAVDESS 3.5 % of the words are wrong instead of 4.7, on LibriSpeech test-other 10.1 instead of 10.8.
Speed and limits were chosen on these clips; `benchmarks/transcription.py` uses 200 other clips of RAVDESS.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.loudness import normalised
from pipeline.audio.resampling import resampled
from pipeline.audio.speech_encoder import speech_encoder
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.core.errors import WeightsMissing
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.preload import preload
from pipeline.core.values import Audio, Samples, Segment
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.frontend.words import written_words
from pipeline.transcription import PARTIAL
from pipeline.transcription.drafts import Drafts
from pipeline.transcription.hotwords import Hotwords
from pipeline.transcription.kv_cache import JointDecoding, KVCache
from pipeline.transcription.language import likelihood_of_english
from pipeline.transcription.plausibility import plausible
from pipeline.transcription.repetition import align_with_room
from pipeline.transcription.search import Hypothesis, beam_search
from pipeline.weights import require

__all__ = ["MoonshineTranscriber", "create"]

_Encode = Callable[[Samples], NDArray[np.float32]]
"""An encoder: from float32 (time,) at 16 kHz to (1, frames, size)."""

_FILES: Final = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
"""The encoder, which the tiny network does not read; the decoder; and the pieces of text."""

_END: Final = 2
"""Number of the token that ends a text; lower numbers are other special tokens."""

_BEAMS: Final = 4
"""Hypotheses that the beam search follows; set by hand."""

_TOKENS_PER_SECOND: Final = 9
"""Longest text per second of sound: more than anybody says, so that a loop of the network ends; set by hand."""

_SHORTEST: Final = 0.1
"""Seconds; a shorter sound is too short for the convolutions of the encoder."""

_LEAST: Final = 1e-9
"""Smallest probability in a logarithm."""

_SILENCE: Final = 0.3
"""Seconds of silence around the speech; if the recording has less, words at its edges are lost."""

_LOW_CONFIDENCE: Final = -0.06
"""Score of the best hypothesis up to which a short segment is decoded jointly; chosen on the clips named above."""

_SHORT: Final = 6.0
"""Seconds up to which a segment is decoded jointly; chosen on the clips named above."""

_SLOWER: Final = 0.92
"""Speed of the second version in joint decoding, which also lowers the pitch; chosen on the clips named above."""

_WORD_START: Final = "\u2581".encode()


def create(*, threads: int = 0, variant: str = "tiny") -> MoonshineTranscriber:
    """Load Moonshine.

    Args:
        threads: CPU threads; 0 leaves the choice to ONNX Runtime.
        variant: `tiny`, which comes inside a package, `base`, or a folder in the layout of `MoonshineTranscriber`.

    Raises:
        WeightsMissing: The weights are not on this machine.
    """
    folder = _weights(variant)
    encode = _shared_encoder(threads) if variant == "tiny" else _stored_encoder(folder / _FILES[0], threads)
    return MoonshineTranscriber(f"moonshine:{variant}", folder, encode, threads)


def _weights(variant: str) -> Path:
    if variant == "base":
        return require("moonshine-base")
    if variant == "tiny":
        folder, remedy = _package() / "assets" / "tiny-en", "Run pip install 'moonshine-voice==0.0.62'."
    else:
        folder, remedy = Path(variant), f"It needs {', '.join(_FILES)}."
    lacking = [name for name in _FILES if not (folder / name).is_file()]
    if lacking:
        raise WeightsMissing(
            f"The weights of Moonshine are not in {folder}: {', '.join(lacking)} missing.", hint=remedy
        )
    return folder


def _package() -> Path:
    package = importlib.util.find_spec("moonshine_voice")
    if package is None or package.origin is None:
        raise ImportError("moonshine_voice is not installed")
    return Path(package.origin).parent


class MoonshineTranscriber:
    """Transcribes English; may be used from several threads at once.

    Args:
        name: Name of the engine.
        folder: Holds `decoder_model_merged.ort` and `tokenizer.bin`, of any size.
        encode: The encoder of that size: from float32 (time,) at 16 kHz to (1, frames, size).
        threads: CPU threads; 0 leaves the choice to ONNX Runtime.
    """

    capabilities: Final = frozenset({PARTIAL})

    def __init__(self, name: str, folder: Path, encode: _Encode, threads: int = 0) -> None:
        self.name = name
        _, decoder, vocabulary = (folder / name for name in _FILES)
        # For use by several threads; in floats it would be slower and take 58 MB more.
        self._decoder = preload(lambda: open_graph(decoder, threads=threads, keeps_memory=False))
        self._encode = encode
        self._vocabulary = _read_vocabulary(vocabulary)
        self._drafts = Drafts()
        self._hotwords = lru_cache(maxsize=4)(lambda words: Hotwords(words, self._vocabulary, end=_END))

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
        """Return what was said, from the first word to the last; None if no words were recognised.

        The confidence of a word is the probability of its tokens, including case and punctuation,
        given the segment and the words before; None if the word times are only estimated.

        Args:
            segment: At most 30 s, mono, 16 kHz.
            hotwords: Names and words to expect, separated by commas.
        """
        hypotheses = self.hypotheses(_framed(segment), hotwords=hotwords)
        if not hypotheses:
            return None
        understood = self._understood(segment, hypotheses[0])
        if not understood:
            return None
        said, alignment = align_with_room(segment.audio, [word for word, _ in understood], segment.activity)
        understood = [understood[number] for number in said]
        text = " ".join(word for word, _ in understood)
        words = tuple(
            dataclasses.replace(word.shifted(segment.heard_from), confidence=confidence if alignment.forced else None)
            for word, (_, confidence) in zip(alignment.words, understood, strict=True)
        )
        mean = math.exp(sum(math.log(max(each, _LEAST)) for _, each in understood) / len(understood))
        return Segment(
            words[0].start,
            words[-1].end,
            text,
            words,
            confidence=mean,
            language="en",
            language_confidence=likelihood_of_english(mean, aligned=alignment.forced),
        )

    def partial(self, segment: SpeechSegment, *, hotwords: str = "") -> str:
        """Return the text so far of an unfinished segment, by greedy search at a lower cost.

        Args:
            segment: At most 30 s, mono, 16 kHz: speech and little around it.
            hotwords: Names and words to expect, separated by commas.
        """
        audio = segment.audio
        if audio.duration < _SHORTEST:
            return ""
        # It ends in the middle of speech, and would lose its last word without silence.
        heard = Audio(np.pad(audio.samples, (0, round(_SILENCE * audio.sample_rate))), audio.sample_rate)
        draft = self._drafts.of(audio.samples)
        (likeliest, *_) = self._read([self._encoded(heard)], _longest(heard), hotwords, beams=1, draft=draft)
        self._drafts.keep(audio.samples, likeliest.tokens)
        return " ".join(word for word, _ in self._understood(segment, likeliest))

    def hypotheses(self, audio: Audio, *, hotwords: str = "") -> list[Hypothesis]:
        """Return the likeliest texts of one segment, the best first; none if it is too short.

        Args:
            audio: Mono, 16 kHz, up to 30 s.
            hotwords: Names and words to expect, separated by commas.
        """
        if audio.duration < _SHORTEST:
            return []
        longest = _longest(audio)
        heard = [self._encoded(audio)]
        readings = self._read(heard, longest, hotwords)
        if readings[0].score > _LOW_CONFIDENCE or audio.duration > _SHORT:
            return readings
        slower = resampled(Audio(audio.samples, round(_SLOWER * audio.sample_rate)))
        return self._read([*heard, self._encoded(slower)], longest, hotwords)

    def _read(
        self,
        heard: Sequence[NDArray[np.float32]],
        longest: int,
        hotwords: str,
        *,
        beams: int = _BEAMS,
        draft: Sequence[int] = (),
    ) -> list[Hypothesis]:
        """Return the likeliest texts of a sound that was encoded in one or more versions, the best first."""
        joint = JointDecoding([KVCache(self._decoder(), encoded, draft) for encoded in heard])
        prefer = self._hotwords(hotwords) if hotwords else None
        return beam_search(joint.first, joint.advance, end=_END, width=beams, longest=longest, prefer=prefer)

    def _understood(self, segment: SpeechSegment, hypothesis: Hypothesis) -> list[tuple[str, float]]:
        """Return the words of a hypothesis, as `_words`; none if there is nothing to say in it, or nobody said it."""
        words = _words(self._vocabulary, hypothesis)
        sayable = spoken_words(" ".join(word for word, _ in words))
        return words if sayable and plausible(segment, hypothesis.score, len(words)) else []

    def _encoded(self, audio: Audio) -> NDArray[np.float32]:
        return self._encode(normalised(audio).samples)


def _longest(audio: Audio) -> int:
    """Return how many tokens the text of a sound may have."""
    return math.ceil(audio.duration * _TOKENS_PER_SECOND)


def _framed(segment: SpeechSegment) -> Audio:
    """Return the sound of a segment, with silence added if it has too little around the speech."""
    rate = segment.audio.sample_rate
    lacking = [
        max(0, round((_SILENCE - around) * rate))
        for around in (segment.start - segment.heard_from, segment.heard_to - segment.end)
    ]
    return Audio(np.pad(segment.audio.samples, lacking), rate)


def _shared_encoder(threads: int) -> _Encode:
    """Return the encoder of the tiny network, which emotion recognition shares."""
    encoder = speech_encoder(threads)
    return lambda samples: encoder(samples)[0][np.newaxis]


def _stored_encoder(path: Path, threads: int) -> _Encode:
    """Return the encoder of another network, as it was released: it computes in 8 bits."""
    session = open_graph(path, threads=threads)
    running = threading.Lock()

    def encode(samples: Samples) -> NDArray[np.float32]:
        heard = samples[np.newaxis]
        # It takes all processors and much memory, so one sound is encoded at a time.
        with running:
            found: NDArray[np.float32] = session.run(
                None, {"input_values": heard, "attention_mask": np.ones(heard.shape, np.int64)}
            )[0]
        return found

    return encode


def _read_vocabulary(path: Path) -> list[bytes]:
    """Read the pieces of text that tokens stand for, in UTF-8.

    Each follows its length: one byte below 128, or the low seven bits with the high bit set, then the rest.

    Raises:
        WeightsMissing: The file is empty or cut short.
    """
    content = path.read_bytes()
    pieces: list[bytes] = []
    position = 0
    try:
        while position < len(content):
            length = content[position]
            position += 1
            if length >= 128:
                length += 128 * (content[position] - 1)
                position += 1
            pieces.append(content[position : position + length])
            position += length
    except IndexError:
        pieces.clear()
    if not pieces or position != len(content):
        raise WeightsMissing(f"{path} is damaged.", hint="Put a whole copy of it there: install or pull it again.")
    return pieces


def _words(vocabulary: Sequence[bytes], hypothesis: Hypothesis) -> list[tuple[str, float]]:
    """Return the words of a hypothesis, each with the probability of its tokens given those before."""
    pieces: list[bytes] = []
    scores: list[float] = []
    for token, score in zip(hypothesis.tokens, hypothesis.log_probabilities, strict=False):
        piece = vocabulary[token]
        if piece.startswith(_WORD_START) or not pieces:
            pieces.append(b"")
            scores.append(0.0)
        if token > _END and not piece.startswith(b"<<"):
            pieces[-1] += piece
        scores[-1] += score
    texts = [piece.decode(errors="ignore").replace("\u2581", " ").strip() for piece in pieces]
    return [(word, math.exp(score)) for text, score in zip(texts, scores, strict=True) for word in written_words(text)]
