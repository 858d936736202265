"""Recordings of any length: phrases in order, the same however they come, and none heard twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pipeline.transcription.streaming import HeardPhrase, heard_phrases

from pipeline.core.values import Audio, EmotionScores, Segment, Word
from pipeline.transcription.moonshine import MoonshineTranscriber
from pipeline.transcription.scoring import word_error_rate

RATE = 16000
SENTENCES = (
    "Kids are talking by the door.",
    "My brother bought a new car last week.",
    "Dogs are sitting in the garden.",
)


def cut(audio: Audio, seconds: float) -> Iterator[Audio]:
    size = round(seconds * RATE)
    for start in range(0, len(audio.samples), size):
        yield Audio(audio.samples[start : start + size], RATE)


@pytest.fixture(scope="module")
def talk(say: Callable, joined: Callable) -> Audio:
    return joined(*[say(sentence)[0] for sentence in SENTENCES * 3], pause=0.7)


class Counting:
    """Hears how long a sound is, slowly the first times."""

    def __init__(self) -> None:
        self.sounds: list[float] = []
        self.threads: set[int] = set()

    def __call__(self, sound: Audio) -> tuple[Segment, ...]:
        time.sleep(0.05 / (1 + len(self.sounds)))
        self.sounds.append(sound.duration)
        self.threads.add(threading.get_ident())
        return (Segment(0.25, sound.duration, f"{sound.duration:.3f}", (Word("so", 0.25, 1.0, 0.5),)),)


@pytest.mark.parametrize(("seconds", "workers"), [(1000.0, 1), (1000.0, 3), (7.0, 2)])
def test_phrases_come_in_order_with_times_of_the_recording(talk, seconds, workers):
    hear = Counting()
    found = list(heard_phrases(cut(talk, seconds), hear, workers=workers))
    assert len(found) == 9
    assert found == sorted(found, key=lambda phrase: phrase.heard_from)
    for phrase in found:
        (segment,) = phrase.segments
        assert segment.start == pytest.approx(phrase.heard_from + 0.25, abs=0.001)
        assert segment.words[0].end == pytest.approx(phrase.heard_from + 1, abs=0.001)
        assert float(segment.text) == pytest.approx(phrase.heard_to - phrase.heard_from, abs=0.002)
    assert len(hear.threads) <= workers


def test_phrases_are_given_before_the_recording_is_read(talk):
    read = []

    def parts() -> Iterator[Audio]:
        for part in cut(talk, 2.0):
            read.append(part)
            yield part

    phrases = heard_phrases(parts(), Counting())
    next(phrases)
    assert len(read) * 2.0 < talk.duration / 2
    phrases.close()


@pytest.mark.parametrize("stop", [1, 5, 9])
def test_what_was_done_is_not_heard_again(talk, stop):
    whole = list(heard_phrases([talk], Counting()))
    done = [HeardPhrase.from_dict(phrase.to_dict()) for phrase in whole[:stop]]
    hear = Counting()
    assert list(heard_phrases([talk], hear, done=done)) == whole
    assert len(hear.sounds) == len(whole) - stop


def test_an_error_in_a_phrase_is_raised_and_ends_the_work(talk):
    def hear(sound: Audio) -> tuple[Segment, ...]:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(heard_phrases([talk], hear, workers=2))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_a_phrase_comes_back_from_a_journal_as_it_was():
    emotion = EmotionScores(("sad", "calm"), (0.75, 0.25), "judge")
    word = Word("so", 1.0, 1.5, 0.25)
    segment = Segment(1.0, 1.5, "so", (word,), emotion, "speaker 1", 0.5, "en", 0.125)
    phrase = HeardPhrase(1 / 3, 2 / 3, (segment,))
    assert HeardPhrase.from_dict(phrase.to_dict()) == phrase


def test_silence_has_no_phrases():
    assert list(heard_phrases([Audio(np.zeros(5 * RATE, np.float32), RATE)], Counting())) == []


def test_a_sentence_is_the_same_alone_as_in_a_long_recording(talk, engine: MoonshineTranscriber):
    inside = list(heard_phrases(cut(talk, 10.0), engine.transcribe))
    understood = " ".join(segment.text for phrase in inside for segment in phrase.segments)
    assert word_error_rate(" ".join(SENTENCES * 3), understood) < 0.1
    for phrase in inside[2::3]:
        (alone,) = heard_phrases([talk.slice(phrase.heard_from, phrase.heard_to)], engine.transcribe)
        assert [segment.text for segment in alone.segments] == [segment.text for segment in phrase.segments]
        for before, after in zip(phrase.segments[0].words, alone.segments[0].words, strict=True):
            assert before.start == pytest.approx(after.start + phrase.heard_from, abs=0.002)
            assert before.confidence == pytest.approx(after.confidence, abs=0.01)
