"""Two-channel calls: each channel is a speaker; and sound that starts late in a video keeps its place."""

from __future__ import annotations

import dataclasses
import io
import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.chain.analysis import AnalysedSegment
from pipeline.core.errors import UsageError
from pipeline.core.options import EngineSettings
from pipeline.core.values import Segment, Word
from pipeline.transcription.scoring import word_error_rate
from pipeline.transcription.speakers.attribution import interleaved
from tests.films import Sound, film

RATE = 16_000
TALK = (
    (0, 0.3, "Kids are talking by the door."),
    (1, 3.2, "My brother bought a new car last week."),
    (0, 6.5, "Dogs are sitting in the garden."),
    (1, 9.2, "I never thought that I would see you again."),
)
"""Channel, start in seconds, words."""


@pytest.fixture(scope="module")
def pipeline() -> VoicePipeline:
    return VoicePipeline(EngineSettings(threads=1))


@pytest.fixture(scope="module")
def channels(say) -> np.ndarray:
    """A call as recorders write it: noise and crosstalk at -26 dB."""
    spoken = np.zeros((round(13.5 * RATE), 2), np.float32)
    for channel, start, words in TALK:
        voice = say(words)[0].samples
        first = round(start * RATE)
        spoken[first : first + len(voice), channel] += 0.5 * voice
    noise = 0.0003 * np.random.default_rng(1).standard_normal(spoken.shape)
    return (spoken + 0.05 * spoken[:, ::-1] + noise).astype(np.float32)


