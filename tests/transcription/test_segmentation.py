"""Phrases of a recording."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from pipeline.core.values import Audio
from pipeline.transcription.segmentation import LONGEST, PADDING, PAUSE, phrases

RATE = 16000
FIRST = "Kids are talking by the door."
SECOND = "Dogs are sitting in the garden."


def test_silence_has_no_phrase() -> None:
    assert list(phrases(Audio(np.zeros(3 * RATE, np.float32), RATE))) == []
    assert list(phrases(Audio(np.zeros(0, np.float32), RATE))) == []


@pytest.mark.parametrize("seconds", [0.001, 3.0, 40.0])
def test_noise_is_no_sure_phrase(seconds: float) -> None:
    samples = np.random.default_rng(0).normal(scale=0.01, size=round(seconds * RATE)).astype(np.float32)
    found = list(phrases(Audio(samples, RATE)))
    assert not any(phrase.sure for phrase in found)
    assert len(found) == (seconds <= LONGEST)


@pytest.mark.parametrize(("pause", "count"), [(0.0, 1), (2.0, 2)])
def test_only_a_long_pause_parts_phrases(pause: float, count: int, say: Callable, joined: Callable) -> None:
    first, second = say(FIRST)[0], say(SECOND)[0]
    voices = [sound.slice(0.4, sound.duration - 0.5) for sound in (first, second)]
    assert len(list(phrases(joined(*voices, pause=pause)))) == count


def test_phrases_hold_the_speech_and_are_heard_into_the_pause(say: Callable, joined: Callable) -> None:
    (first, starts), (second, _) = say(FIRST), say(SECOND)
    found = list(phrases(joined(first, second, pause=2.0)))
    assert [phrase.start for phrase in found] == pytest.approx([starts[0], first.duration + 2 + starts[0]], abs=0.15)
    assert found[0].heard_from == 0.0
    assert found[0].heard_to == pytest.approx(found[0].end + PADDING)
    assert found[1].heard_from == pytest.approx(found[1].start - PADDING)


def test_two_phrases_share_a_pause_that_is_too_short_for_both(say: Callable, joined: Callable) -> None:
    voices = [sound.slice(0.4, sound.duration - 0.5) for sound in (say(FIRST)[0], say(SECOND)[0])]
    first, second = phrases(joined(*voices, pause=1.0))
    assert first.end < first.heard_to == second.heard_from < second.start


def test_endless_speech_is_cut_in_pauses_between_words(say: Callable, joined: Callable) -> None:
    sentences = [sound.slice(0.3, sound.duration - 0.4) for sound in (say(FIRST)[0], say(SECOND)[0])]
    audio = joined(*sentences * 12)
    found = list(phrases(audio))
    assert audio.duration > LONGEST
    assert len(found) > 1
    assert all(phrase.heard_to - phrase.heard_from <= LONGEST for phrase in found)
    assert all(before.heard_to == after.heard_from for before, after in pairwise(found))
    assert all(phrase.heard_from <= phrase.start < phrase.end <= phrase.heard_to for phrase in found)
    around = audio.slice(found[0].heard_to - 0.05, found[0].heard_to + 0.05).samples
    assert np.sqrt(np.mean(around**2)) < 0.2 * np.sqrt(np.mean(audio.samples**2))


def test_a_phrase_cut_out_is_heard_whole_again(say: Callable, joined: Callable) -> None:
    audio = joined(say(FIRST)[0], say(SECOND)[0], say(FIRST)[0], pause=PAUSE)
    for phrase in phrases(audio):
        alone = audio.slice(phrase.heard_from, phrase.heard_to)
        assert [(found.heard_from, found.heard_to) for found in phrases(alone)] == [(0.0, alone.duration)]
