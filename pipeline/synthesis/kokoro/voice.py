"""Voices in the manner of Kokoro-82M, a network that knows durations, F0 and energy before there is any sound.

Its first two parts give these numbers, an emotion changes them, and a decoder makes the sound. Two engines share them:
`embedded` ships with the project, with the voices of the four presets and a small decoder; `kokoro` has all voices, and
the decoder that they were trained with.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from pipeline.core.emotions import Mood
from pipeline.core.errors import NoSpeech, ResayError
from pipeline.core.paths import bundled, expanded
from pipeline.core.voices import VOICE_PRESETS, Voice
from pipeline.synthesis.acting import Actor, check_preset
from pipeline.synthesis.kokoro.english import EnglishReader
from pipeline.synthesis.kokoro.istftnet import Istftnet
from pipeline.synthesis.kokoro.mandarin import MandarinReader
from pipeline.synthesis.kokoro.parts import DECODER, ENCODER, PREDICTOR, Decoder, Parts, whole_frames
from pipeline.synthesis.kokoro.plan import KokoroPlan
from pipeline.synthesis.kokoro.source_filter import SourceFilter
from pipeline.synthesis.kokoro.speed import seconds_per_second
from pipeline.synthesis.kokoro.symbols import MOST_SYMBOLS, Script, token_ids
from pipeline.synthesis.kokoro.voices import Styles, find_voice, listed_voices
from pipeline.synthesis.prosody.presets import VoicePreset
from pipeline.synthesis.sentences import Sentence, sentences
from pipeline.synthesis.world.speaker import should_rise
from pipeline.weights.store import installed, require

__all__ = ["Kokoro", "KokoroActor", "create", "create_embedded", "embedded_ready", "ready", "too_slow", "voices"]

_NAME: Final = "kokoro"
"""Of the engine, and of its weights in the catalogue."""
_EMBEDDED: Final = "embedded"
"""Of the engine that ships with the project."""
_FOLDER: Final = ("checkpoints", "kokoro")
"""Where the embedded voice lies."""
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
        parts: What plans.
        decoder: What makes sound of a plan.
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
        decoder: Decoder,
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
        self._decoder = decoder
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
            decoder=self._decoder,
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
        folder: The first two parts, and the voices in `voices`.
        decoder: What makes the sound.
        language: `en` or `zh`; voices of Mandarin readers read Chinese in either.
        name: Name of the engine.
        speed: How many times as fast the voices speak.

    Raises:
        WeightsMissing: A part is not there.
    """

    def __init__(
        self, folder: Path, decoder: Decoder, *, language: str = "", name: str = _NAME, speed: float = 1.0
    ) -> None:
        parts, styles = Parts(folder), Styles(folder / "voices")
        self._language = language.casefold().split("-")[0] or "en"
        self._readers = {
            "a": Kokoro(parts, decoder, styles, EnglishReader(), speed=speed),
            "b": Kokoro(parts, decoder, styles, EnglishReader(british=True), speed=speed),
            "z": Kokoro(parts, decoder, styles, MandarinReader(), language=self._language, han=True, speed=speed),
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


class EmbeddedActor(KokoroActor):
    """Says a text in an emotion and one of the four presets; arguments as `KokoroActor`."""

    def voices(self) -> tuple[Voice, ...]:
        """Return the four presets."""
        return tuple(find_voice(name).preset.voice for name in VOICE_PRESETS)

    def _preset(self, voice: str) -> VoicePreset:
        check_preset(Mood("neutral"), voice)
        return super()._preset(voice)


def ready(*, variant: str = "") -> str:
    """Return why the engine cannot run here; empty if it can.

    Args:
        variant: A folder of the three parts and of `voices`; the weights that were pulled by default.
    """
    if not variant:
        return "" if installed(_NAME) else f"its weights are not there: run {_PULL}"
    lacking = [name for name in (ENCODER, PREDICTOR, DECODER, "voices") if not (expanded(variant) / name).exists()]
    return f"{variant} lacks {', '.join(lacking)}" if lacking else ""


def too_slow() -> str:
    """Return that the voices compute slower than they speak on this machine; empty if they are faster.

    Raises:
        WeightsMissing: The weights are missing.
    """
    seconds = seconds_per_second(require(_NAME))
    return "" if seconds < 1 else f"it takes {seconds:.1f} s for a second of speech here: ask for it by --tts {_NAME}"


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
    return KokoroActor(folder, Istftnet(folder, threads=threads), language=language, name=name, speed=speed)


def embedded_ready() -> str:
    """Return why the voice that ships with the project cannot speak on this machine; empty if it can."""
    try:
        for name in (ENCODER, PREDICTOR, DECODER, "voices"):
            bundled(*_FOLDER, name)
    except ResayError as error:
        return error.message
    return ""


def create_embedded(*, threads: int = 0) -> EmbeddedActor:
    """Load the voice that ships with the project.

    Args:
        threads: Computing threads; 0 and 1 are one, as a sentence takes only milliseconds.

    Raises:
        WeightsMissing: The voice is not part of this installation.
    """
    folder = bundled(*_FOLDER)
    return EmbeddedActor(folder, SourceFilter(folder / DECODER, threads=max(threads, 1)), name=_EMBEDDED)


def _fitting(sentence: Sentence, speaker: Kokoro) -> Iterator[Sentence]:
    """Yield a sentence, or the parts of one that is too long when it is read."""
    if speaker.fits(sentence):
        yield sentence
        return
    middle = len(sentence.tokens) // 2
    yield from _fitting(Sentence(sentence.tokens[:middle], sentence.remarks), speaker)
    yield from _fitting(Sentence(sentence.tokens[middle:]), speaker)
