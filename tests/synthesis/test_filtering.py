"""Voice quality as a filter on finished sound."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.values import Audio
from pipeline.synthesis.prosody.changes import NEUTRAL, EmotionChange, band_centres, emotion_change
from pipeline.synthesis.world.filtering import filtered
from pipeline.synthesis.world.frames import PERIOD

RATE = 24_000
SECONDS = 1.2
HERTZ = 150.0


@pytest.fixture(scope="module")
def vowel() -> tuple[Audio, np.ndarray]:
    """A buzz of 150 Hz with a little noise, silent at both ends, and its F0."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * HERTZ * place * time) / place for place in range(1, 70))
    inside = (time > 0.2) & (time < 1.0)
    samples = 0.1 * buzz * inside + 1e-4 * np.random.default_rng(0).standard_normal(len(time))
    frames = np.arange(round(SECONDS / PERIOD) + 1) * PERIOD
    return Audio(samples.astype(np.float32), RATE), np.where((frames > 0.2) & (frames < 1.0), HERTZ, 0.0)


def bands(audio: Audio, low: float, high: float) -> float:
    """Return the power between two frequencies in dB."""
    middle = audio.slice(0.3, 0.9).samples
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    hertz = np.fft.rfftfreq(len(middle), 1 / RATE)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].mean()))


def test_no_change_leaves_the_sound_alone(vowel: tuple[Audio, np.ndarray]) -> None:
    audio, f0 = vowel
    assert filtered(audio, f0, NEUTRAL) is audio
    assert filtered(audio, f0, EmotionChange(shift=5.0, tempo=0.3, level=6.0)) is audio
    assert filtered(audio, np.zeros_like(f0), emotion_change({"angry": 1.0}, "female")) is audio


@pytest.mark.parametrize("tilt", [8.0, -8.0])
def test_a_spectrum_is_tilted_and_its_power_stays(tilt: float, vowel: tuple[Audio, np.ndarray]) -> None:
    audio, f0 = vowel
    row = np.where(band_centres() > 2000, tilt, 0.0)
    change = EmotionChange(spectrum=np.tile(row, (3, 1)).astype(np.float32))
    after = filtered(audio, f0, change)
    moved = (bands(after, 3000, 7000) - bands(after, 150, 1500)) - (bands(audio, 3000, 7000) - bands(audio, 150, 1500))
    # Gentler than what is asked, and in its direction.
    assert 0.5 < moved / tilt < 0.9
    level = [10 * np.log10(np.mean(np.square(each.slice(0.3, 0.9).samples))) for each in (audio, after)]
    assert level[1] == pytest.approx(level[0], abs=0.5)
    assert len(after.samples) == len(audio.samples)


def test_formants_move_up(vowel: tuple[Audio, np.ndarray]) -> None:
    time = np.arange(round(SECONDS * RATE)) / RATE
    harmonics = HERTZ * np.arange(1, 70)
    gains = 1 / (1 + ((harmonics - 1000) / 150) ** 2)
    samples = sum(gain * np.sin(2 * np.pi * hertz * time) for gain, hertz in zip(gains, harmonics, strict=True))
    audio = Audio((0.1 * samples).astype(np.float32), RATE)
    after = filtered(audio, np.full(round(SECONDS / PERIOD) + 1, HERTZ), EmotionChange(formants=0.2))
    assert bands(after, 1150, 1400) > bands(audio, 1150, 1400) + 1
    assert bands(after, 700, 900) < bands(audio, 700, 900) - 1


def test_breath_is_noise_between_the_harmonics_of_the_voice(vowel: tuple[Audio, np.ndarray]) -> None:
    audio, f0 = vowel
    after = filtered(audio, f0, EmotionChange(breath=12.0))
    added = Audio(after.samples - audio.samples, RATE)
    assert bands(after, 5020, 5080) > bands(audio, 5020, 5080) + 10
    share = [bands(added, *edges) - bands(audio, *edges) for edges in ((200, 600), (5000, 9000))]
    assert share[1] > share[0] + 20
    silence = [float(np.abs(each.slice(0.0, 0.15).samples).max()) for each in (audio, after)]
    assert silence[1] < 2 * silence[0]
    assert filtered(audio, f0, EmotionChange(breath=-6.0)) is audio


def test_roughness_makes_every_other_period_weaker(vowel: tuple[Audio, np.ndarray]) -> None:
    audio, f0 = vowel
    after = filtered(audio, f0, EmotionChange(roughness=0.8))
    half = (0.45 * HERTZ, 0.55 * HERTZ)
    assert bands(after, *half) > bands(audio, *half) + 15
