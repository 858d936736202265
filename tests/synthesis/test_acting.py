"""The voice acts: what changes from neutral is what changes on actors."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.audio.loudness import loudness
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.engines import Synthesiser
from pipeline.core.values import Audio
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis.world.analysis import analyse
from pipeline.synthesis.world.frames import VocoderFrames

TEXT = "I told you that they would come home on Friday."


@pytest.fixture(scope="module")
def acted(engine: Synthesiser) -> dict[tuple[str, str], Audio]:
    return {
        (mood, voice): engine.synthesise(TEXT, Mood(mood), voice).audio
        for mood in EMOTIONS
        for voice in VOICE_PRESETS
        if mood == "neutral" or voice in ("youngwoman", "youngman")
    }


@pytest.fixture(scope="module")
def measured(acted: dict[tuple[str, str], Audio]) -> dict[tuple[str, str], VocoderFrames]:
    return {key: analyse(audio) for key, audio in acted.items()}


def semitones(frames: VocoderFrames) -> np.ndarray:
    return 12 * np.log2(frames.f0[frames.voiced])


def test_the_presets_stand_in_order_of_f0(measured: dict[tuple[str, str], VocoderFrames]) -> None:
    medians = [
        np.median(semitones(measured["neutral", voice]))
        for voice in ("smallgirl", "youngwoman", "youngman", "middlemale")
    ]
    assert all(higher - lower > 2 for higher, lower in itertools.pairwise(medians))


@pytest.mark.parametrize("voice", ["youngwoman", "youngman"])
@pytest.mark.parametrize(
    ("mood", "least", "most"),
    [
        ("happy", 6, 12), ("angry", 3, 16), ("fearful", 8, 16), ("surprised", 0, 11), ("sad", 3, 10),
        ("disgusted", -4, 4), ("calm", -3.5, 0.0),
    ],
)  # fmt: skip
def test_the_voice_rises_as_on_actors(
    measured: dict[tuple[str, str], VocoderFrames], voice: str, mood: str, least: float, most: float
) -> None:
    shift = np.median(semitones(measured[mood, voice])) - np.median(semitones(measured["neutral", voice]))
    assert least < shift < most


@pytest.mark.parametrize("voice", ["youngwoman", "youngman"])
@pytest.mark.parametrize(
    ("mood", "least", "most"),
    [("sad", 1.1, 1.35), ("calm", 1.05, 1.5), ("disgusted", 1.15, 1.7), ("surprised", 0.9, 1.1)],
)
def test_the_tempo_is_that_of_actors(
    acted: dict[tuple[str, str], Audio], voice: str, mood: str, least: float, most: float
) -> None:
    assert least < acted[mood, voice].duration / acted["neutral", voice].duration < most


@pytest.mark.parametrize("voice", ["youngwoman", "youngman"])
def test_surprise_widens_the_melody(measured: dict[tuple[str, str], VocoderFrames], voice: str) -> None:
    assert semitones(measured["surprised", voice]).std() > 1.3 * semitones(measured["neutral", voice]).std()


def test_a_surprised_woman_lifts_the_end(measured: dict[tuple[str, str], VocoderFrames]) -> None:
    melodies = [semitones(measured[mood, "youngwoman"]) for mood in ("surprised", "neutral")]
    surprised, neutral = (melody[-15:].mean() - melody[-60:-45].mean() for melody in melodies)
    assert surprised > neutral + 1.5


@pytest.mark.parametrize("voice", ["youngwoman", "youngman"])
def test_calm_is_softer_and_anger_louder_within_one_unit(acted: dict[tuple[str, str], Audio], voice: str) -> None:
    calm, neutral, angry = (loudness(acted[mood, voice]) for mood in ("calm", "neutral", "angry"))
    assert -24 <= calm < neutral - 0.1
    assert neutral + 0.3 < angry <= -22


@pytest.mark.parametrize("voice", ["youngwoman", "youngman"])
def test_anger_is_brighter_and_calm_darker(measured: dict[tuple[str, str], VocoderFrames], voice: str) -> None:
    def balance(frames: VocoderFrames) -> float:
        power = 10 ** (frames.envelope[frames.voiced] / 10)
        high = (frames.frequencies > 1000) & (frames.frequencies < 5000)
        return float(10 * np.log10(power[:, high].sum() / power[:, frames.frequencies <= 1000].sum()))

    calm, neutral, angry = (balance(measured[mood, voice]) for mood in ("calm", "neutral", "angry"))
    assert calm < angry - 2
    assert angry > neutral + 2


def test_more_strength_is_more_of_it(espeak: Synthesiser) -> None:
    pitches = [
        np.median(semitones(analyse(espeak.synthesise(TEXT, Mood("happy"), "youngman", strength=strength).audio)))
        for strength in (0.0, 0.5, 1.0, 1.5)
    ]
    assert all(more - less > 1.5 for less, more in itertools.pairwise(pitches))


def test_a_question_without_question_word_rises(engine: Synthesiser) -> None:
    def movement(text: str) -> float:
        ending = semitones(analyse(engine.synthesise(text, Mood("neutral"), "youngwoman").audio))[-60:]
        return float(ending[-15:].mean() - ending[:15].mean())

    assert movement("Did you see them at home?") > movement("You did see them at home.") + 2
