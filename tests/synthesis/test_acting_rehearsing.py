"""A voice rehearses: what judges hear more surely is kept, and what sounds unnatural is not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pipeline.core.values import Audio
from pipeline.synthesis.kokoro.voice import create_embedded
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import NEUTRAL
from pipeline.training.acting.ears import ACTED, Ear, Judge, heard, logistic
from pipeline.training.acting.rehearsing import Rehearsal, rehearsed

pytest.importorskip("cma", reason="needs the extra train")
pytest.importorskip("sklearn", reason="needs the extra train")

SENTENCES = ("The door is open.", "We are here.")


def seconds(audio: Audio) -> Floats:
    """Return all that the ear of these tests hears: how long a clip is."""
    return np.array([audio.duration])


def judge() -> Judge:
    """Return a judge who takes slow for sad and quick for happy."""
    chance = np.random.default_rng(0)
    labels = np.repeat([ACTED.index("happy"), ACTED.index("sad")], 40)
    values = np.where(labels == ACTED.index("sad"), 0.3, -0.3) + 0.1 * chance.standard_normal(80)

    class TwoAnswers:
        """As a classifier of scikit-learn, with a place for each of the seven answers."""

        def __init__(self) -> None:
            self.model = logistic(1.0)

        def fit(self, rows: Floats, labels: Floats) -> None:
            self.model.fit(rows, labels)

        def predict_proba(self, rows: Floats) -> Floats:
            found = np.zeros((len(rows), len(ACTED)))
            found[:, self.model.classes_] = self.model.predict_proba(rows)
            return found

    return Judge(Ear("duration", seconds, TwoAnswers)).fit(values[:, None], labels)


class Opinion:
    """Calls a sound the less natural the longer it is."""

    name = "opinion"

    def __init__(self, price: float) -> None:
        self.price = price

    def score(self, audio: Audio) -> float:
        return 5.0 - self.price * audio.duration


@pytest.fixture(scope="module")
def voice():
    return create_embedded(threads=1)


def tempo_after(voice, emotion: str, opinion: Opinion) -> float:
    settings = Rehearsal(rounds=4, tries=8, sentences=SENTENCES, price=20.0, natural=5.0 if opinion.price else 1.0)
    start = {(emotion, "female"): dataclasses.replace(NEUTRAL, breath=1.0)}
    found = rehearsed(start, voice, [judge()], opinion, settings, lambda done, total: None)
    return found[emotion, "female"].tempo


@pytest.mark.parametrize(("emotion", "sign"), [("sad", 1), pytest.param("happy", -1, marks=pytest.mark.slow)])
def test_a_voice_slows_down_for_those_who_take_slow_for_sad(voice, emotion, sign):
    assert sign * tempo_after(voice, emotion, Opinion(0.0)) > 0.03


def test_what_sounds_unnatural_is_not_kept(voice):
    assert tempo_after(voice, "sad", Opinion(1.0)) < 0


def test_no_rounds_change_nothing(voice):
    start = {("sad", "female"): dataclasses.replace(NEUTRAL, breath=1.0)}
    settings = Rehearsal(rounds=0, sentences=SENTENCES)
    found = rehearsed(start, voice, [judge()], Opinion(0.0), settings, lambda done, total: None)["sad", "female"]
    assert dataclasses.astuple(found)[:-1] == dataclasses.astuple(start["sad", "female"])[:-1]
    np.testing.assert_array_equal(found.spectrum, start["sad", "female"].spectrum)


def test_judges_hear_speech_alone_at_one_level():
    chance = np.random.default_rng(0).standard_normal(16000).astype(np.float32)
    loud, soft = (heard(Audio(level * chance, 16000)) for level in (0.3, 0.003))
    assert np.std(loud.samples) == pytest.approx(np.std(soft.samples), rel=0.05)
