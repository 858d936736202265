"""Kokoro-82M: 54 voices in a network that says what it is about to say before it says it.

Its first two parts give durations, F0 and energy; an emotion changes these numbers, and the third makes the sound.
Voice quality follows as a filter on the sound.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from pipeline.core.errors import NoSpeech
from pipeline.core.paths import expanded
from pipeline.core.voices import Voice
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.kokoro.english import EnglishReader
from pipeline.synthesis.kokoro.mandarin import MandarinReader
from pipeline.synthesis.kokoro.parts import DECODER, ENCODER, PREDICTOR, Parts, whole_frames
from pipeline.synthesis.kokoro.plan import KokoroPlan
from pipeline.synthesis.kokoro.symbols import MOST_SYMBOLS, Script, token_ids
from pipeline.synthesis.kokoro.voices import Styles, find_voice, listed_voices
from pipeline.synthesis.prosody.presets import VoicePreset
from pipeline.synthesis.sentences import Sentence, sentences
from pipeline.synthesis.world.speaker import should_rise
from pipeline.weights.store import installed, require

__all__ = ["Kokoro", "KokoroActor", "create", "ready", "voices"]

_NAME: Final = "kokoro"
"""Of the engine, and of its weights in the catalogue."""
_PULL: Final = f"detect.py models pull {_NAME}"
"""What to run if the weights are not there."""


class Reader(Protocol):
    """Turns sentences of a language into Kokoro's symbols."""

    def read(self, sentence: Sentence) -> Script:
        """Return what Kokoro reads for a sentence; no symbols if nothing in it has a reading."""
        ...


class Kokoro:
    """Plans sentences of one language in any of Kokoro's voices.

    Args:
        parts: The network.
        styles: The voices.
        reader: Who reads the language.
        language: `en` or `zh`: whose readers speak for the presets.
        han: Whether the reader reads Chinese characters.
        speed: How many times as fast the voices speak.
    """

    name = _NAME

    def __init__(
        self,
        parts: Parts,
        styles: Styles,
        reader: Reader,
        *,
        language: str = "en",
        han: bool = False,
        speed: float = 1.0,
    ) -> None:
        self.han = han
        self.language = language
        self._parts = parts
        self._styles = styles
        self._reader = reader
        self._speed = speed

    def fits(self, sentence: Sentence) -> bool:
        """Return whether a sentence is short enough to be said at once; a single written word always is."""
        return len(self._reader.read(sentence).symbols) <= MOST_SYMBOLS

    def plan(self, sentence: Sentence, preset: VoicePreset) -> KokoroPlan:
        """Return a sentence as it will be said.

        Args:
            sentence: What to say.
            preset: Of one of Kokoro's voices.

        Raises:
            NoSpeech: Nothing in the sentence has a reading.
            WeightsMissing: The voice is not there.
        """
        script = self._reader.read(sentence)
        if not script.symbols:
            raise NoSpeech(f"Nothing in '{sentence.text}' has a reading.")
        voice = find_voice(preset.voice.name, self.language)
        style = self._styles.style(voice, len(script.symbols))
        encoded = self._parts.encode(token_ids(script.symbols), style)
        frames = whole_frames(encoded.durations, voice.size / self._speed)
        f0, energy = self._parts.contours(encoded, frames, style)
        return KokoroPlan(
            parts=self._parts,
            encoded=encoded,
            style=style,
            frames=frames,
            f0=f0 * (voice.preset.register.usual / voice.own_f0),
            energy=energy,
            script=script,
            tokens=sentence.tokens,
            register=voice.preset.register,
            size=voice.size,
            rises=should_rise(sentence),
        )


class KokoroActor(Actor):
    """Says a text in an emotion and one of Kokoro's voices.

    Args:
        folder: The three parts, and the voices in `voices`.
        threads: Computing threads of the decoder; 0 leaves the choice to ONNX Runtime.
        language: `en` or `zh`; voices of Mandarin readers read Chinese in either.
        name: Name of the engine.
        speed: How many times as fast the voices speak.

    Raises:
        WeightsMissing: A part is not there.
    """

    def __init__(
        self, folder: Path, *, threads: int = 1, language: str = "", name: str = _NAME, speed: float = 1.0
    ) -> None:
        # Loaded now, while the recording is still being heard, and not at the first sentence.
        importlib.import_module("pyworld")
        parts, styles = Parts(folder, threads=threads), Styles(folder / "voices")
        self._language = language.casefold().split("-")[0] or "en"
        self._readers = {
            "a": Kokoro(parts, styles, EnglishReader(), speed=speed),
            "b": Kokoro(parts, styles, EnglishReader(british=True), speed=speed),
            "z": Kokoro(parts, styles, MandarinReader(), language=self._language, han=True, speed=speed),
        }
        super().__init__(self._readers["a"])
        self.name = name

    def voices(self) -> tuple[Voice, ...]:
        """Return the four presets and the 54 voices; mixtures of them are accepted too."""
        return listed_voices()

    def _preset(self, voice: str) -> VoicePreset:
        return find_voice(voice, self._language).preset

    def _speaker(self, preset: VoicePreset) -> Kokoro:
        accent = "z" if self._language == "zh" else find_voice(preset.voice.name, self._language).accent
        return self._readers.get(accent, self._readers["a"])

    def _divided(self, text: str, preset: VoicePreset) -> Iterator[Sentence]:
        speaker = self._speaker(preset)
        for sentence in sentences(text, han=speaker.han):
            yield from _fitting(sentence, speaker)


def ready(*, variant: str = "") -> str:
    """Return why the engine cannot run here; empty if it can.

    Args:
        variant: A folder of the three parts and of `voices`; the weights that were pulled by default.
    """
    if not variant:
        return "" if installed(_NAME) else f"its weights are not there: run {_PULL}"
    lacking = [name for name in (ENCODER, PREDICTOR, DECODER, "voices") if not (expanded(variant) / name).exists()]
    return f"{variant} lacks {', '.join(lacking)}" if lacking else ""


def voices(*, variant: str = "") -> tuple[Voice, ...]:
    """Return the voices without loading the model; arguments as `ready`."""
    return listed_voices()


def create(*, threads: int = 0, language: str = "", variant: str = "", speed: float = 1.0) -> KokoroActor:
    """Load the voices.

    Args:
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.
        language: `en` or `zh`; empty for English.
        variant: As `ready`.
        speed: How many times as fast the voices speak.

    Raises:
        WeightsMissing: The weights are missing.
    """
    folder = expanded(variant) if variant else require(_NAME)
    name = f"{_NAME}:{variant}" if variant else _NAME
    return KokoroActor(folder, threads=threads, language=language, name=name, speed=speed)


def _fitting(sentence: Sentence, speaker: Kokoro) -> Iterator[Sentence]:
    """Yield a sentence, or the parts of one that is too long when it is read."""
    if speaker.fits(sentence):
        yield sentence
        return
    middle = len(sentence.tokens) // 2
    yield from _fitting(Sentence(sentence.tokens[:middle], sentence.remarks), speaker)
    yield from _fitting(Sentence(sentence.tokens[middle:]), speaker)
