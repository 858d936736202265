"""Speech to text while it is spoken."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from pipeline.audio import detect_speech, read_audio
from pipeline.audio.speech_segments import LONGEST, SpeechSegment, speech_segments
from pipeline.core.engines import capabilities_of
from pipeline.core.errors import UsageError
from pipeline.core.values import Audio, Segment, Word
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.transcription import PARTIAL, TRANSCRIBERS, Transcriber
from pipeline.transcription.live import LiveSegment, LiveTranscriber
from pipeline.transcription.moonshine import MoonshineTranscriber
from tests.transcription.whole_sounds import transcribed

RATE = 16000
FIRST = "Kids are talking by the door."
SECOND = "My brother bought a new car last week."


class Listener:
    """Says when it heard sound, and how much; costs nothing."""

    name = "listener"

    def __init__(self) -> None:
        self.heard: list[float] = []

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
        self.heard.append(segment.audio.duration)
        said = f"{len(segment.audio.samples)} {float(np.abs(segment.audio.samples).sum()):.4f}"
        word = Word(said, segment.start, segment.heard_to)
        return Segment(word.start, word.end, said, (word,))


class Deaf:
    """Understands only what lasts less than a second."""

    name = "deaf"

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
        return Segment(segment.start, segment.end, "what") if segment.audio.duration < 1.5 else None


def live_by(transcriber: Transcriber, *, partials: bool = True) -> LiveTranscriber:
    """Return what hears live with an engine that gives no partial texts of its own."""

    def partial(speech: SpeechSegment) -> str:
        segment = transcriber.transcribe(speech)
        return segment.text if segment else ""

    return LiveTranscriber(transcriber.transcribe, partial if partials else None)


def fed(
    transcriber: Transcriber | LiveTranscriber, audio: Audio, size: int, *, partials: bool = True
) -> list[tuple[float, LiveSegment]]:
    """Feed a recording, and return what came of it with the seconds that had been fed by then."""
    live = transcriber if isinstance(transcriber, LiveTranscriber) else live_by(transcriber, partials=partials)
    found = []
    for start in range(0, len(audio.samples), size):
        now = min(start + size, len(audio.samples)) / RATE
        found += [(now, result) for result in live.feed(audio.samples[start : start + size])]
    return found + [(audio.duration, result) for result in live.close()]


def finals(results: list[tuple[float, LiveSegment]]) -> list[Segment]:
    return [result.segment for _, result in results if result.final]


@pytest.fixture(scope="module")
def conversation(say: Callable, joined: Callable) -> Audio:
    """Three phrases with pauses of two seconds and more, the last one cut off by the end."""
    audio = joined(say(FIRST)[0], say(SECOND)[0], say(FIRST)[0], pause=1.5)
    return audio.slice(0, audio.duration - 0.5)


@pytest.mark.parametrize("size", [1, 160, 511, 1600, 10 * RATE])
def test_the_size_of_the_chunks_does_not_matter(size: int, conversation: Audio) -> None:
    audio = conversation.slice(0, 4.5) if size == 1 else conversation
    expected = finals(fed(Listener(), audio, 512, partials=False))
    assert len(expected) == (1 if size == 1 else 3)
    assert finals(fed(Listener(), audio, size)) == expected


def test_finals_say_what_the_recording_says(conversation: Audio, engine: Transcriber) -> None:
    live = finals(fed(engine, conversation, 1600, partials=False))
    offline = transcribed(engine, conversation)
    assert [segment.text for segment in live] == [FIRST, SECOND, FIRST]
    assert [segment.text for segment in offline] == [segment.text for segment in live]
    for one, other in zip(live, offline, strict=True):
        assert [word.start for word in one.words] == pytest.approx([word.start for word in other.words], abs=0.05)
        assert (one.start, one.end) == pytest.approx((other.start, other.end), abs=0.05)


def test_a_final_text_is_that_of_the_phrase_alone(conversation: Audio, engine: Transcriber) -> None:
    heard: list[SpeechSegment] = []

    class Recording:
        name = "recording"

        def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
            heard.append(segment)
            return engine.transcribe(segment)

    live = finals(fed(Recording(), conversation, 1600, partials=False))
    assert [segment.text for segment in live] == [transcribed(engine, each.audio)[0].text for each in heard]


def test_a_phrase_is_final_within_a_second_of_its_pause(conversation: Audio) -> None:
    results = fed(Listener(), conversation, 160)
    ends = [speech.end for speech in speech_segments(conversation)]
    times = [now for now, result in results if result.final]
    assert len(times) == len(ends) == 3
    assert all(end <= now <= end + 1.0 for now, end in zip(times, ends, strict=True))


def test_partials_grow_into_their_final(conversation: Audio) -> None:
    results = fed(Listener(), conversation, 1600)
    for number in (1, 2, 3):
        versions = [result for _, result in results if result.number == number]
        assert len(versions) > 1
        assert [version.final for version in versions] == [False] * (len(versions) - 1) + [True]
        assert all(before.segment.end < after.segment.end for before, after in pairwise(versions[:-1]))
        assert all(version.segment.start == versions[0].segment.start for version in versions)
    assert [now for now, _ in results] == sorted(now for now, _ in results)


def test_partial_texts_are_asked_for_while_a_segment_goes_on(conversation: Audio) -> None:
    def partial(segment: SpeechSegment) -> str:
        return f"Dogs {segment.audio.duration:.1f}" if segment.audio.duration > 1.5 else ""

    results = fed(LiveTranscriber(Listener().transcribe, partial), conversation, 1600)
    drafts = [result.segment for _, result in results if not result.final]
    assert drafts
    assert all(draft.text.startswith("Dogs ") and draft.words == () for draft in drafts)
    assert [segment.words == () for segment in finals(results)] == [False] * 3
    ends = [segment.end for segment in finals(results)]
    assert all(any(draft.start < draft.end <= end + 0.1 for end in ends) for draft in drafts)


def test_nothing_is_read_again_in_a_pause(conversation: Audio) -> None:
    listener = Listener()
    live = live_by(listener)
    readings = []
    for start in range(0, len(conversation.samples), 160):
        before = len(listener.heard)
        live.feed(conversation.samples[start : start + 160])
        readings += [start / RATE] * (len(listener.heard) - before)
    pauses = [(speech.end + 0.4, speech.end + 0.6) for speech in speech_segments(conversation)]
    assert not [now for now in readings for begin, end in pauses if begin < now < end]


def test_the_partial_text_of_a_whole_segment_is_that_of_the_final(engine: MoonshineTranscriber, say: Callable) -> None:
    assert PARTIAL in capabilities_of(engine)
    assert TRANSCRIBERS.find("moonshine").capabilities == capabilities_of(engine)

    def partial(audio: Audio) -> str:
        return engine.partial(SpeechSegment(audio, 0.0, audio.duration, 0.0, detect_speech(audio)))

    sound = say(SECOND)[0]
    assert partial(sound) == SECOND
    half = spoken_words(partial(sound.slice(0, sound.duration / 2)))
    assert half[:2] == spoken_words(SECOND)[:2]
    assert partial(sound.slice(0, 0.05)) == ""


def test_a_second_of_sound_costs_no_more_late_in_a_phrase_than_early(say: Callable, joined: Callable) -> None:
    sentence = say(FIRST)[0]
    endless = joined(*[sentence.slice(0.35, sentence.duration - 0.45)] * 20)
    assert endless.duration > 25
    listener = Listener()
    fed(listener, endless, 160)
    # Twice a second of the first fifteen, then thirty seconds of sound for each.
    assert sum(listener.heard) < 1.1 * (15**2 + 30 * (endless.duration - 15))


@pytest.mark.parametrize("seconds", [1, 3, 30])
def test_whoever_is_behind_hears_once_what_came_meanwhile(seconds: int, conversation: Audio) -> None:
    listener = Listener()
    found = fed(listener, conversation, seconds * RATE)
    assert len(listener.heard) <= len(finals(found)) + math.ceil(conversation.duration / seconds)


def test_the_last_words_before_a_pause_do_not_wait_for_its_end(conversation: Audio) -> None:
    results = fed(Listener(), conversation, 1600)
    for end in [speech.end for speech in speech_segments(conversation)][:-1]:
        whole = [now for now, result in results if not result.final and abs(result.segment.end - end) < 0.1]
        assert whole
        assert whole[0] <= end + 0.4


def test_words_do_not_wait_for_what_takes_longer(conversation: Audio) -> None:
    asked: list[str] = []

    def finish(_speech: SpeechSegment, segment: Segment) -> Segment:
        asked.append(segment.text)
        return segment

    live = LiveTranscriber(Listener().transcribe, lambda *_: "perhaps", finish)
    told: list[str] = []
    for found in live.hear(conversation.samples):
        if found.final:
            assert asked == [*told]
        elif found.segment.text != "perhaps":
            told.append(found.segment.text)
            assert len(asked) == len(told) - 1
    assert len(told) >= 2


def test_endless_speech_is_cut_as_offline(say: Callable, joined: Callable) -> None:
    sentence = say(SECOND)[0]
    endless = joined(*[sentence.slice(0.3, sentence.duration - 0.4)] * 20)
    assert endless.duration > LONGEST
    listener = Listener()
    live = finals(fed(listener, endless, 1600, partials=False))
    assert len(live) == len(list(speech_segments(endless))) > 1
    assert max(listener.heard) <= LONGEST
    assert live[-1].end == pytest.approx(endless.duration, abs=0.1)


def test_memory_does_not_grow_with_the_stream(say: Callable, joined: Callable) -> None:
    conversation = joined(*[say(FIRST)[0]] * 5, pause=1.0)
    live = live_by(Listener())
    tracemalloc.start()
    peaks = []
    for _ in range(3):
        for start in range(0, len(conversation.samples), RATE):
            live.feed(conversation.samples[start : start + RATE])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()
    tracemalloc.stop()
    assert peaks[2] < peaks[0] + 200_000


@pytest.mark.parametrize("level", [0.0, 0.003])
def test_where_nobody_speaks_nothing_comes(level: float, engine: Transcriber) -> None:
    samples = np.random.default_rng(0).normal(scale=level, size=5 * RATE).astype(np.float32)
    assert fed(engine, Audio(samples, RATE), 1600) == []


def test_what_was_shown_and_is_nothing_after_all_is_taken_back(say: Callable) -> None:
    *shown, (_, last) = fed(Deaf(), say(SECOND)[0], 1600)
    assert [result.segment.text for _, result in shown] == ["what"] * len(shown) != []
    assert (last.final, last.segment.text, last.number) == (True, "", 1)


def test_nothing_comes_after_the_end(say: Callable) -> None:
    live = live_by(Listener())
    live.feed(say(FIRST)[0].samples[: 2 * RATE])
    assert [result.final for result in live.close()] == [True]
    assert live.close() == ()
    with pytest.raises(UsageError, match="closed"):
        live.feed(np.zeros(RATE, np.float32))


def test_only_one_channel_is_heard() -> None:
    live = live_by(Listener())
    with pytest.raises(UsageError, match=r"\(16000, 2\)"):
        live.feed(np.zeros((RATE, 2), np.float32))
    assert live.feed([]) == ()
    assert live.feed([float("nan")] * RATE) == ()


def test_a_result_is_ready_for_json(say: Callable) -> None:
    (_, result) = fed(Listener(), say(FIRST)[0], RATE, partials=False)[0]
    assert result.to_dict() | {"number": 1, "final": True, "text": result.segment.text} == result.to_dict()


def test_real_speech_says_the_same_live(shared_data: Callable, engine: Transcriber, joined: Callable) -> None:
    folder = shared_data("ljspeech")
    audio = joined(*[read_audio(folder / f"LJ001-000{number}.flac") for number in (2, 4)], pause=1.2)
    live = finals(fed(engine, audio, 1600, partials=False))
    assert [segment.text for segment in live] == [segment.text for segment in transcribed(engine, audio)]
