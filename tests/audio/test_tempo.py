"""Speech at another tempo keeps its pitch and its loudness."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio import loudness
from pipeline.audio.tempo import at_tempo
from pipeline.core.values import Audio


def peak_hertz(audio: Audio) -> float:
    middle = audio.slice(0.25, audio.duration - 0.25).samples
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * audio.sample_rate / len(middle))


@pytest.mark.parametrize("ratio", [0.5, 0.8, 0.93, 1.0, 1.25, 2.0])
@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_the_tempo_changes_and_nothing_else(ratio, rate, tone) -> None:
    sound = Audio(tone(2, rate, 300.0), rate)
    result = at_tempo(sound, ratio)
    assert len(result.samples) == round(len(sound.samples) * ratio)
    assert result.samples.dtype == np.float32
    assert peak_hertz(result) == pytest.approx(300, abs=6)
    assert loudness(result) == pytest.approx(loudness(sound), abs=0.7)


@pytest.mark.parametrize("length", [0, 1, 100])
def test_the_shortest_sounds(length) -> None:
    result = at_tempo(Audio(np.ones(length, np.float32), 16_000), 1.25)
    assert len(result.samples) == round(length * 1.25)
    assert np.isfinite(result.samples).all()


@pytest.mark.parametrize("ratio", [0.0, 0.4, 3.0])
def test_beyond_twice_and_half_is_refused(ratio) -> None:
    with pytest.raises(ValueError, match="ratio"):
        at_tempo(Audio(np.zeros(100, np.float32), 16_000), ratio)
