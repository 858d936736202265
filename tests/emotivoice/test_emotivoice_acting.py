"""Prosody on EmotiVoice's sound: a tiny model, and a foreign voice whose prompts do nothing at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emotivoice import Voices
from emotivoice.engine import SpokenSentence
from pipeline.audio.loudness import loudness
from pipeline.chain.engines import Engines
from pipeline.core.emotions import Mood
from pipeline.core.options import EngineSettings
from pipeline.core.values import Audio, Speech
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.emotivoice import EmotiVoiceSynthesiser
from pipeline.synthesis.prosody.changes import emotion_change
from pipeline.synthesis.world.analysis import estimate_f0

TEXT = "I told you that they would come home on Friday."
TONES = ("youngwoman", "youngman")


class Foreign:
    """Stands for a model whose voice is that of the embedded engine, and which pays no heed to any prompt."""

    def __init__(self) -> None:
        self.voices = Voices()
        embedded = SYNTHESISERS.create(SYNTHESISERS.find("embedded"))
        self._said = {voice: embedded.synthesise(TEXT, Mood("neutral"), voice) for voice in TONES}
        self.sample_rate = self._said[TONES[0]].audio.sample_rate

    def sentences(self, text: str, *, speaker: str, **_: object) -> Iterator[SpokenSentence]:
        said = self._said[speaker]
        words = said.words
        yield SpokenSentence(text, said.audio.samples, words)


@pytest.fixture(scope="module")
def foreign() -> Foreign:
    return Foreign()


def say(
    foreign: Foreign, mood: str, voice: str = "youngwoman", *, acting: float = 1.0, strength: float = 1.0
) -> Speech:
    return EmotiVoiceSynthesiser(foreign, acting=acting).synthesise(TEXT, Mood(mood), voice, strength=strength)  # type: ignore[arg-type]


def height(audio: Audio) -> float:
    f0 = estimate_f0(audio)
    return float(12 * np.log2(np.median(f0[f0 > 0])))


@pytest.mark.parametrize("voice", TONES)
@pytest.mark.parametrize("mood", ["calm", "happy", "sad", "angry"])
def test_a_voice_that_pays_no_heed_to_prompts_acts(foreign: Foreign, mood: str, voice: str) -> None:
    plain, acted = say(foreign, "neutral", voice), say(foreign, mood, voice)
    wanted = emotion_change({mood: 1.0}, {"youngwoman": "female", "youngman": "male"}[voice])
    assert height(acted.audio) - height(plain.audio) == pytest.approx(wanted.shift, abs=1.5)
    assert acted.audio.duration / plain.audio.duration == pytest.approx(np.exp(wanted.tempo), abs=0.12)
    assert np.sign(loudness(acted.audio) - loudness(plain.audio)) == np.sign(wanted.level)


@pytest.mark.parametrize("mood", ["happy", "sad"])
def test_words_move_with_the_sound(foreign: Foreign, mood: str) -> None:
    plain, acted = say(foreign, "neutral"), say(foreign, mood)
    assert [word.text for word in acted.words] == TEXT.split()
    times = [time for word in acted.words for time in (word.start, word.end)]
    assert all(earlier <= later + 1e-9 for earlier, later in itertools.pairwise(times))
    assert times[-1] <= acted.audio.duration
    ratio = acted.audio.duration / plain.audio.duration
    assert acted.words[-1].start / plain.words[-1].start == pytest.approx(ratio, rel=0.1)


def test_the_share_says_how_much(foreign: Foreign) -> None:
    heights = [height(say(foreign, "happy", acting=share).audio) for share in (0.0, 0.5, 1.0)]
    assert all(more - less > 2 for less, more in itertools.pairwise(heights))


@pytest.mark.parametrize(
    ("mood", "acting", "strength"), [("neutral", 1.0, 1.0), ("happy", 0.0, 1.0), ("happy", 1.0, 0.0)]
)
def test_what_is_not_to_be_acted_stays_as_it_is(foreign: Foreign, mood: str, acting: float, strength: float) -> None:
    found = say(foreign, mood, acting=acting, strength=strength)
    plain = foreign._said["youngwoman"]
    assert np.corrcoef(found.audio.samples, plain.audio.samples)[0, 1] > 0.99999
    assert found.notes == ()


@pytest.mark.parametrize(
    ("mood", "notes"),
    [
        ("sad", ["acted at 0.5"]),
        ("wistful", ["'wistful' was given to EmotiVoice as its prompt", "acted at 0.5"]),
        ("like a tired pirate", ["'like a tired pirate' was given to EmotiVoice as its prompt"]),
    ],
)
def test_what_acted_is_told(foreign: Foreign, mood: str, notes: list[str]) -> None:
    told = say(foreign, mood, acting=0.5).notes
    assert len(told) == len(notes)
    assert all(note in sentence for note, sentence in zip(notes, told, strict=True))


@pytest.mark.parametrize("voice", ["youngwoman", "own"])
def test_the_setting_reaches_the_model(tiny_model: Path, voice: str) -> None:
    def spoken(acting: float) -> Speech:
        settings = EngineSettings(tts=f"emotivoice:{tiny_model}", acting=acting, device="cpu")
        engine = Engines(settings).synthesiser("en")
        return engine.synthesise("Good evening, my friends.", Mood("disgusted"), voice)

    prompted, acted = spoken(0.0), spoken(1.0)
    assert acted.audio.duration > 1.1 * prompted.audio.duration
    assert [word.text for word in acted.words] == [word.text for word in prompted.words]
    assert len(acted.notes) == len(prompted.notes) + 1
