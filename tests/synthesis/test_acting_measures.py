"""What is changed in a voice is what is measured in it: the rules and the measures speak of the same things."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pipeline.synthesis.espeak import Espeak
from pipeline.synthesis.prosody.changes import NEUTRAL, EmotionChange
from pipeline.synthesis.prosody.presets import PRESETS
from pipeline.synthesis.sentences import sentences
from pipeline.synthesis.world.analysis import analyse
from pipeline.synthesis.world.frames import VocoderFrames
from pipeline.synthesis.world.rendering import render
from pipeline.synthesis.world.speaker import act
from pipeline.training.acting.measuring import departure, measured

PRESET = PRESETS["youngwoman"]


@pytest.fixture(scope="module")
def neutral() -> VocoderFrames:
    speaker = Espeak()
    sentence = next(iter(sentences("The old bridge was built by hand.", han=False)))
    return speaker.plan(sentence, PRESET).frames


def changed(neutral: VocoderFrames, change: EmotionChange) -> EmotionChange:
    return departure(
        [measured(act(neutral, change, PRESET.register))], [measured(act(neutral, NEUTRAL, PRESET.register))]
    )


@pytest.mark.parametrize(
    ("field", "value", "tolerance"),
    [
        ("shift", 4.0, 0.3), ("shift", -2.0, 0.3), ("range", 0.3, 0.08), ("range", -0.3, 0.08), ("slope", 2.0, 0.3),
        ("final", 4.0, 1.5), ("final", -3.0, 1.5), ("arch", 2.0, 0.7), ("tempo", 0.3, 0.05), ("tempo", -0.15, 0.05),
        ("dynamics", -0.2, 0.12), ("swell", 3.0, 1.0), ("swell", -3.0, 1.0),
        ("tremor", 0.8, 0.4),
    ],
)  # fmt: skip
def test_what_is_asked_is_measured(neutral: VocoderFrames, field: str, value: float, tolerance: float) -> None:
    found = changed(neutral, dataclasses.replace(NEUTRAL, **{field: value}))
    assert getattr(found, field) == pytest.approx(value, abs=tolerance)


def test_a_brighter_spectrum_is_measured_where_it_is_asked(neutral: VocoderFrames) -> None:
    spectrum = np.zeros_like(NEUTRAL.spectrum)
    spectrum[:, 20:30] = 6.0
    found = changed(neutral, dataclasses.replace(NEUTRAL, spectrum=spectrum)).spectrum
    for row in found:
        assert row[20:30].mean() - row[:12].mean() == pytest.approx(6.0, abs=1.5)


def test_roughness_lets_every_other_period_be_weaker(neutral: VocoderFrames) -> None:
    steady = dataclasses.replace(neutral, f0=np.where(neutral.voiced, 200.0, 0.0))

    def half_pitch(roughness: float) -> float:
        """Return the power at 100 Hz of a voice of 200 Hz, in dB of the whole."""
        sound = render(dataclasses.replace(steady, roughness=roughness))
        power = np.square(np.abs(np.fft.rfft(sound.samples)))
        hertz = np.fft.rfftfreq(len(sound.samples), 1 / sound.sample_rate)
        near = (hertz > 90) & (hertz < 110)
        return float(10 * np.log10(power[near].sum() / power.sum()))

    assert half_pitch(0.6) > half_pitch(0.2) > half_pitch(0.0) + 3


def test_roughness_keeps_the_power(neutral: VocoderFrames) -> None:
    def power(roughness: float) -> float:
        samples = render(dataclasses.replace(neutral, roughness=roughness)).samples
        return float(10 * np.log10(np.square(samples).mean()))

    assert power(0.6) == pytest.approx(power(0.0), abs=0.7)


def test_spread_lips_move_the_formants_of_vowels_and_leave_the_consonants(neutral: VocoderFrames) -> None:
    smiling = act(neutral, dataclasses.replace(NEUTRAL, formants=0.1), PRESET.register)
    plain = act(neutral, NEUTRAL, PRESET.register)
    inside = np.convolve(plain.voiced, np.ones(31) / 31, "same")
    difference = np.abs(smiling.envelope - plain.envelope).mean(axis=1)
    assert difference[inside > 0.99].mean() > 1
    assert (difference[inside < 0.01] < 0.1).all()


def test_a_sentence_has_the_same_measures_as_sound(neutral: VocoderFrames) -> None:
    change = dataclasses.replace(NEUTRAL, shift=3.0, tempo=0.2)
    heard = [measured(analyse(render(act(neutral, each, PRESET.register)))) for each in (change, NEUTRAL)]
    found = departure([heard[0]], [heard[1]])
    assert found.shift == pytest.approx(3.0, abs=0.5)
    assert found.tempo == pytest.approx(0.2, abs=0.06)
