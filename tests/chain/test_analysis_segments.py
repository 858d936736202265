"""Recordings of any length: segments in order, the same however they come, and none heard twice."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from pipeline.audio.activity import parts_with_activity
from pipeline.audio.speech_segments import SpeechSegment, cut_segments, speech_segments
from pipeline.chain.analysis import AnalysedSegment, Analyser
from pipeline.chain.engines import Engines
from pipeline.core.options import CallOptions, EngineSettings
from pipeline.core.values import Audio, EmotionScores, Segment, Word
from pipeline.transcription import TRANSCRIBERS, Transcriber
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


def analyser(transcriber: Transcriber, **options: Any) -> Analyser:
    engines = Engines(EngineSettings(), transcriber=transcriber)
    return Analyser(engines, CallOptions(**options))


@pytest.fixture(scope="module")
def talk(say: Callable, joined: Callable) -> Audio:
    audio: Audio = joined(*[say(sentence)[0] for sentence in SENTENCES * 3], pause=0.7)
    return audio


@pytest.fixture(scope="module")
def engine() -> Transcriber:
    """The embedded engine."""
    return TRANSCRIBERS.create(TRANSCRIBERS.find("moonshine-tiny"), threads=1)


class Counting:
    """Hears how long a segment is, slowly the first times."""

    name = "counting"

    def __init__(self) -> None:
        self.sounds: list[float] = []
        self.threads: set[int] = set()
        self.hotwords: set[str] = set()

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment:
        time.sleep(0.05 / (1 + len(self.sounds)))
        seconds, begin = segment.audio.duration, segment.heard_from
        self.sounds.append(seconds)
        self.threads.add(threading.get_ident())
        self.hotwords.add(hotwords)
        words = (Word("so", begin + 0.25, begin + 1.0, 0.5),)
        return Segment(begin + 0.25, begin + seconds, f"{seconds:.3f}", words)


@pytest.mark.parametrize(("seconds", "processors"), [(1000.0, 1), (1000.0, 3), (7.0, 2)])
def test_segments_come_in_order_with_times_of_the_recording(talk, seconds, processors, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(processors)))
    transcriber = Counting()
    found = list(analyser(transcriber).analyse(cut_segments(parts_with_activity(cut(talk, seconds)))))
    assert len(found) == 9
    assert found == sorted(found, key=lambda heard: heard.heard_from)
    for heard in found:
        (segment,) = heard.segments
        assert segment.start == pytest.approx(heard.heard_from + 0.25, abs=0.001)
        assert segment.words[0].end == pytest.approx(heard.heard_from + 1, abs=0.001)
        assert float(segment.text) == pytest.approx(heard.heard_to - heard.heard_from, abs=0.002)
    assert len(transcriber.threads) <= min(processors, 2)


def test_segments_are_given_before_the_recording_is_read(talk, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0})
    read = []

    def parts() -> Iterator[Audio]:
        for part in cut(talk, 2.0):
            read.append(part)
            yield part

    segments = analyser(Counting()).analyse(cut_segments(parts_with_activity(parts())))
    next(segments)
    assert len(read) * 2.0 < talk.duration / 2
    segments.close()


@pytest.mark.parametrize("stop", [1, 5, 9])
def test_what_was_done_is_not_heard_again(talk, stop):
    whole = list(analyser(Counting()).analyse(speech_segments(talk)))
    done = [AnalysedSegment.from_dict(heard.to_dict()) for heard in whole[:stop]]
    transcriber = Counting()
    assert list(analyser(transcriber).analyse(speech_segments(talk), done)) == whole
    assert len(transcriber.sounds) == len(whole) - stop


def test_an_error_in_a_segment_is_raised_and_ends_the_work(talk):
    class Broken(Counting):
        def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(analyser(Broken()).analyse(speech_segments(talk)))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_a_segment_comes_back_from_a_journal_as_it_was():
    emotion = EmotionScores(("sad", "calm"), (0.75, 0.25), "judge")
    word = Word("so", 1.0, 1.5, 0.25)
    segment = Segment(1.0, 1.5, "so", (word,), emotion, "speaker 1", 0.5, "en", 0.125)
    heard = AnalysedSegment(1 / 3, 2 / 3, (segment,))
    assert AnalysedSegment.from_dict(heard.to_dict()) == heard


def test_silence_has_no_segments():
    silence = Audio(np.zeros(5 * RATE, np.float32), RATE)
    assert list(analyser(Counting()).analyse(speech_segments(silence))) == []


@pytest.mark.parametrize("hotwords", ["", "Dogs"])
def test_hotwords_reach_the_engine(talk, hotwords):
    transcriber = Counting()
    list(analyser(transcriber, hotwords=hotwords).analyse(speech_segments(talk.slice(0, 4.0))))
    assert transcriber.hotwords == {hotwords}


def test_a_sentence_is_the_same_alone_as_in_a_long_recording(talk, engine: Transcriber):
    inside = list(analyser(engine).analyse(cut_segments(parts_with_activity(cut(talk, 10.0)))))
    understood = " ".join(segment.text for heard in inside for segment in heard.segments)
    assert word_error_rate(" ".join(SENTENCES * 3), understood) < 0.1
    for heard in inside[2::3]:
        (alone,) = analyser(engine).analyse(speech_segments(talk.slice(heard.heard_from, heard.heard_to)))
        assert [segment.text for segment in alone.segments] == [segment.text for segment in heard.segments]
        for before, after in zip(heard.segments[0].words, alone.segments[0].words, strict=True):
            assert before.start == pytest.approx(after.start + heard.heard_from, abs=0.002)
            assert before.confidence == pytest.approx(after.confidence, abs=0.01)
