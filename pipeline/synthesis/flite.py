"""Flite's voices as neutral speakers, if the system has them (Debian: flite): a woman, SLT, and a man, RMS.

Black and Lenzo (2001), "Flite: a small fast run-time synthesis engine".
The library is driven through ctypes, which tells exactly which word of the text every phone belongs to.
The noise in its voices is that of the C library's `rand`, which is seeded anew for every sentence: the same text is
always the same sound.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import numpy as np

from pipeline.audio.resampling import resampled
from pipeline.core.errors import EngineMissing
from pipeline.core.values import Audio
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.sentences import Sentence, Span
from pipeline.synthesis.world.speaker import ForeignSpeaker, token_spans

__all__ = ["Flite", "create", "ready"]

_INSTALL: Final = "run apt-get install flite"
"""What to do if the system has no Flite."""
_SAMPLE_RATE: Final = 24_000
"""Hertz that the sound is analysed at, the rate of the embedded voice; Flite's own is 16 kHz."""

_VOICES: Final = {"slt": (171.0, 1.0), "rms": (100.5, 0.81)}
"""Voice to its usual F0 in Hz and how much higher than an average woman's its formants are: medians over 20 sentences,
the second where the spectra of its vowels fit best on those of SLT."""

_FUNCTIONS: Final = {
    "srand": (None, (ctypes.c_uint,)),
    "flite_init": (ctypes.c_int, ()),
    "flite_synth_text": (ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_void_p)),
    "delete_utterance": (None, (ctypes.c_void_p,)),
    "utt_wave": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "utt_relation": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "relation_head": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "item_next": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "item_daughter": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "flite_ffeature_string": (ctypes.c_char_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "flite_ffeature_float": (ctypes.c_float, (ctypes.c_void_p, ctypes.c_char_p)),
}
"""Function of the library, or of one that it needs, to what it returns and takes."""

_one_at_a_time = threading.Lock()
"""`rand` is one for the whole process: two sentences at once would share its noise."""

# Where a word begins is where the phone before its first one ends.
_START: Final = b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"
"""Path from a word to the seconds at which it begins."""
_END: Final = b"R:SylStructure.daughtern.daughtern.R:Segment.end"
"""Path from a word to the seconds at which it ends."""


class _Wave(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("samples", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("data", ctypes.POINTER(ctypes.c_short)),
    ]


class Flite(ForeignSpeaker):
    """Says sentences neutrally.

    Args:
        voice: `slt`, a woman, or `rms`, a man.

    Raises:
        EngineMissing: Flite or the voice is not installed.
    """

    name = "flite"
    word_edges = True

    def __init__(self, voice: str = "slt") -> None:
        super().__init__()
        if reason := ready(voice):
            raise EngineMissing(f"The voice {voice} of Flite is not ready: {reason}.")
        self.usual_f0, self.formants = _VOICES[voice]
        self._library = _library()
        self._voice = _voice(voice)

    def say(self, sentence: Sentence) -> tuple[Audio, Iterable[Span]]:
        """Return a sentence as the library says it, with the times of its words.

        Raises:
            EngineMissing: The library failed.
        """
        library = self._library
        with _one_at_a_time:
            library.srand(1)
            utterance = library.flite_synth_text(sentence.said.encode("ascii"), self._voice)
        if not utterance:
            raise EngineMissing(f"Flite could not say '{sentence.text}'.", hint="Choose --tts embedded.")
        try:
            wave = ctypes.cast(library.utt_wave(utterance), ctypes.POINTER(_Wave)).contents
            samples = np.ctypeslib.as_array(wave.data, (wave.samples,)).astype(np.float32) / np.float32(32768)
            audio = resampled(Audio(samples, wave.sample_rate), _SAMPLE_RATE)
            return audio, list(token_spans(sentence.said, _tokens(library, utterance)))
        finally:
            library.delete_utterance(utterance)


def ready(voice: str = "slt") -> str:
    """Return why Flite cannot speak on this machine; empty if it can.

    Args:
        voice: The voice that is wanted.
    """
    if ctypes.util.find_library("flite") is None:
        return f"flite is not installed: {_INSTALL}"
    if ctypes.util.find_library(f"flite_cmu_us_{voice}") is None:
        return f"the voice {voice} is not installed: {_INSTALL}"
    return ""


def create() -> Actor:
    """Return the voices.

    If the system lacks the man, the woman speaks for the presets of men, too.

    Raises:
        EngineMissing: Flite or the woman's voice is not installed.
    """
    return Actor(Flite(), None if ready("rms") else Flite("rms"))


@cache
def _library() -> Any:
    """Load the library; it is never unloaded.

    Raises:
        EngineMissing: It cannot be loaded, or is no Flite.
    """
    try:
        library = ctypes.CDLL(ctypes.util.find_library("flite"))
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise _unloaded("Flite", error) from error
    library.flite_init()
    return library


@cache
def _voice(name: str) -> int:
    """Return a voice of the library.

    Raises:
        EngineMissing: It cannot be loaded.
    """
    try:
        register = getattr(ctypes.CDLL(ctypes.util.find_library(f"flite_cmu_us_{name}")), f"register_cmu_us_{name}")
    except (OSError, AttributeError) as error:
        raise _unloaded(f"The voice {name} of Flite", error) from error
    register.restype, register.argtypes = ctypes.c_void_p, (ctypes.c_char_p,)
    voice: int | None = register(None)
    if voice is None:
        raise _unloaded(f"The voice {name} of Flite", "it is empty")
    return voice


def _unloaded(what: str, reason: object) -> EngineMissing:
    return EngineMissing(f"{what} cannot be loaded: {reason}.", hint=f"{_INSTALL.capitalize()}.")


def _tokens(library: Any, utterance: int) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Yield the tokens of an utterance, each with start and end of the words that it is read as."""
    token = library.relation_head(library.utt_relation(utterance, b"Token"))
    while token:
        words = []
        word = library.item_daughter(token)
        while word:
            words.append((library.flite_ffeature_float(word, _START), library.flite_ffeature_float(word, _END)))
            word = library.item_next(word)
        yield library.flite_ffeature_string(token, b"name").decode("ascii", "replace"), words
        token = library.item_next(token)
