"""EmotiVoice as an engine: the package `emotivoice` behind the promises of a synthesiser.

Moods are its prompts, so that any word is a mood; strength moves the prompt away from the neutral one.
Prompts alone act weakly, so a share of what was learned from actors is put on its sound as well.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import numpy as np

from emotivoice.voices import PRESETS, Voices
from pipeline.audio.writing import finished
from pipeline.core.emotions import Mood
from pipeline.core.errors import NoSpeech, OutputError, SettingsError, UnknownName, WeightsMissing
from pipeline.core.failures import one_line
from pipeline.core.paths import expanded
from pipeline.core.values import Audio
from pipeline.core.voices import Voice, canonical_voice
from pipeline.synthesis.acting import Role, SaidSentence, SentenceSynthesiser
from pipeline.synthesis.prosody.changes import NEUTRAL, EmotionChange, emotion_change, mean
from pipeline.synthesis.prosody.moods import mixture
from pipeline.synthesis.sentences import remarks_of
from pipeline.synthesis.world.speaker import act_on
from pipeline.weights.store import installed, require

if TYPE_CHECKING:
    from emotivoice import EmotiVoice

__all__ = ["ACTING", "EmotiVoiceSynthesiser", "check_voice", "create", "ready", "voices"]

logger = logging.getLogger(__name__)

ACTING: Final = 0.5
"""Share of the learned acting that is put on the sound unless the settings say otherwise."""

_NAME: Final = "emotivoice"
"""Of the engine, and of its weights in the catalogue."""
_PULL: Final = f"detect.py models pull {_NAME}"
"""What to run if the weights are not there."""
_PAUSE_SECONDS: Final = 0.3
"""Seconds between two sentences, as between those of the other voices."""


class EmotiVoiceSynthesiser(SentenceSynthesiser):
    """Says a text in one of many English voices, in English, Chinese or both, as a prompt says.

    Args:
        engine: The loaded model.
        name: Name of the engine.
        acting: Share, 0 to 1, of the learned acting that is put on the sound; 0 leaves all to the prompt.
    """

    def __init__(self, engine: EmotiVoice, name: str = _NAME, *, acting: float = ACTING) -> None:
        self.name = name
        self._engine = engine
        self._acting = acting
        if acting:
            # Loaded now, while the recording is still being heard, and not at the first sentence.
            importlib.import_module("pyworld")

    def voices(self) -> tuple[Voice, ...]:
        """Return the four presets and every speaker of the model."""
        return _listed(self._engine.voices)

    def check(self, mood: Mood, voice: str) -> None:
        """Check that the voice is known; every mood is.

        Raises:
            UnknownName: The model has no such voice.
        """
        self._engine.voices.resolve(canonical_voice(voice))

    def _role(self, mood: Mood, voice: str, strength: float) -> Role:
        name = canonical_voice(voice)
        change = self._change(mood, name) if strength else NEUTRAL
        notes = []
        if mood.is_custom:
            notes.append(f"'{mood.word}' was given to EmotiVoice as its prompt.")
        if change is not NEUTRAL:
            notes.append(
                f"Beside its prompt, EmotiVoice's sound is acted at {self._acting:g} of what was learned from actors."
            )
        return Role(mood, name, change, strength, tuple(notes))

    def _change(self, mood: Mood, voice: str) -> EmotionChange:
        """Return what is put on the sound at strength 1; nothing if the lexicon of moods does not know the mood."""
        try:
            shares = mixture(mood)
        except UnknownName:
            return NEUTRAL
        if not self._acting or shares.get("neutral") == 1:
            return NEUTRAL
        row, _ = self._engine.voices.resolve(voice)
        speaker = self._engine.voices.speakers[row]
        # Whoever is neither known as a woman nor as a man acts half as each.
        sexes = [speaker.sex] if speaker.sex else ["female", "male"]
        return mean([emotion_change(shares, sex) for sex in sexes]).scaled(self._acting)

    def _sentences(self, text: str, role: Role, *, together: bool) -> Iterator[SaidSentence]:
        """Yield each sentence with its words; all but the first begin with a pause."""
        from emotivoice import Control
        from emotivoice.frontend.markup import strip_markup

        rate = self._engine.sample_rate
        pause = np.zeros(0, np.float32)
        control = Control(emotion_strength=role.strength)
        for sentence in self._engine.sentences(
            text, prompt=role.mood.word, speaker=role.voice, control=control, together=together
        ):
            audio = finished(Audio(sentence.samples, rate))
            words = tuple(word.within(audio.duration) for word in sentence.words)
            if role.change is not NEUTRAL:
                audio, words = act_on(audio, words, role.change.scaled(role.strength))
            yield SaidSentence(
                sentence.text,
                Audio(np.concatenate([pause, audio.samples]), rate),
                tuple(word.shifted(len(pause) / rate) for word in words),
                remarks_of(strip_markup(sentence.text), han=True),
            )
            pause = np.zeros(round(_PAUSE_SECONDS * rate), np.float32)
        if not len(pause):
            raise NoSpeech("The text holds nothing that EmotiVoice can say.", hint="It reads English and Chinese.")


def ready(*, variant: str = "") -> str:
    """Return why the engine cannot run here; empty if it can.

    Args:
        variant: A folder of weights of one's own; those that were pulled by default.
    """
    if variant:
        return "" if expanded(variant).is_dir() else f"there is no folder {variant}"
    return "" if installed(_NAME) else f"its weights are not there: run {_PULL}"


def voices(*, variant: str = "") -> tuple[Voice, ...]:
    """Return the voices without loading the model; arguments as `ready`."""
    return _listed(_known(variant))


def check_voice(mood: Mood, voice: str, *, variant: str = "") -> None:
    """Refuse a voice that the model does not have, without loading it; every mood is a prompt.

    Raises:
        UnknownName: There is no such voice.
    """
    _known(variant).resolve(canonical_voice(voice))


def create(
    *, threads: int = 0, device: str = "auto", variant: str = "", acting: float = ACTING
) -> EmotiVoiceSynthesiser:
    """Load the model.

    Args:
        threads: Threads of torch; 0 leaves them to torch.
        device: `cpu`, `cuda`, `mps`, or `auto` for the best of them.
        variant: A folder of weights, official or of one's own; those that were pulled by default.
        acting: As `EmotiVoiceSynthesiser`.

    Raises:
        WeightsMissing: Weights are missing or damaged.
        SettingsError: The device is not there.
    """
    folder = expanded(variant) if variant else require(_NAME)
    import torch

    from emotivoice import EmotiVoice
    from emotivoice.checkpoints import convert
    from emotivoice.engine import find_device
    from emotivoice.folder import WeightsFolder

    if threads:
        torch.set_num_threads(threads)
    device = str(find_device(device))
    try:
        if not variant:
            # Once: the released files are archives of Python objects, and cannot be used where they lie.
            for path in WeightsFolder(folder).unconverted:
                logger.info("rewriting %s as safetensors", path.name)
                with suppress(OutputError):  # Where there is no room they can be read as they are.
                    convert(path)
        name = f"{_NAME}:{variant}" if variant else _NAME
        return EmotiVoiceSynthesiser(EmotiVoice(folder, device=device), name, acting=acting)
    except (WeightsMissing, SettingsError) as error:
        raise WeightsMissing(one_line(error.message) + ".", hint=error.hint or f"Run {_PULL}.") from error


def _known(variant: str) -> Voices:
    folder = expanded(variant)
    lists = sorted(folder.rglob("speaker2")) if variant and folder.is_dir() else []
    return Voices.read(lists[0]) if lists else Voices()


def _listed(known: Voices) -> tuple[Voice, ...]:
    return (*(preset.voice for preset in PRESETS.values()), *known.speakers)
