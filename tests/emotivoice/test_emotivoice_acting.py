"""EmotiVoice acts before there is sound: a tiny model, and one whose sound is what the model was asked for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from emotivoice import Control, EmotiVoice
from emotivoice.acoustic import Predictions
from emotivoice.control import ENERGY_DEVIATION, ENERGY_MEAN, PITCH_DEVIATION, PITCH_MEAN
from emotivoice.planned import PlannedSentence, TokenProsody
from pipeline.audio.loudness import loudness
from pipeline.audio.writing import finished
from pipeline.chain.engines import Engines
from pipeline.core.emotions import Mood
from pipeline.core.options import EngineSettings
from pipeline.core.values import Audio, Samples, Speech
from pipeline.synthesis.emotivoice.voice import EmotiVoiceSynthesiser
from pipeline.synthesis.prosody.changes import emotion_change
from pipeline.synthesis.prosody.f0 import movement
from pipeline.synthesis.world.analysis import estimate_f0

TEXT = "I told you that they would come home on Friday."
VOICES = {"8051": ("female", 200.0), "9017": ("male", 110.0)}
VOICELESS = {"[P]", "[T]", "[K]", "[F]", "[TH]", "[S]", "[SH]", "[CH]", "[HH]"}


def in_model(values: np.ndarray, mean: float, deviation: float) -> torch.Tensor:
    return torch.from_numpy((values[None] - mean) / deviation).float()


class Humming(EmotiVoice):
    """A model that reads and plans in the official format, and hums the pitch, energy and durations it is asked for.

    Args:
        folder: Weights; they say how texts become tokens.
        heed: By how many semitones higher, and by what share slower, a prompt other than the neutral one speaks.
        final: Semitones by which its sentences move in their last quarter.
    """

    def __init__(self, folder: Path, heed: tuple[float, float] = (0.0, 0.0), final: float = -3.0) -> None:
        super().__init__(folder)
        self.heed, self.final = heed, final
        self.asked: list[TokenProsody] = []

    def plan(self, text: str, **options: Any) -> Iterator[PlannedSentence]:
        _, usual = VOICES[options["speaker"]]
        strength = 0.0 if options["prompt"] == "neutral" else options["control"].emotion_strength
        for planned in super().plan(text, **options):
            neutral = self._said(planned, usual, 0.0)
            yield replace(
                planned,
                predictions=self._said(planned, usual, strength),
                neutral_predictions=neutral if planned.neutral_predictions else None,
            )

    def render(self, planned: PlannedSentence, prosody: TokenProsody | None = None) -> Samples:
        said = prosody or planned.prompted
        self.asked.append(said)
        counts = np.diff(np.round(np.cumsum([0.0, *said.seconds]) * self.sample_rate).astype(int))
        phase = 2 * np.pi * np.cumsum(np.repeat(said.pitch, counts)) / self.sample_rate
        hum = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 9))
        noise = np.random.default_rng(0).standard_normal(len(phase)) / 10
        silent = np.array(["sp" in name or name in {".", "?", "!"} for name in planned.names])
        vowels = np.array([name[0] == "[" or name[-1].isdigit() for name in planned.names])
        voiced = vowels & ~silent & np.array([name not in VOICELESS for name in planned.names])
        level = np.repeat(np.where(silent, 0.0, 10 ** ((said.energy - 60) / 20)), counts)
        smooth = np.convolve(level, np.hanning(160) / np.hanning(160).sum(), "same")
        return (smooth * np.where(np.repeat(voiced, counts), hum, noise)).astype(np.float32)

    def _said(self, planned: PlannedSentence, usual: float, strength: float) -> Predictions:
        """Return 80 ms a token, and a contour that falls by two semitones and moves at its end."""
        semitones, slower = self.heed
        place = np.linspace(0, 1, len(planned.names))
        contour = 1 - 2 * place + self.final * np.maximum(0, 4 * place - 3) + strength * semitones
        return replace(
            planned.predictions,
            durations=torch.full((1, len(place)), round(5 * (1 + strength * slower))),
            pitch=in_model(usual * 2 ** (contour / 12), PITCH_MEAN, PITCH_DEVIATION),
            energy=in_model(np.full(len(place), 30.0), ENERGY_MEAN, ENERGY_DEVIATION),
        )


@pytest.fixture(scope="module")
def humming(tiny_model: Path) -> Humming:
    return Humming(tiny_model)


def say(
    engine: EmotiVoice, mood: str, voice: str = "8051", *, text: str = TEXT, acting: float = 1.0, strength: float = 1.0
) -> Speech:
    return EmotiVoiceSynthesiser(engine, acting=acting).synthesise(text, Mood(mood), voice, strength=strength)


def height(audio: Audio) -> float:
    f0 = estimate_f0(audio)
    return float(12 * np.log2(f0[f0 > 0]).mean())


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("mood", ["calm", "happy", "sad", "angry", "disgusted"])
def test_a_model_that_pays_no_heed_to_prompts_acts(humming: Humming, mood: str, voice: str) -> None:
    plain, acted = say(humming, "neutral", voice), say(humming, mood, voice)
    wanted = emotion_change({mood: 1.0}, VOICES[voice][0])
    # The model is asked for no more than 440 Hz.
    highest = 12 * np.log2(440) - height(plain.audio)
    assert height(acted.audio) - height(plain.audio) == pytest.approx(min(wanted.shift, highest), abs=1.7)
    assert acted.audio.duration / plain.audio.duration == pytest.approx(np.exp(wanted.tempo) + wanted.pauses, abs=0.05)
    assert np.sign(loudness(acted.audio) - loudness(plain.audio)) == np.sign(wanted.level)
    # The level of the actors is effort that the model is asked for, and the loudness of the whole says little of it.
    asked = [tokens.energy[1:-2].mean() for tokens in humming.asked[-2:]]
    assert np.sign(asked[1] - asked[0]) == np.sign(wanted.level)


@pytest.mark.parametrize("acting", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("prompted", [0, 1, 2])
def test_what_the_prompt_does_is_not_done_twice(tiny_model: Path, prompted: int, acting: float) -> None:
    """What is said lies between the prompt, which does none, all or twice of what actors do, and the actors."""
    wanted = emotion_change({"sad": 1.0}, "female")
    engine = Humming(tiny_model, heed=(prompted * wanted.shift, prompted * 0.2))
    plain, acted = (say(engine, mood, acting=acting).audio for mood in ("neutral", "sad"))
    lasts = np.exp(wanted.tempo) + wanted.pauses - 1
    higher = (1 - acting) * prompted * wanted.shift + acting * wanted.shift
    slower = (1 - acting) * prompted * 0.2 + acting * lasts
    assert height(acted) - height(plain) == pytest.approx(higher, abs=1.0)
    assert acted.duration / plain.duration - 1 == pytest.approx(slower, abs=0.05)


@pytest.mark.parametrize("heed", [(0.0, 0.0), (2.0, 0.1)])
@pytest.mark.parametrize("mood", ["happy", "sad", "angry", "fearful", "wistful"])
def test_strength_rises(tiny_model: Path, mood: str, heed: tuple[float, float]) -> None:
    engine = Humming(tiny_model, heed)
    said = [say(engine, mood, acting=0.5, strength=strength).audio for strength in (0.0, 0.5, 1.0, 1.5)]
    assert np.array_equal(said[0].samples, say(engine, "neutral", acting=0.5).audio.samples)
    heights, seconds = [height(audio) for audio in said], [audio.duration for audio in said]
    assert all(more - less > 0.1 for less, more in itertools.pairwise(heights))
    # Fear is hasty, whatever the prompt does; the others take their time.
    assert mood == "fearful" or all(more > less for less, more in itertools.pairwise(seconds))


@pytest.mark.parametrize("mood", ["happy", "sad"])
def test_words_move_with_the_sound(humming: Humming, mood: str) -> None:
    plain, acted = say(humming, "neutral"), say(humming, mood)
    assert [word.text for word in acted.words] == TEXT.split()
    times = [time for word in acted.words for time in (word.start, word.end)]
    assert all(earlier <= later + 1e-9 for earlier, later in itertools.pairwise(times))
    assert times[-1] <= acted.audio.duration
    ratio = acted.audio.duration / plain.audio.duration
    assert acted.words[-1].start / plain.words[-1].start == pytest.approx(ratio, rel=0.05)
    for word in acted.words[1:]:
        # Between two words is a pause of 80 ms or so, and nothing is heard in its middle.
        gap = acted.audio.slice(word.start - 0.05, word.start - 0.03).samples
        assert np.abs(gap).max() < 0.02 * np.abs(acted.audio.samples).max()


@pytest.mark.parametrize("mood", ["neutral", "sad", "disgusted"])
def test_a_break_lasts_as_long_as_the_text_says(humming: Humming, mood: str) -> None:
    speech = say(humming, mood, text='Good <break time="0.7s"/> evening.')
    first, second = speech.words
    assert second.start - first.end == pytest.approx(0.7, abs=0.002)


@pytest.mark.parametrize(
    ("text", "mood", "rises"),
    [
        ("You are going home now?", "neutral", True),
        ("You are going home now?", "angry", True),
        ("You are going home now.", "neutral", False),
        ("Why are you going home now?", "neutral", False),
        ("你们现在要回家？", "neutral", True),
        ("你们现在要回家？", "happy", True),
        ("你们现在要回家吗？", "neutral", False),
        ("你们现在是不是要回家？", "happy", False),
    ],
)
def test_questions_rise(humming: Humming, text: str, mood: str, rises: bool) -> None:
    f0 = estimate_f0(say(humming, mood, text=text, acting=0.5).audio)
    assert (movement(12 * np.log2(f0[f0 > 0][-50:])) > 1) == rises


def test_a_question_that_rises_by_itself_is_left_alone(tiny_model: Path) -> None:
    engine = Humming(tiny_model, final=6.0)
    asked, told = (say(engine, "neutral", text=f"You are going home now{mark}", acting=1.0) for mark in "?.")
    assert np.array_equal(asked.audio.samples, told.audio.samples)


@pytest.mark.parametrize("voice", ["8051", "smallgirl"])
@pytest.mark.parametrize(
    ("changed", "control"),
    [
        (lambda plan: replace(plan, seconds=2 * plan.seconds), Control(speed=0.5)),
        (lambda plan: replace(plan, pitch=1.2 * plan.pitch), Control(pitch=1.2)),
        (lambda plan: replace(plan, energy=plan.energy + 20 * np.log10(1.5)), Control(energy=1.5)),
    ],
    ids=["seconds", "pitch", "energy"],
)
def test_what_tokens_are_asked_for_is_what_the_model_does(
    tiny_model: Path, changed: Any, control: Control, voice: str
) -> None:
    engine = EmotiVoice(tiny_model)
    planned, turned = (next(engine.plan(TEXT, prompt="sad", speaker=voice, control=each))
                       for each in (Control(), control))  # fmt: skip
    asked = engine.render(planned, changed(planned.prompted))
    assert np.abs(asked - engine.render(turned)).max() < 1e-4
    assert np.abs(engine.render(planned) - engine.render(planned, planned.prompted)).max() < 1e-4
    assert [word.end for word in engine.words(planned, changed(planned.prompted))] == pytest.approx(
        [word.end for word in engine.words(turned)]
    )


@pytest.mark.parametrize(
    ("mood", "acting", "strength"), [("neutral", 1.0, 1.0), ("happy", 0.0, 0.0), ("happy", 1.0, 0.0)]
)
@pytest.mark.parametrize("voice", ["8051", "smallgirl"])
def test_what_is_not_to_be_acted_is_what_the_model_says(
    tiny_model: Path, mood: str, acting: float, strength: float, voice: str
) -> None:
    engine = EmotiVoice(tiny_model)
    found = say(engine, mood, voice, acting=acting, strength=strength)
    plain = finished(Audio(engine.synthesise(TEXT, speaker=voice), engine.sample_rate)).samples
    assert len(found.audio.samples) == len(plain)
    assert np.corrcoef(found.audio.samples, plain)[0, 1] > 0.99999
    assert found.notes == ()


@pytest.mark.parametrize(
    ("mood", "notes"),
    [
        ("sad", ["acted at 0.5"]),
        ("wistful", ["'wistful' was given to EmotiVoice as its prompt", "'wistful' is spoken as 65 % sad"]),
        ("like a tired pirate", ["'like a tired pirate' was given to EmotiVoice as its prompt"]),
    ],
)
def test_what_acted_is_told(humming: Humming, mood: str, notes: list[str]) -> None:
    told = say(humming, mood, acting=0.5).notes
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
