"""The judge of naturalness that can be installed: it hears damage, and says nothing by itself."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio import detect_speech, resampled
from pipeline.core.emotions import Mood
from pipeline.core.errors import EngineMissing
from pipeline.core.values import Audio
from pipeline.recognition.naturalness import NATURALNESS_JUDGES, naturalness_of
from pipeline.synthesis import SYNTHESISERS

SPEC = NATURALNESS_JUDGES.find("distillmos")


@pytest.mark.skipif(not SPEC.missing(), reason="the extra naturalness is installed")
def test_without_its_package_it_is_refused_with_what_to_run():
    assert "pip install '.[naturalness]'" in SPEC.missing()
    with pytest.raises(EngineMissing, match="distillmos"):
        NATURALNESS_JUDGES.choose("distillmos")


@pytest.fixture(scope="module")
def judge():
    if SPEC.missing():
        pytest.skip(f"distillmos: {SPEC.missing()}")
    return NATURALNESS_JUDGES.create(SPEC, threads=1)


@pytest.fixture(scope="module")
def speech():
    voice = SYNTHESISERS.create(SYNTHESISERS.find("embedded"), threads=1)
    return resampled(voice.synthesise("The museum is closed on Monday.", Mood("neutral"), "youngwoman").audio, 16_000)


def noisy(audio: Audio) -> Audio:
    noise = np.random.default_rng(0).normal(0, np.sqrt(np.mean(audio.samples**2)) / 2, len(audio.samples))
    return Audio((audio.samples + noise).astype(np.float32), audio.sample_rate)


def clipped(audio: Audio) -> Audio:
    ceiling = np.abs(audio.samples).max() / 20
    return Audio(np.clip(audio.samples, -ceiling, ceiling), audio.sample_rate)


@pytest.fixture(scope="module")
def score(judge, speech):
    return judge.score(speech)


@pytest.mark.parametrize("damage", [noisy, clipped])
def test_damaged_speech_is_less_natural(judge, speech, score, damage):
    assert 1 <= judge.score(damage(speech)) < score - 0.2 < 5


def test_level_does_not_matter_and_nothing_is_printed(judge, speech, score, capsys):
    quiet = Audio(speech.samples / 30, speech.sample_rate)
    assert judge.score(quiet) == pytest.approx(score, abs=0.01)
    NATURALNESS_JUDGES.create(SPEC, threads=1)
    assert capsys.readouterr().out == ""


def test_a_short_sound_is_judged_whole(judge, speech, score):
    assert naturalness_of(judge, speech, detect_speech(speech)) == pytest.approx(score, abs=0.1)
    nothing = Audio(np.zeros(16_000, np.float32), 16_000)
    assert naturalness_of(judge, nothing, detect_speech(nothing)) is None
