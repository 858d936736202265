"""Which seconds and frequencies moved an answer: with models of which one knows what they listen to."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.recognition.speech.conditioning import Phrase
from pipeline.recognition.speech.explanation import EDGES, explained, without_band, without_seconds

RATE = 16000
LABELS = ("calm", "angry")
TIME = np.arange(4 * RATE) / RATE


def tone(frequency, start=0.0, end=4.0):
    return (0.1 * np.sin(2 * np.pi * frequency * TIME) * ((start <= TIME) & (end > TIME))).astype(np.float32)


def phrase(samples, start=0.0):
    return Phrase(samples, start, start + len(samples) / RATE, len(samples) / RATE)


def hears(frequency):
    """Return a model that is the angrier the more there is of a frequency."""

    def judge(samples):
        share = min(1.0, float(abs(np.mean(samples * np.exp(-2j * np.pi * frequency * TIME[: len(samples)])))) / 0.05)
        return np.array([1 - share, share])

    return judge


def test_the_seconds_that_matter_are_found():
    loud = explained([phrase(3 * tone(1200, 1.2, 2.0), 10.0)], hears(1200), LABELS)
    assert loud.emotion == "angry"
    influence = {round(part.start, 1): part.influence for part in loud.seconds}
    assert influence[11.2] > 0.2
    assert influence[11.6] > 0.2
    assert all(abs(value) < 0.02 for start, value in influence.items() if start not in (11.2, 11.6))
    assert loud.seconds[0].start == 10
    assert loud.seconds[-1].end == 14


@pytest.mark.parametrize(("frequency", "band"), [(120, 0), (700, 2), (3000, 5), (7000, 7)])
def test_the_frequencies_that_matter_are_found(frequency, band):
    found = explained([phrase(tone(frequency) + tone(2000))], hears(frequency), LABELS)
    assert found.emotion == "angry"
    influences = [part.influence for part in found.frequencies]
    assert int(np.argmax(influences)) == band
    assert influences[band] > 0.9
    assert max(influences[:band] + influences[band + 1 :]) < 0.05
    assert [part.low for part in found.frequencies] + [found.frequencies[-1].high] == list(EDGES)


def test_what_speaks_against_an_answer_is_negative():
    angry = explained([phrase(3 * tone(1200, 1.2, 2.0))], hears(1200), LABELS)
    calm = explained([phrase(3 * tone(1200, 1.2, 2.0))], lambda samples: hears(1200)(samples)[::-1], LABELS)
    assert calm.emotion == "calm"
    assert [part.influence for part in calm.seconds] == pytest.approx([part.influence for part in angry.seconds])
    worst = min(explained([phrase(tone(1200, 1.2, 1.6))], hears(1200), LABELS).seconds, key=lambda part: part.influence)
    assert worst.start == pytest.approx(1.2)
    assert worst.influence < -0.05


def test_a_phrase_counts_for_its_speech():
    one, two = phrase(tone(1200)), phrase(tone(1200)[: 1 * RATE], 10.0)
    found = explained([one, two], hears(1200), LABELS)
    assert sum(part.influence for part in found.seconds if part.start >= 10) == pytest.approx(0.2, abs=0.05)


def test_nothing_is_explained_where_nobody_speaks():
    assert explained([], hears(1200), LABELS) is None


def test_taking_away_leaves_the_rest():
    sound = tone(300) + tone(3000)
    left = without_band(sound, 2500, 4000)
    np.testing.assert_allclose(left[RATE:-RATE], tone(300)[RATE:-RATE], atol=0.002)
    gap = without_seconds(sound, 1.0, 2.0)
    np.testing.assert_array_equal(gap[: RATE - 400], sound[: RATE - 400])
    np.testing.assert_array_equal(gap[2 * RATE + 400 :], sound[2 * RATE + 400 :])
    assert len(left) == len(gap) == len(sound)