@pytest.fixture(scope="module")
def call(channels, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("call") / "call.wav"
    soundfile.write(path, channels, RATE)
    return path


@pytest.fixture(scope="module")
def transcript(pipeline, call):
    return pipeline.transcribe(call, channels="split", emotions=True)


def test_each_channel_is_a_speaker_and_words_come_in_order_of_time(transcript, say) -> None:
    assert [segment.speaker for segment in transcript.segments] == [f"speaker {channel + 1}" for channel, _, _ in TALK]
    for segment, (_, start, words) in zip(transcript.segments, TALK, strict=True):
        assert word_error_rate(words, segment.text) <= 0.35
        assert segment.words[0].start == pytest.approx(start + say(words)[1][0], abs=0.15)
        assert segment.emotion
    starts = [word.start for word in transcript.words]
    assert starts == sorted(starts)
    assert transcript.notes == ()
    assert transcript.duration == pytest.approx(13.5)


def test_mixed_it_is_heard_as_one_and_the_split_is_proposed(pipeline, call) -> None:
    mixed = pipeline.transcribe(call)
    assert {segment.speaker for segment in mixed.segments} == {None}
    (note,) = mixed.notes
    assert "--channels split" in note


@pytest.mark.parametrize("number", [1, 2])
def test_one_channel_is_heard_alone(number, pipeline, say) -> None:
    first, second = (say(TALK[index][2])[0].samples for index in (0, 1))
    size = max(len(first), len(second))
    both = np.stack([np.pad(voice, (0, size - len(voice))) for voice in (first, second)], axis=1)
    file = io.BytesIO()
    soundfile.write(file, both, RATE, format="WAV")
    heard = pipeline.transcribe(file.getvalue(), channels=str(number))
    assert word_error_rate(TALK[number - 1][2], heard.text) <= 0.35
    assert heard.notes == ()


def test_an_interrupted_run_goes_on_with_the_same_answer(pipeline, call, transcript) -> None:
    told: list[AnalysedSegment] = []
    pipeline.transcribe(call, channels="split", emotions=True, on_event=lambda event: keep(told, event.artefact))
    kept = [AnalysedSegment.from_dict(segment.to_dict()) for segment in told[:2]]
    again = pipeline.transcribe(call, channels="split", emotions=True, done=kept)
    assert again.segments == transcript.segments


def keep(told: list[AnalysedSegment], artefact: object) -> None:
    if isinstance(artefact, AnalysedSegment):
        told.append(artefact)


def test_memory_is_that_of_a_part(pipeline, channels, monkeypatch) -> None:
    """One side is silent for long: what the other one says is not kept until then."""
    import tracemalloc

    monkeypatch.setattr("pipeline.chain.recordings.PART_SECONDS", 10.0)
    monologue = channels * np.array([1, 0], np.float32)
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", RATE, 2, format="FLAC") as sound:
        for _ in range(20):
            sound.write(monologue)
        sound.write(channels)

    class Deaf:
        name = "deaf"

        def transcribe(self, segment, *, hotwords: str = "") -> None:
            return None

    deaf = VoicePipeline(pipeline.settings, transcriber=Deaf())
    tracemalloc.start()
    try:
        heard = deaf.transcribe(file.getvalue(), channels="split")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert heard.duration == pytest.approx(21 * 13.5)
    # The whole is 36 MB, a part 1.3 MB.
    assert peak < 24e6


def test_a_conversion_gives_each_channel_a_voice(pipeline, call, tmp_path) -> None:
    found = pipeline.convert(call, "auto", channels="split", keep_timing=True, output=tmp_path)
    assert [segment.speaker for segment in found.heard.segments] == [f"speaker {channel + 1}" for channel, _, _ in TALK]
    voices = [segment.speaker for segment in found.spoken.segments]
    assert voices == [("youngwoman", "youngman")[channel] for channel, _, _ in TALK]
    assert "Spoken: speaker 1 by youngwoman, speaker 2 by youngman." in found.notes
    for spoken, heard in zip(found.spoken.segments, found.heard.segments, strict=True):
        assert spoken.start == pytest.approx(heard.start, abs=0.35)


@pytest.mark.parametrize(
    ("method", "options", "said"),
    [
        ("transcribe", {"speakers": 2}, "tell the speakers apart already"),
        ("transcribe", {"timeline": True}, "A timeline follows one sound"),
        ("convert", {"speakers": 2}, "tell the speakers apart already"),
        ("recognise", {}, "One answer is about one sound"),
    ],
)
def test_what_contradicts_split_channels_is_refused_before_anything_is_read(pipeline, method, options, said) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        getattr(pipeline, method)("no such file.wav", channels="split", **options)
    assert refused.value.hint


def test_resynthesis_of_split_channels_is_refused() -> None:
    moving = VoicePipeline(EngineSettings(tts="resynthesis"))
    with pytest.raises(UsageError, match="Resynthesis moves one sound"):
        moving.convert("no such file.wav", channels="split")


def words(text: str, start: float, pause: tuple[int, float] = (99, 0.0)) -> tuple[Word, ...]:
    """Return words of 0.3 s each, with a pause before one of them."""
    times = itertools.accumulate(
        (0.3 + (pause[1] if index == pause[0] else 0.0) for index in range(1, len(text.split()))), initial=start
    )
    return tuple(Word(word, time, time + 0.25) for word, time in zip(text.split(), times, strict=True))


def segment(speaker: str, text: str, start: float, pause: tuple[int, float] = (99, 0.0)) -> Segment:
    spoken = words(text, start, pause)
    return Segment(spoken[0].start, spoken[-1].end, text, spoken, speaker=speaker)


def wordless(speaker: str, text: str) -> Segment:
    return dataclasses.replace(segment(speaker, text, 0), words=())


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([segment("a", "one two", 0), segment("b", "three", 1)], [("a", "one two"), ("b", "three")]),
        ([segment("b", "three", 1), segment("a", "one two", 0)], [("a", "one two"), ("b", "three")]),
        (
            [segment("a", "I said it was late.", 0, (3, 1.0)), segment("b", "Yes.", 1.0)],
            [("a", "I said it"), ("b", "Yes."), ("a", "was late.")],
        ),
        (
            [segment("a", "one two three four", 0), segment("b", "no no", 0.4)],
            [("a", "one two"), ("b", "no no"), ("a", "three four")],
        ),
        ([segment("a", "one two", 0), segment("a", "three", 1)], [("a", "one two"), ("a", "three")]),
        (
            [wordless("a", "one"), segment("b", "two", 0.1)],
            [("a", "one"), ("b", "two")],
        ),
        ([], []),
    ],
)
def test_what_speakers_say_is_interleaved(segments, expected) -> None:
    assert [(part.speaker, part.text) for part in interleaved(segments)] == expected


def test_words_of_a_film_have_the_times_of_the_picture(pipeline, say, tmp_path) -> None:
    voice, times = say(TALK[0][2])
    late = film("mp4", "aac", Sound([(2.0, voice.samples)], rate=RATE), picture=(0.0, 6.0))
    heard = pipeline.transcribe(late)
    assert heard.notes == ()
    assert heard.words[0].start == pytest.approx(2.0 + times[0], abs=0.15)
    said = pipeline.convert(late, "neutral", keep_timing=True, output=tmp_path)
    assert said.spoken.words[0].start == pytest.approx(2.0 + times[0], abs=0.2)


@pytest.mark.parametrize("arguments", [["transcribe", "--json"], ["recognize", "--json"], ["--json"]])
def test_the_command_notes_what_was_heard(arguments, say, tmp_path, monkeypatch, capsys) -> None:
    from pipeline.cli import main

    monkeypatch.chdir(tmp_path)
    voice = say(TALK[0][2])[0].samples
    soundfile.write("wrong.wav", np.stack([voice, -voice], axis=1), RATE)
    with pytest.raises(SystemExit) as left:
        main([*arguments[:-1], "wrong.wav", arguments[-1]])
    out, err = capsys.readouterr()
    assert left.value.code == 0, err
    assert "cancel each other out: channel 1 is heard alone" in out
