"""espeak-ng as a neutral speaker: a formant synthesiser that comes with its data from PyPI and speaks everywhere.

The library is driven through ctypes.
It holds one state for the whole process, which no call resets,
and what one sentence leaves behind is heard in the next.
So each sentence is said by a copy of the library of its own (3 ms): the same text is always the same sound,
and threads need not wait for each other.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.core.errors import EngineMissing, UnknownName
from pipeline.core.messages import reason
from pipeline.core.temporary import temporary_folder
from pipeline.core.values import Audio
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.sentences import Sentence, Span
from pipeline.synthesis.world.speaker import ForeignSpeaker

__all__ = ["Espeak", "create"]

# Numbers of the library's header, speak_lib.h.
_SYNCHRONOUS: Final = 2
"""Sound is handed over as it is made, and played nowhere."""
_NEVER_EXIT: Final = 0x8000
"""A library that does not find its data says so, and does not end the process."""
_UTF8: Final = 1
"""Texts are UTF-8."""
_RATE, _WORD_GAP = 1, 7
"""Parameters: words a minute, and the pause between words in units of 10 ms."""
_WORD_EVENT: Final = 1
"""A word begins."""
_END_EVENT: Final = 0
"""There are no more events."""

_REINSTALL: Final = "Run pip install --force-reinstall espeakng-loader."
"""What to do if the library is damaged."""

_LANGUAGES: Final = {"en": "gmw/en-US", "zh": "sit/cmn"}
"""Language to the library's rules for it."""
_WORDS_A_MINUTE: Final = 160
"""Words a minute: an unhurried reader, a little slower than the library's own 175."""
_GAP: Final = 3
"""Pause between words in units of 10 ms, which keeps words apart."""

_VOICES: Final = {
    "female": ("pitch 142 220", "formant 0 105 80 150", *(f"formant {n} 111 75 155" for n in range(1, 9)),
               "consonants 120 120", "stressAdd 0 0 -10 -10 0 0 10 40"),
    "male": ("pitch 80 122", *(f"formant {n} 96 100 100" for n in range(1, 6)), "stressAdd 10 10 0 0 0 0 -30 -30"),
}  # fmt: skip
"""Lines that turn the library's default voice into a woman's and a man's, chosen by how well they are understood."""


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_close: Any = getattr(_ctypes, "dlclose", None) or getattr(_ctypes, "FreeLibrary", None)
"""Unloads a copy of the library, with its state."""
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
"""What the library hands sound and events to."""


class Espeak(ForeignSpeaker):
    """Says sentences neutrally with espeak-ng, in a voice of our own on the library's rules for the language.

    Args:
        language: `en` or `zh`; empty for English.
        sex: `female` or `male`.

    Raises:
        EngineMissing: The library cannot be loaded or does not find its data.
        UnknownName: There is no voice for the language.
    """

    name = "espeak"
    raises_questions = True

    def __init__(self, language: str = "", sex: str = "female") -> None:
        super().__init__()
        folded = language.casefold().split("-")[0] or "en"
        if folded not in _LANGUAGES:
            raise UnknownName(f"espeak is not set up for language '{language}'.", hint="Choose en or zh.")
        self.han = folded == "zh"
        self.usual_f0, self.formants = (197.0, 1.0) if sex == "female" else (105.0, 0.87)
        self._voice = (folded, sex)
        with _library(*self._voice):
            pass

    def say(self, sentence: Sentence) -> tuple[Audio, Iterable[Span]]:
        """Return a sentence as the library says it, with the times of its words.

        Raises:
            EngineMissing: The library failed.
        """
        chunks: list[Any] = []
        events: list[tuple[int, float]] = []

        def collect(samples: Any, count: int, event: Any) -> int:
            if count > 0:
                chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
            index = 0
            while event and event[index].type != _END_EVENT:
                if event[index].type == _WORD_EVENT:
                    events.append((event[index].text_position - 1, event[index].audio_position / 1000))
                index += 1
            return 0

        callback = _Callback(collect)
        text = sentence.said.encode()
        with _library(*self._voice) as (library, sample_rate):
            library.espeak_SetSynthCallback(callback)
            status = library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8, None, None)
            if status == 0:
                status = library.espeak_Synchronize()
        if status != 0 or not chunks:
            raise EngineMissing(f"espeak-ng could not say a sentence (status {status}).")
        audio = Audio((np.concatenate(chunks) / 32768).astype(np.float32), sample_rate)
        ends = [start for _, start in events[1:]] + [audio.duration]
        spans = [Span(position, start, end) for (position, start), end in zip(events, ends, strict=True)]
        return audio, _of_each_token(sentence, spans)


