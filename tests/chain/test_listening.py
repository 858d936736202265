"""Words and emotions of recordings of any length, with stand-ins for the engines."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.chain.analysis import AnalysedSegment
from pipeline.core.errors import AudioTooLarge, NoSpeech, UnreadableAudio, UsageError
from pipeline.core.settings import Settings
from pipeline.core.timeline import Timeline, Window
from pipeline.core.values import Audio, EmotionScores, Segment, Word

RATE = 16000


def scores(emotion: str) -> EmotionScores:
    return EmotionScores(("calm", "angry"), (0.9, 0.1) if emotion == "calm" else (0.1, 0.9), "judge")


class Transcriber:
    name = "words"

    def __init__(self, likelihood=None):
        self.sounds: list[Audio] = []
        self.hotwords: list[str] = []
        self.likelihood = likelihood

    def transcribe(self, segment, *, hotwords=""):
        self.sounds.append(segment.audio)
        self.hotwords.append(hotwords)
        words = (Word("one", 0.0, 1.0, 0.5), Word("two.", 1.0, 2.0, 0.5))
        return Segment(0.0, 2.0, "one two.", words, language="fr", language_confidence=self.likelihood)


class Deaf(Transcriber):
    def transcribe(self, segment, *, hotwords=""):
        return None


class Recogniser:
    name = "judge"
    capabilities = frozenset({"timeline", "speaker"})

    def __init__(self):
        self.sounds: list[Audio] = []

    def recognise(self, audio, *, activity=None, speaker=None):
        self.sounds.append(audio)
        return scores("angry")

    def stream(self, *, speaker=None, timeline=False):
        return EmotionListener()


class EmotionListener:
    def __init__(self):
        self.seconds = 0.0

    def add(self, audio, activity):
        self.seconds += audio.duration

    def timeline(self):
        first = Window(0.0, 1.0, "calm", {"calm": 0.9, "angry": 0.1})
        return Timeline(scores("calm"), (first, Window(1.0, self.seconds, "angry", {"calm": 0.1, "angry": 0.9})))


class Numb(Recogniser):
    def recognise(self, audio, *, activity=None, speaker=None):
        raise NoSpeech("Nobody speaks.")


class Simple:
    name = "simple"

    def recognise(self, audio, *, activity=None):
        return scores("calm")


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "talk.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(5 * RATE) / 20), RATE)
    return path


def pipeline(transcriber=None, recogniser=None, **settings):
    return VoicePipeline(
        Settings(**settings), recogniser=recogniser or Recogniser(), transcriber=transcriber or Transcriber()
    )


def test_a_transcript_has_what_there_is_to_know(recording):
    heard = []
    transcript = pipeline().transcribe(recording, on_event=heard.append)
    assert (transcript.text, transcript.engine, transcript.language) == ("one two.", "words", "fr")
    assert transcript.duration == pytest.approx(5.0)
    assert transcript.source == str(recording)
    assert transcript.notes == ()
    assert [segment.emotion for segment in transcript.segments] == [None]
    assert tuple(segment for event in heard for segment in event.artefact.segments) == transcript.segments
    assert heard[-1].done == pytest.approx(5.0)


def test_emotions_are_those_of_the_words(recording):
    recogniser = Recogniser()
    (segment,) = pipeline(recogniser=recogniser).transcribe(recording, emotions=True).segments
    assert segment.emotion.top == "angry"
    assert recogniser.sounds[0].duration == pytest.approx(2.0)


def test_a_phrase_whose_emotion_is_not_heard_has_none(recording):
    (segment,) = pipeline(recogniser=Numb()).transcribe(recording, emotions=True).segments
    assert segment.emotion is None


def test_a_timeline_cuts_the_segments(recording):
    transcript = pipeline().transcribe(recording, timeline=True)
    assert [(segment.text, segment.emotion.top) for segment in transcript.segments] == [
        ("one", "calm"),
        ("two.", "angry"),
    ]
    assert [window.end for window in transcript.windows] == [1.0, 5.0]


def test_a_model_without_timeline_is_told_before_the_work(recording):
    transcriber = Transcriber()
    with pytest.raises(UsageError, match="simple gives no timeline"):
        pipeline(transcriber, Simple()).transcribe(recording, timeline=True)
    assert transcriber.sounds == []


def test_hotwords_reach_the_engine(recording):
    transcriber = Transcriber()
    pipeline(transcriber, hotwords="Thornton, Hale").transcribe(recording)
    assert transcriber.hotwords == ["Thornton, Hale"]


@pytest.mark.parametrize(
    ("transcriber", "note"),
    [
        (Transcriber(0.9), None),
        (Transcriber(0.1), "unlikely"),
        (Deaf(), "Nothing was heard in"),
    ],
)
def test_notes(transcriber, note, recording):
    notes = pipeline(transcriber).transcribe(recording).notes
    assert len(notes) == (note is not None)
    assert all(note in each for each in notes)


def test_the_conversion_warns_too(tmp_path, recording):
    warned = VoicePipeline(
        Settings(output=tmp_path / "output", tts="espeak"), recogniser=Recogniser(), transcriber=Transcriber(0.1)
    )
    assert any("unlikely" in note for note in warned.convert(recording, "sad").notes)


def test_what_is_done_is_not_heard_again(recording):
    whole = []
    before = pipeline().transcribe(recording, on_event=whole.append)
    transcriber = Transcriber()
    done = [AnalysedSegment.from_dict(event.artefact.to_dict()) for event in whole]
    assert pipeline(transcriber).transcribe(recording, done=done) == before
    assert transcriber.sounds == []


class Pipe(io.RawIOBase):
    """A file that can be read once."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer):
        return self._content.readinto(buffer)


@pytest.mark.parametrize("kind", ["bytes", "pipe", "audio"])
def test_sources_that_can_be_read_once(kind, recording):
    source = {
        "bytes": recording.read_bytes(),
        "pipe": Pipe(recording.read_bytes()),
        "audio": Audio(0.1 * np.sin(np.arange(5 * RATE) / 10, dtype=np.float32), RATE),
    }[kind]
    transcript = pipeline().transcribe(source, name="given", timeline=True)
    assert (transcript.source, len(transcript.segments)) == ("given", 2)


def test_limits(recording, tmp_path):
    assert pipeline(max_seconds=1.0).transcribe(recording).segments
    with pytest.raises(AudioTooLarge, match="longer than 2 seconds"):
        pipeline(max_streamed_seconds=2.0).transcribe(recording)
    with pytest.raises(UnreadableAudio, match="does not exist"):
        pipeline().transcribe(tmp_path / "none.wav")
