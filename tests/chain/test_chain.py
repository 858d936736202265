"""The chain's own work, with stand-ins for the engines."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.batch import Failure
from pipeline.chain.engines import Engines
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import AudioTooLarge, NoSpeech, UnknownName, UnreadableAudio, UsageError
from pipeline.core.options import EngineSettings
from pipeline.core.results import Conversion
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, EmotionScores, Segment, Speech, Word
from pipeline.core.voices import Voice


class Listener:
    name = "listener"

    def __init__(self, emotion="sad", confidence=0.9, text="Hello there."):
        rest = (1 - confidence) / (len(EMOTIONS) - 1)
        self.scores = EmotionScores(
            EMOTIONS,
            tuple(confidence if label == emotion else rest for label in EMOTIONS),
            model="listener-1",
            unsure_below=0.5,
        )
        self.text = text

    def recognise(self, audio, *, activity=None):
        assert audio.sample_rate == 16000
        return self.scores

    def transcribe(self, segment, *, hotwords=""):
        assert segment.audio.sample_rate == 16000
        if not self.text:
            return None
        return Segment(segment.start, segment.end, self.text, (Word("Hello", segment.start, segment.start + 0.5),))


class Speaker:
    name = "speaker"

    def __init__(self):
        self.said = []

    def voices(self):
        return (Voice("youngwoman", "female", ""),)

    def check(self, mood, voice):
        if voice != "youngwoman":
            raise UnknownName(f"There is no voice '{voice}'.")

    def synthesise(self, text, mood, voice, *, strength=1.0):
        self.check(mood, voice)
        self.said.append((text, mood.word, voice, strength))
        tone = 0.1 * np.sin(np.arange(2400) / 10)
        return Speech(Audio(tone.astype(np.float32), 24000), text, mood.word, voice, self.name, notes=("spoken",))


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "my recording.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(44100) / 20), 44100)
    return path


def pipeline_with(tmp_path, listener=None, **settings):
    listener = listener or Listener()
    return VoicePipeline(
        Settings(output=tmp_path / "output", **settings),
        recogniser=listener,
        transcriber=listener,
        synthesiser=Speaker(),
    )


def test_a_recording_is_never_replaced_by_its_own_result(tmp_path, recording):
    before = recording.read_bytes()
    with pytest.raises(UsageError, match="the recording itself"):
        pipeline_with(tmp_path).convert(recording, "happy", output=recording, overwrite=True)
    assert recording.read_bytes() == before


@pytest.mark.parametrize(
    ("asked", "spoken"), [("auto", "sad"), ("", "sad"), ("HAPPY", "happy"), ("wistful", "wistful")]
)
def test_a_recording_is_said_again(tmp_path, recording, asked, spoken):
    pipeline = pipeline_with(tmp_path, strength=0.5)
    conversion = pipeline.convert(recording, asked, "YoungWoman")
    assert pipeline.synthesiser.said == [("Hello there.", spoken, "youngwoman", 0.5)]
    assert conversion.output == str(tmp_path / "output" / "1.wav")
    assert conversion.emotion_spoken == spoken
    assert conversion.emotion_detected.top == "sad"
    assert conversion.engines == {
        "recognition": "listener-1",
        "transcription": "listener",
        "synthesis": "speaker",
    }
    assert set(conversion.timings) == {
        "audio",
        "recognition_loading",
        "recognition",
        "transcription_loading",
        "transcription",
        "words_loading",
        "words",
        "synthesis_loading",
        "synthesis",
        "total",
    }
    assert conversion.notes == ("spoken",)
    written = json.loads((tmp_path / "output" / "1.json").read_text())
    assert Conversion.from_dict(written).to_dict() == conversion.to_dict()
    assert soundfile.info(conversion.output).samplerate == 24000


@pytest.mark.parametrize("kind", [str, bytes, "file", Audio])
def test_sources(tmp_path, recording, kind):
    pipeline = pipeline_with(tmp_path)
    if kind == "file":
        with recording.open("rb") as file:
            assert pipeline.convert(file).source == str(recording)
        return
    source = {str: str(recording), bytes: recording.read_bytes(), Audio: pipeline.read(recording)}[kind]
    assert pipeline.convert(source, name="given").source == "given"


def test_a_conversion_in_memory_is_the_same_and_writes_nothing(tmp_path, recording):
    before = sorted(tmp_path.rglob("*"))
    conversion, rendition = pipeline_with(tmp_path).convert_in_memory(recording, "happy")
    assert sorted(tmp_path.rglob("*")) == before
    assert conversion.output == ""
    written = pipeline_with(tmp_path).convert(recording, "happy")
    assert rendition.audio.duration == pytest.approx(written.spoken.duration, abs=0.001)
    others = ("output", "timings", "created")
    found, expected = ({k: v for k, v in each.to_dict().items() if k not in others} for each in (conversion, written))
    assert found == expected


def test_an_unsure_emotion_is_told(tmp_path, recording):
    conversion = pipeline_with(tmp_path, Listener(confidence=0.3)).convert(recording)
    assert any("not certain" in note for note in conversion.notes)
    assert conversion.emotion_detected.unsure


def failing(tmp_path, kind):
    path = tmp_path / f"{kind}.wav"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("this is no sound " * 100)
    elif kind == "silence":
        soundfile.write(path, np.zeros(16000), 16000)
    elif kind == "long":
        soundfile.write(path, 0.1 * np.sin(np.arange(48000) / 20), 16000)
    return path


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("missing", UnreadableAudio),
        ("empty", UnreadableAudio),
        ("text", UnreadableAudio),
        ("silence", NoSpeech),
        ("long", AudioTooLarge),
    ],
)
def test_bad_recordings_leave_nothing(tmp_path, kind, error):
    with pytest.raises(error, match=kind) as raised:
        pipeline_with(tmp_path, max_seconds=2.5).convert(failing(tmp_path, kind))
    assert raised.value.exit_code == 4
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(("emotion", "voice", "error"), [("", "robot", UnknownName), ("99", "youngwoman", UnknownName)])
def test_unknown_words_leave_nothing(tmp_path, recording, emotion, voice, error):
    with pytest.raises(error):
        pipeline_with(tmp_path).convert(recording, emotion, voice)
    assert not (tmp_path / "output").exists()


def test_no_words_no_result(tmp_path, recording):
    with pytest.raises(NoSpeech, match="No word was understood"):
        pipeline_with(tmp_path, Listener(text="")).convert(recording)
    assert not (tmp_path / "output").exists()


def test_a_batch_goes_on_after_a_bad_recording(tmp_path, recording):
    pipeline = pipeline_with(tmp_path)
    outcomes = list(pipeline.convert_many([recording, tmp_path / "none.wav", recording]))
    assert [type(outcome) for outcome in outcomes] == [Conversion, Failure, Conversion]
    assert outcomes[1].to_dict()["error"]["code"] == "unreadable-audio"
    assert [outcome.output[-5:] for outcome in outcomes[::2]] == ["1.wav", "2.wav"]


def test_a_batch_stops_at_an_unknown_voice(tmp_path, recording):
    with pytest.raises(UnknownName):
        list(pipeline_with(tmp_path).convert_many([recording] * 2, "", "robot"))


def test_a_pipeline_serves_several_threads(tmp_path, recording):
    pipeline = pipeline_with(tmp_path)
    outputs = []
    threads = [threading.Thread(target=lambda: outputs.append(pipeline.convert(recording).output)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(outputs)) == 4


def test_engines_are_loaded_once_and_only_when_needed(tmp_path, monkeypatch):
    from pipeline.core.engines import EngineSpec, Registry

    loaded = []

    class Counting(Registry):
        def choose(self, name="auto", language=""):
            return EngineSpec("counted", "", "", (), "", "")

        def create(self, spec, **settings):
            loaded.append(settings)
            return Listener()

    monkeypatch.setattr("pipeline.chain.engines.RECOGNISERS", Counting("recognition", "--model", ()))
    pipeline = VoicePipeline(Settings(threads=2))
    assert loaded == []
    assert pipeline.recogniser is pipeline.recogniser
    assert [(given["threads"], given["language"]) for given in loaded] == [(2, "")]
    assert VoicePipeline(engines=pipeline.engines).recogniser is pipeline.recogniser
    assert len(loaded) == 1


def test_a_call_has_its_own_options(tmp_path, recording):
    pipeline = pipeline_with(tmp_path, strength=0.5)
    other = tmp_path / "other"
    assert pipeline.convert(recording, "happy", strength=1.5, output=other).strength == 1.5
    assert (other / "1.wav").exists()
    assert pipeline.convert(recording, "happy").strength == 0.5
    assert [said[3] for said in pipeline.synthesiser.said] == [1.5, 0.5]


@pytest.mark.parametrize(
    ("option", "said"), [({"strenght": 1}, "Did you mean strength"), ({"strength": 3}, "cannot be '3'")]
)
def test_a_wrong_option_is_told_before_the_work(tmp_path, recording, option, said):
    with pytest.raises(UsageError) as raised:
        pipeline_with(tmp_path).convert(recording, **option)
    assert said in str(raised.value) + raised.value.hint
    assert not (tmp_path / "output").exists()


def test_what_goes_on_is_told(tmp_path, recording):
    events = []
    pipeline_with(tmp_path).convert(recording, "happy", on_event=events.append)
    begun = [event.stage for event in events if event.seconds is None]
    ended = {event.stage for event in events if event.seconds is not None}
    assert {"audio", "recognition", "transcription", "synthesis"} <= set(begun)
    assert ended == set(begun)


@pytest.mark.parametrize("rate", [8000, 44_100])
def test_sound_of_any_rate_is_heard_at_16_khz(tmp_path, rate):
    sound = Audio((0.1 * np.sin(np.arange(rate) / 20)).astype(np.float32), rate)
    pipeline = pipeline_with(tmp_path)
    assert pipeline.transcribe(sound).duration == pytest.approx(1.0)
    assert pipeline.recognise(sound).top == "sad"
    assert pipeline.convert(sound, "happy").heard.duration == pytest.approx(1.0)


def test_a_pipeline_takes_settings_of_engines_alone_and_refuses_two_choices():
    chosen = EngineSettings(tts="espeak", threads=2)
    pipeline = VoicePipeline(chosen)
    assert (pipeline.settings.tts, pipeline.settings.threads, pipeline.options.voice) == ("espeak", 2, "youngwoman")
    with pytest.raises(UsageError, match="other engines"):
        VoicePipeline(chosen, engines=Engines(EngineSettings()))
    with pytest.raises(UsageError, match="belongs to the engines"):
        VoicePipeline(engines=Engines(EngineSettings()), recogniser=Listener())
