"""EmotiVoice as an engine: the package `emotivoice` behind the promises of a synthesiser.

Moods are its prompts, so that any word is a mood; strength moves the prompt away from the neutral one.
Prompts alone act weakly, so durations, pitch and energy go a part of the way to what was learned from actors,
before there is any sound.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import numpy as np

from emotivoice.voices import PRESETS as OWN_PRESETS
from emotivoice.voices import Voices
from pipeline.audio.writing import finished
from pipeline.core.emotions import Mood
from pipeline.core.errors import NoSpeech, OutputError, SettingsError, UnknownName, WeightsMissing
from pipeline.core.failures import one_line
from pipeline.core.paths import expanded
from pipeline.core.values import Audio
from pipeline.core.voices import Voice, canonical_voice
from pipeline.frontend.words import WordReading
from pipeline.synthesis.acting import Role, SaidSentence, SentenceSynthesiser, sentence_pause
from pipeline.synthesis.prosody.changes import NEUTRAL, emotion_change, mean
from pipeline.synthesis.prosody.moods import describe, mixture
from pipeline.synthesis.prosody.presets import PRESETS
from pipeline.synthesis.sentences import remarks_of, sentences
from pipeline.synthesis.world.speaker import should_rise
from pipeline.weights.store import installed, require

if TYPE_CHECKING:
    from emotivoice import EmotiVoice

__all__ = ["ACTING", "EmotiVoiceSynthesiser", "check_voice", "create", "ready", "voices"]

logger = logging.getLogger(__name__)

ACTING: Final = 0.5
"""Part of the way from the prompt's prosody to that of actors, unless the settings say otherwise."""

_NAME: Final = "emotivoice"
"""Of the engine, and of its weights in the catalogue."""
_PULL: Final = f"detect.py models pull {_NAME}"
"""What to run if the weights are not there."""


class EmotiVoiceSynthesiser(SentenceSynthesiser):
    """Says a text in one of many English voices, in English, Chinese or both, as a prompt says.

    Args:
        engine: The loaded model.
        name: Name of the engine.
        acting: How far, 0 to 1, durations, pitch and energy go from what the prompt makes of them to what actors do;
            0 leaves all to the prompt.
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
        notes = [f"'{mood.word}' was given to EmotiVoice as its prompt."] if mood.is_custom else []
        change = NEUTRAL
        if strength and (shares := self._shares(mood)):
            change = mean([emotion_change(shares, sex) for sex in self._sexes(name)])
            acted = f"Beside its prompt, EmotiVoice was acted at {self._acting:g} of what was learned from actors."
            notes.append(" ".join(filter(None, (acted, describe(mood, shares)))))
        return Role(mood, name, change, strength, tuple(notes))

    def _shares(self, mood: Mood) -> dict[str, float]:
        """Return the emotions that are acted; none if nothing is, or if the lexicon does not know the mood."""
        try:
            shares = mixture(mood)
        except UnknownName:
            return {}
        return shares if self._acting and shares.get("neutral") != 1 else {}

    def _sexes(self, voice: str) -> list[str]:
        """Return whose changes a voice takes: who is neither known as a woman nor as a man acts half as each."""
        row, _ = self._engine.voices.resolve(voice)
        sex = self._engine.voices.speakers[row].sex
        return [sex] if sex else ["female", "male"]

    def _sentences(self, text: str, role: Role, *, together: bool) -> Iterator[SaidSentence]:
        """Yield each sentence with its words; all but the first begin with a pause."""
        from emotivoice import Control
        from pipeline.synthesis.emotivoice.plan import EmotiVoicePlan

        rate = self._engine.sample_rate
        acts = role.change is not NEUTRAL
        acted = role.acted if acts else NEUTRAL
        silence = np.zeros(round(sentence_pause(acted.scaled(self._acting)) * rate), np.float32)
        rise = PRESETS[role.voice].register.rise if role.voice in PRESETS else 1.0
        pause = silence[:0]
        for planned in self._engine.plan(
            text,
            prompt=role.mood.word,
            speaker=role.voice,
            control=Control(emotion_strength=role.strength),
            together=together,
            beside_neutral=acts,
        ):
            remarks, asks = _read(planned.text)
            plan = EmotiVoicePlan(self._engine, planned, self._acting, asks=asks, rise=rise)
            prosody = plan.apply(acted) if acts or plan.is_acted else plan.prosody
            audio = finished(plan.render(prosody, acted))
            words = tuple(word.within(audio.duration).shifted(len(pause) / rate) for word in plan.words(prosody))
            joined = Audio(np.concatenate([pause, audio.samples]), rate)
            yield SaidSentence(planned.text, joined, words, remarks)
            pause = silence
        if pause is not silence:
            raise NoSpeech("The text holds nothing that EmotiVoice can say.", hint="It reads English and Chinese.")


def _read(text: str) -> tuple[tuple[WordReading, ...], bool]:
    """Return the words of a text of which a person should be told something, and whether a voice rises at its end."""
    from emotivoice.frontend.markup import strip_markup

    plain = strip_markup(text)
    try:
        *_, last = sentences(plain, han=True)
    except NoSpeech:
        return remarks_of(plain, han=True), False
    return remarks_of(plain, han=True), should_rise(last)


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
    return (*(preset.voice for preset in OWN_PRESETS.values()), *known.speakers)
