"""EmotiVoice as an engine: the package `emotivoice` behind the promises of a synthesiser.

Moods are its prompts, so that any word is a mood; strength moves the prompt away from the neutral one.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from emotivoice.errors import CheckpointError, ConfigurationError, UnknownVoice
from emotivoice.voices import TONES, Voices
from pipeline.audio.loudness import SPEAKING_LOUDNESS, loudness, to_loudness
from pipeline.audio.writing import finished
from pipeline.core.emotions import Mood
from pipeline.core.errors import NoSpeech, SettingsError, UnknownName, WeightsMissing
from pipeline.core.values import Audio, Speech, Word
from pipeline.core.voices import Voice, canonical_voice
from pipeline.weights.store import installed, require

if TYPE_CHECKING:
    from emotivoice import EmotiVoice

__all__ = ["EmotiVoiceSynthesiser", "create", "ready", "voices"]

logger = logging.getLogger(__name__)

_NAME: Final = "emotivoice"
_PULL: Final = f"detect.py models pull {_NAME}"
_STRONGEST: Final = 2.0
_PAUSE_SECONDS: Final = 0.3


class EmotiVoiceSynthesiser:
    """Says a text in one of many English voices, in English, Chinese or both, as a prompt says.

    Args:
        engine: The loaded model.
        name: Name of the engine.
    """

    def __init__(self, engine: EmotiVoice, name: str = _NAME) -> None:
        self.name = name
        self._engine = engine

    def voices(self) -> tuple[Voice, ...]:
        """Return the four tones and every speaker of the model."""
        return _listed(self._engine.voices)

    def check(self, mood: Mood, voice: str) -> None:
        """Return in silence if the voice is known; every mood is.

        Raises:
            UnknownName: The model has no such voice.
        """
        with _translated():
            self._engine.voices.resolve(canonical_voice(voice))

    def synthesise(self, text: str, mood: Mood, voice: str, *, strength: float = 1.0) -> Speech:
        """Say a text, brought to -23 LUFS.

        Args:
            text: English, Chinese or both; what has no reading is skipped.
            mood: An emotion, or any words that the model is to take as its prompt.
            voice: A tone, or a speaker's number or name.
            strength: 0 is the neutral prompt, 1 the mood's own, 2 as far again; limited to 2.

        Raises:
            UnknownName: The model has no such voice.
            NoSpeech: The text holds nothing that can be said.
        """
        parts: list[Audio] = []
        words: list[Word] = []
        seconds = 0.0
        for _, audio, said in self._sentences(text, mood, canonical_voice(voice), strength, together=True):
            words += [word.shifted(seconds) for word in said]
            seconds += audio.duration
            parts.append(audio)
        whole = Audio(np.concatenate([part.samples for part in parts]), parts[0].sample_rate)
        return self._speech(text, to_loudness(whole, SPEAKING_LOUDNESS), tuple(words), mood, voice)

    def stream(self, text: str, mood: Mood, voice: str, *, strength: float = 1.0) -> Iterator[Speech]:
        """Say a text sentence by sentence; each is there before the next is begun.

        The first sentence is brought to -23 LUFS and sets the gain of the others.

        Args:
            text: As in `synthesise`.
            mood: As in `synthesise`.
            voice: As in `synthesise`.
            strength: As in `synthesise`.

        Yields:
            Sentences to be played one after the other: all but the first begin with the pause before them;
            times of words count from the start of that.

        Raises:
            UnknownName: As `synthesise`.
            NoSpeech: As `synthesise`.
        """
        gain = math.inf
        for said, audio, words in self._sentences(text, mood, canonical_voice(voice), strength, together=False):
            level = loudness(audio)
            # A sentence without sound has no level to go by.
            gain = gain if math.isfinite(gain) else SPEAKING_LOUDNESS - level
            yield self._speech(said, to_loudness(audio, level + gain), words, mood, voice)

    def _sentences(
        self, text: str, mood: Mood, voice: str, strength: float, *, together: bool
    ) -> Iterator[tuple[str, Audio, tuple[Word, ...]]]:
        """Yield each sentence with its words, in seconds from the start of its sound; all but the first after a pause.

        Args:
            text: As in `synthesise`.
            mood: As in `synthesise`.
            voice: As in `synthesise`.
            strength: As in `synthesise`.
            together: Whether the model sees several at once: faster for all of them, slower for the first.
        """
        from emotivoice import Control

        control = Control(emotion_strength=min(max(strength, 0.0), _STRONGEST))
        rate = self._engine.sample_rate
        pause = np.zeros(0, np.float32)
        with _translated():
            for sentence in self._engine.sentences(
                text, prompt=mood.word, speaker=voice, control=control, together=together
            ):
                samples = finished(Audio(sentence.samples, rate)).samples
                before, longest = len(pause) / rate, len(samples) / rate
                yield (
                    sentence.text,
                    Audio(np.concatenate([pause, samples]), rate),
                    tuple(
                        Word(word.text, before + min(word.start, longest), before + min(word.end, longest))
                        for word in sentence.words
                    ),
                )
                pause = np.zeros(round(_PAUSE_SECONDS * rate), np.float32)
        if not len(pause):
            raise NoSpeech("The text holds nothing that EmotiVoice can say.", hint="It reads English and Chinese.")

    def _speech(self, text: str, audio: Audio, words: tuple[Word, ...], mood: Mood, voice: str) -> Speech:
        return Speech(
            audio=audio,
            text=text,
            emotion=mood.word,
            voice=canonical_voice(voice),
            engine=self.name,
            words=words,
            notes=(f"'{mood.word}' was given to EmotiVoice as its prompt.",) if mood.is_custom else (),
        )


def ready(*, variant: str = "") -> str:
    """Return why the engine cannot run here; empty if it can.

    Args:
        variant: A folder of weights of one's own; those that were pulled by default.
    """
    if variant:
        return "" if Path(variant).expanduser().is_dir() else f"there is no folder {variant}"
    return "" if installed(_NAME) else f"its weights are not there: run {_PULL}"


def voices(*, variant: str = "") -> tuple[Voice, ...]:
    """Return the voices without loading the model; arguments as `ready`."""
    folder = Path(variant).expanduser()
    lists = sorted(folder.rglob("speaker2")) if variant and folder.is_dir() else []
    return _listed(Voices.read(lists[0]) if lists else Voices())


def create(*, threads: int = 0, device: str = "auto", language: str = "", variant: str = "") -> EmotiVoiceSynthesiser:
    """Load the model.

    Args:
        threads: Threads of torch; 0 leaves them to torch.
        device: `cpu`, `cuda`, `mps`, or `auto` for the best of them.
        language: It speaks English and Chinese in one text, whatever is asked for.
        variant: A folder of weights, official or of one's own; those that were pulled by default.

    Raises:
        WeightsMissing: Weights are missing or damaged.
        SettingsError: The device is not there.
    """
    folder = Path(variant).expanduser() if variant else require(_NAME)
    import torch

    from emotivoice import EmotiVoice
    from emotivoice.checkpoints import convert
    from emotivoice.folder import WeightsFolder

    if threads:
        torch.set_num_threads(threads)
    with _translated():
        if not variant:
            # Once: the released files are archives of Python objects, and cannot be used where they lie.
            for path in WeightsFolder(folder).unconverted:
                logger.info("rewriting %s as safetensors", path.name)
                with suppress(OSError):  # Where there is no room they can be read as they are.
                    convert(path)
        return EmotiVoiceSynthesiser(EmotiVoice(folder, device=device), f"{_NAME}:{variant}" if variant else _NAME)


def _listed(known: Voices) -> tuple[Voice, ...]:
    tones = [Voice(tone.name, tone.sex, tone.description) for tone in TONES.values()]
    speakers = [
        Voice(
            speaker.identity,
            speaker.sex,
            ": ".join(part for part in (speaker.name, speaker.description) if part != speaker.identity and part),
        )
        for speaker in known.speakers
    ]
    return (*tones, *speakers)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors of the package into those of the project."""
    try:
        yield
    except UnknownVoice as error:
        raise UnknownName(error.message, hint=error.hint) from error
    except ConfigurationError as error:
        raise SettingsError(error.message, hint=error.hint) from error
    except CheckpointError as error:
        raise WeightsMissing(error.message, hint=error.hint or f"Run {_PULL}.") from error