def _of_each_token(sentence: Sentence, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans, each cut into those of the tokens that the library says in one with it, such as `on the`."""
    positions = [0, *(span.position for span in spans[1:]), len(sentence.said)]
    for span, (position, following) in zip(spans, pairwise(positions), strict=False):
        places = [position, *(place for place in sentence.places if position < place < following)]
        letters = [max(end - begin, 1) for begin, end in pairwise((*places, following))]
        seconds = (span.end - span.start) / sum(letters)
        ends = [span.start + seconds * said for said in accumulate(letters)]
        for place, start, end in zip(places, [span.start, *ends], ends, strict=False):
            yield Span(place, start, end)


def create(*, language: str = "") -> Actor:
    """Return the voice.

    Raises:
        EngineMissing: The library cannot be loaded.
        UnknownName: There is no voice for the language.
    """
    return Actor(Espeak(language, "female"), Espeak(language, "male"))


@contextmanager
def _short_name(path: Path) -> Iterator[bytes]:
    """Give a name of a file that the library can open: it cuts off long paths, as those of temporary folders may be."""
    if not Path("/dev/fd").is_dir():
        yield os.fsencode(path)
        return
    with path.open("rb") as file:
        yield f"/dev/fd/{file.fileno()}".encode()


@contextmanager
def _library(language: str, sex: str) -> Iterator[tuple[Any, int]]:
    """Load a fresh copy of the library that speaks in a voice.

    Yields:
        The library, and its sample rate in Hz.

    Raises:
        EngineMissing: The library cannot be loaded, does not find its data or cannot read the voice.
    """
    import espeakng_loader

    source = Path(espeakng_loader.get_library_path())
    data = Path(espeakng_loader.get_data_path())
    with temporary_folder() as folder:
        copy = folder / source.name
        voice = folder / "voice"
        # Flutter is noise on the pitch; our rules have their own tremor.
        lines = "\n".join(("", "name resay", "flutter 0", *_VOICES[sex], ""))
        try:
            shutil.copyfile(source, copy)
            voice.write_bytes((data / "lang" / _LANGUAGES[language]).read_bytes() + lines.encode())
            library = ctypes.CDLL(str(copy))
        except OSError as error:
            raise EngineMissing(f"espeak-ng cannot be loaded: {reason(error)}.", hint=_REINSTALL) from error
        try:
            library.espeak_Synth.argtypes = [
                ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
                ctypes.POINTER(ctypes.c_uint), ctypes.c_void_p,
            ]  # fmt: skip
            sample_rate = library.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(data), _NEVER_EXIT)
            # A working library answers its rate; without its data it may still answer 0.
            if sample_rate <= 0:
                raise EngineMissing("espeak-ng does not find its data.", hint=_REINSTALL)
            # A voice that is not found would leave the previous one speaking, so every answer is checked.
            with _short_name(voice) as name:
                if library.espeak_ng_SetVoiceByFile(name) != 0:
                    raise EngineMissing("espeak-ng cannot read its voice.", hint="Is there room for temporary files?")
            for parameter, value in ((_RATE, _WORDS_A_MINUTE), (_WORD_GAP, _GAP)):
                if library.espeak_SetParameter(parameter, value, 0) != 0:
                    raise EngineMissing("espeak-ng refused a setting.", hint=_REINSTALL)
            yield library, sample_rate
        finally:
            library.espeak_Terminate()
            _close(library._handle)
