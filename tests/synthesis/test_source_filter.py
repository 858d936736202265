"""The small decoder: what is asked of F0, durations and timbre is what is heard."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.values import Audio, Samples
from pipeline.synthesis.kokoro.english import EnglishReader
from pipeline.synthesis.kokoro.parts import DECODER, SAMPLE_RATE, Intended, Parts, whole_frames
from pipeline.synthesis.kokoro.source import pulses
from pipeline.synthesis.kokoro.source_filter import SourceFilter
from pipeline.synthesis.kokoro.symbols import token_ids
from pipeline.synthesis.kokoro.voices import Styles, find_voice
from pipeline.synthesis.prosody.changes import TimbreChange, band_centres
from pipeline.synthesis.sentences import sentences
from pipeline.synthesis.world.analysis import estimate_f0

VOICE = Path(__file__).resolve().parents[2] / "checkpoints" / "kokoro"
TEXT = "They were all along the river, and nobody knew why."


@pytest.fixture(scope="module")
def decoder() -> SourceFilter:
    return SourceFilter(VOICE / DECODER)


def intended(voice: str, f0: float = 1.0, durations: float = 1.0) -> Intended:
    """Return a sentence as a voice intends it, with F0 and durations times as large."""
    parts = Parts(VOICE)
    symbols = EnglishReader().read(next(sentences(TEXT))).symbols
    style = Styles(VOICE / "voices").style(find_voice(voice), len(symbols))
    encoded = parts.encode(token_ids(symbols), style)
    frames = whole_frames(encoded.durations, durations)
    hertz, energy = parts.contours(encoded, frames, style)
    voiced = hertz > 0.45 * np.median(hertz[hertz > 50])
    return Intended(encoded.text, frames, np.where(hertz > 20, hertz * f0, hertz), energy, style, voiced)


@pytest.fixture(scope="module")
def said() -> Intended:
    return intended("youngwoman")


def power(samples: Samples, low: float, high: float) -> float:
    """Return the power between two frequencies in dB."""
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return float(10 * np.log10(spectrum[(hertz >= low) & (hertz < high)].sum()))


@pytest.mark.parametrize("voice", ["youngwoman", "middlemale"])
@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.3, 1.6])
def test_f0_is_what_was_asked(decoder: SourceFilter, voice: str, ratio: float) -> None:
    asked = intended(voice, ratio)
    f0 = estimate_f0(Audio(decoder.sound(asked, TimbreChange()), SAMPLE_RATE))
    assert np.median(f0[f0 > 0]) == pytest.approx(np.median(asked.f0[asked.voiced]), rel=0.06)


@pytest.mark.parametrize("ratio", [0.7, 1.6])
def test_the_sound_lasts_as_long_as_its_frames(decoder: SourceFilter, said: Intended, ratio: float) -> None:
    asked = intended("youngwoman", durations=ratio)
    assert len(decoder.sound(asked, TimbreChange())) == 600 * asked.frames.sum()
    assert asked.frames.sum() / said.frames.sum() == pytest.approx(ratio, rel=0.08)


def test_it_says_the_same_each_time(decoder: SourceFilter, said: Intended) -> None:
    first, second = (decoder.sound(said, TimbreChange()) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_band_is_raised_and_the_level_stays(decoder: SourceFilter, said: Intended) -> None:
    spectrum = np.zeros((3, len(band_centres())), np.float32)
    spectrum[:2, (band_centres() > 2500) & (band_centres() < 4000)] = 9.0
    plain, bright = (decoder.sound(said, change) for change in (TimbreChange(), TimbreChange(spectrum=spectrum)))
    gained = power(bright, 2600, 3800) - power(plain, 2600, 3800)
    assert 4 < gained < 10
    assert power(bright, 50, 12_000) == pytest.approx(power(plain, 50, 12_000), abs=1.0)


def test_formants_move_up(decoder: SourceFilter, said: Intended) -> None:
    def centre(samples: Samples) -> float:
        spectrum = np.abs(np.fft.rfft(samples))
        hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
        inside = (hertz > 200) & (hertz < 4000)
        return float((hertz[inside] * spectrum[inside]).sum() / spectrum[inside].sum())

    plain, small = (decoder.sound(said, TimbreChange(formants=each)) for each in (0.0, 0.3))
    assert centre(small) > 1.04 * centre(plain)


def test_breath_is_noise_in_the_voice(decoder: SourceFilter, said: Intended) -> None:
    plain, breathy = (decoder.sound(said, TimbreChange(breath=each)) for each in (0.0, 10.0))
    voiced = np.repeat(said.voiced, 300)
    assert power(breathy * voiced, 6000, 11_000) > power(plain * voiced, 6000, 11_000) + 1


def test_roughness_is_in_the_voice_alone(decoder: SourceFilter, said: Intended) -> None:
    plain, rough = (decoder.sound(said, TimbreChange(roughness=each)) for each in (0.0, 0.8))
    far = np.repeat(~said.voiced, 300)
    near = np.convolve(~far, np.ones(1201), "same") > 0.5
    np.testing.assert_allclose(rough[~near], plain[~near], atol=1e-5)
    assert np.abs(rough - plain)[~far].mean() > 0.1 * np.abs(plain)[~far].mean()
    assert power(rough, 50, 12_000) == pytest.approx(power(plain, 50, 12_000), abs=1.5)


@pytest.mark.parametrize("roughness", [0.0, 0.3, 0.8])
def test_every_other_pulse_of_a_rough_source_is_late(roughness: float) -> None:
    sound = pulses(np.full(40, 100.0, np.float32), roughness)[300:-300]
    peaks = np.flatnonzero((sound[1:-1] > sound[:-2]) & (sound[1:-1] >= sound[2:]) & (sound[1:-1] > 0.6 * sound.max()))
    early, late = np.diff(peaks)[::2], np.diff(peaks)[1::2]
    assert abs(early.mean() - late.mean()) == pytest.approx(240 * roughness / np.pi, rel=0.1, abs=2)
    assert np.concatenate([early, late]).mean() == pytest.approx(240, abs=3)


def test_a_whisper_has_no_period(decoder: SourceFilter, said: Intended) -> None:
    whispered = dataclasses.replace(said, f0=np.full_like(said.f0, 5.0), voiced=np.zeros_like(said.voiced))
    samples = decoder.sound(whispered, TimbreChange(roughness=0.5, breath=3.0))
    assert np.isfinite(samples).all()
    assert power(samples, 50, 12_000) > 0
