"""Phrases of a recording."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from pipeline.audio.speech_segments import (
    LONGEST,
    PADDING,
    PAUSE,
    PhraseCutter,
    cut_phrases,
    listening_gain,
    phrases,
)
from pipeline.core.values import Audio

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


def test_in_a_short_pause_both_phrases_are_heard_and_neither_hears_the_other(say: Callable, joined: Callable) -> None:
    voices = [sound.slice(0.4, sound.duration - 0.5) for sound in (say(FIRST)[0], say(SECOND)[0])]
    first, second = phrases(joined(*voices, pause=1.0))
    assert first.end < second.heard_from < first.heard_to < second.start
    assert first.heard_to == pytest.approx(first.end + PADDING)
    assert second.heard_from == pytest.approx(second.start - PADDING)


@pytest.mark.parametrize("seconds", [0.01, 0.7, 5.0])
def test_phrases_do_not_depend_on_how_the_sound_comes_in(seconds: float, say: Callable, joined: Callable) -> None:
    sentences = [sound.slice(0.3, sound.duration - 0.4) for sound in (say(FIRST)[0], say(SECOND)[0])]
    audio = joined(joined(*sentences * 9), say(FIRST)[0], say(SECOND)[0], pause=1.0)
    size = round(seconds * RATE)
    cutter = PhraseCutter()
    found = []
    for start in range(0, len(audio.samples), size):
        for phrase, sound in cutter.add(audio.samples[start : start + size], gain := listening_gain(audio)):
            found.append((phrase, sound.samples.tobytes()))
            assert (start + size) / RATE - phrase.heard_to < PAUSE + seconds or phrase.heard_to - phrase.heard_from > 15
    found += [(phrase, sound.samples.tobytes()) for phrase, sound in cutter.end(gain)]
    assert found == [(phrase, sound.samples.tobytes()) for phrase, sound in cut_phrases([audio])]
    assert [phrase for phrase, _ in found] == list(phrases(audio))
    for phrase, sound in found:
        assert sound == audio.slice(phrase.heard_from, phrase.heard_to).samples.tobytes()


def test_the_sound_of_long_silence_is_not_held(say: Callable) -> None:
    cutter = PhraseCutter()
    cutter.add(say(FIRST)[0].samples)
    tracemalloc.start()
    for _ in range(60):
        cutter.add(np.zeros(RATE, np.float32))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 10 * RATE * 4
    assert cutter.pending is None


def test_what_is_being_said_is_pending(say: Callable) -> None:
    audio = say(FIRST)[0]
    cutter = PhraseCutter()
    assert cutter.pending is None
    assert cutter.add(audio.slice(0.0, 1.5).samples, listening_gain(audio)) == []
    assert cutter.pending is not None
    phrase, sound = cutter.pending
    assert phrase.heard_from == 0.0
    assert sound.duration == pytest.approx(1.5, abs=0.04)


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
