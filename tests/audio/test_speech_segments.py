"""Speech segments of a recording."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from pipeline.audio import detect_speech
from pipeline.audio.activity import FRAME_SAMPLES, parts_with_activity
from pipeline.audio.speech_segments import (
    LONGEST,
    PADDING,
    PAUSE,
    SegmentCutter,
    SpeechSegment,
    cut_segments,
    speech_segments,
)
from pipeline.core.values import Audio

RATE = 16000
FIRST = "Kids are talking by the door."
SECOND = "Dogs are sitting in the garden."


def test_silence_has_no_segment() -> None:
    assert list(speech_segments(Audio(np.zeros(3 * RATE, np.float32), RATE))) == []
    assert list(speech_segments(Audio(np.zeros(0, np.float32), RATE))) == []


@pytest.mark.parametrize("seconds", [0.001, 3.0, 40.0])
def test_noise_is_no_certain_segment(seconds: float) -> None:
    samples = np.random.default_rng(0).normal(scale=0.01, size=round(seconds * RATE)).astype(np.float32)
    found = list(speech_segments(Audio(samples, RATE)))
    assert not any(segment.is_speech for segment in found)
    assert len(found) == (seconds <= LONGEST)


@pytest.mark.parametrize(("pause", "count"), [(0.0, 1), (2.0, 2)])
def test_only_a_long_pause_parts_segments(pause: float, count: int, say: Callable, joined: Callable) -> None:
    first, second = say(FIRST)[0], say(SECOND)[0]
    voices = [sound.slice(0.4, sound.duration - 0.5) for sound in (first, second)]
    assert len(list(speech_segments(joined(*voices, pause=pause)))) == count


def test_segments_hold_the_speech_and_are_heard_into_the_pause(say: Callable, joined: Callable) -> None:
    (first, starts), (second, _) = say(FIRST), say(SECOND)
    found = list(speech_segments(joined(first, second, pause=2.0)))
    assert [segment.start for segment in found] == pytest.approx([starts[0], first.duration + 2 + starts[0]], abs=0.15)
    assert found[0].heard_from == 0.0
    assert found[0].heard_to == pytest.approx(found[0].end + PADDING)
    assert found[1].heard_from == pytest.approx(found[1].start - PADDING)


def test_in_a_short_pause_both_segments_are_heard_and_neither_hears_the_other(say: Callable, joined: Callable) -> None:
    voices = [sound.slice(0.4, sound.duration - 0.5) for sound in (say(FIRST)[0], say(SECOND)[0])]
    first, second = speech_segments(joined(*voices, pause=1.0))
    assert first.end < second.heard_from < first.heard_to < second.start
    assert first.heard_to == pytest.approx(first.end + PADDING)
    assert second.heard_from == pytest.approx(second.start - PADDING)


def facts(segment: SpeechSegment) -> tuple[object, ...]:
    """Return all of a segment in a form that can be compared."""
    times = (segment.start, segment.end, segment.heard_from, segment.is_speech)
    return *times, segment.audio.samples.tobytes(), segment.activity.probability.tobytes(), segment.activity.offset


@pytest.mark.parametrize("frames", [1, 22, 157])
def test_segments_do_not_depend_on_how_the_sound_comes_in(frames: int, say: Callable, joined: Callable) -> None:
    sentences = [sound.slice(0.3, sound.duration - 0.4) for sound in (say(FIRST)[0], say(SECOND)[0])]
    audio = joined(joined(*sentences * 9), say(FIRST)[0], say(SECOND)[0], pause=1.0)
    size = frames * FRAME_SAMPLES
    seconds = size / RATE
    activity = detect_speech(audio)
    cutter = SegmentCutter()
    found = []
    for part, start in enumerate(range(0, len(audio.samples), size)):
        heard = activity.probability[part * frames : (part + 1) * frames]
        for segment in cutter.add(audio.samples[start : start + size], heard):
            found.append(segment)
            assert (start + size) / RATE - segment.heard_to < PAUSE + seconds or segment.audio.duration > 15
    found += cutter.end()
    assert list(map(facts, found)) == list(map(facts, cut_segments([(audio, activity)])))
    assert list(map(facts, found)) == list(map(facts, speech_segments(audio)))
    for segment in found:
        assert segment.audio.samples.tobytes() == audio.slice(segment.heard_from, segment.heard_to).samples.tobytes()


def test_a_recording_is_cut_in_the_same_places_part_by_part(say: Callable, joined: Callable) -> None:
    audio = joined(say(FIRST)[0], say(SECOND)[0], say(FIRST)[0], pause=1.0)
    parts = [audio.slice(start, start + 5.0) for start in np.arange(0, audio.duration, 5.0)]
    found = list(cut_segments(parts_with_activity(parts)))
    whole = list(speech_segments(audio))
    assert len(found) == len(whole) == 3
    for segment, expected in zip(found, whole, strict=True):
        assert (segment.start, segment.end) == pytest.approx((expected.start, expected.end), abs=0.1)


def test_the_activity_of_a_segment_is_that_of_its_sound(say: Callable, joined: Callable) -> None:
    audio = joined(say(FIRST)[0], say(SECOND)[0], pause=1.0)
    for segment in speech_segments(audio):
        assert segment.activity.duration == pytest.approx(segment.audio.duration)
        spans = segment.activity.spans(padding=0.0)
        assert segment.heard_from + spans[0][0] == pytest.approx(segment.start, abs=0.15)
        assert segment.heard_from + spans[-1][1] == pytest.approx(segment.end, abs=0.15)


def test_the_sound_of_long_silence_is_not_held(say: Callable) -> None:
    audio = say(FIRST)[0]
    frames = len(audio.samples) // FRAME_SAMPLES
    cutter = SegmentCutter()
    cutter.add(audio.samples[: frames * FRAME_SAMPLES], detect_speech(audio).probability[:frames])
    tracemalloc.start()
    for _ in range(60):
        cutter.add(np.zeros(31 * FRAME_SAMPLES, np.float32), np.zeros(31, np.float32))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 10 * RATE * 4
    assert cutter.pending is None


def test_what_is_being_said_is_pending(say: Callable) -> None:
    audio = say(FIRST)[0]
    cutter = SegmentCutter()
    assert cutter.pending is None
    begun = audio.samples[: 47 * FRAME_SAMPLES]
    assert cutter.add(begun, detect_speech(audio).probability[:47]) == []
    assert cutter.pending is not None
    assert cutter.pending.heard_from == 0.0
    assert cutter.pending.audio.duration == pytest.approx(1.5, abs=0.04)


def test_endless_speech_is_cut_in_pauses_between_words(say: Callable, joined: Callable) -> None:
    sentences = [sound.slice(0.3, sound.duration - 0.4) for sound in (say(FIRST)[0], say(SECOND)[0])]
    audio = joined(*sentences * 12)
    found = list(speech_segments(audio))
    assert audio.duration > LONGEST
    assert len(found) > 1
    assert all(segment.audio.duration <= LONGEST for segment in found)
    assert all(before.heard_to == pytest.approx(after.heard_from, abs=1e-9) for before, after in pairwise(found))
    assert all(each.heard_from <= each.start < each.end <= each.heard_to + 1e-9 for each in found)
    around = audio.slice(found[0].heard_to - 0.05, found[0].heard_to + 0.05).samples
    assert np.sqrt(np.mean(around**2)) < 0.2 * np.sqrt(np.mean(audio.samples**2))


def test_a_segment_cut_out_is_heard_whole_again(say: Callable, joined: Callable) -> None:
    audio = joined(say(FIRST)[0], say(SECOND)[0], say(FIRST)[0], pause=PAUSE)
    for segment in speech_segments(audio):
        alone = segment.audio
        assert [(found.heard_from, found.heard_to) for found in speech_segments(alone)] == [(0.0, alone.duration)]


def test_the_activity_of_another_sound_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        SegmentCutter().add(np.zeros(8 * 8000, np.float32), np.ones(250, np.float32))
