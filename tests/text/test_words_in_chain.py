"""Voice and words in the chain and in `recognize`, with a tiny text model and stand-ins for the other engines."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from pipeline import VoicePipeline
from pipeline.cli import app
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError, UsageError, WeightsMissing
from pipeline.core.results import Conversion
from pipeline.core.settings import Settings, load_settings
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.recognition.checkpoint import read_card
from pipeline.recognition.text.recogniser import TextRecogniser
from pipeline.training.text.checkpoints import write_text_card

CREATE = "pipeline.recognition.text.recogniser.create"
"""What loads the text model."""

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


class Engines:
    """Hears one emotion and one text, and says anything."""

    name = "stand-in"

    def __init__(self, emotion, text):
        self.emotion, self.text, self.said = emotion, text, []

    def recognise(self, audio, *, activity=None):
        values = tuple(0.93 if label == self.emotion else 0.01 for label in EMOTIONS)
        return EmotionScores(EMOTIONS, values, "voice", calibrated=True, unsure_below=0.5)

    def transcribe(self, segment, *, hotwords=""):
        return Segment(segment.start, segment.end, self.text)

    def check(self, mood, voice):
        pass

    def synthesise(self, text, mood, voice, *, strength=1.0):
        self.said.append(mood.word)
        return Speech(Audio(np.full(2400, 0.1, np.float32), 24000), text, mood.word, voice, self.name)


@pytest.fixture(scope="module")
def with_weights(tiny_run, tmp_path_factory):
    """The tiny checkpoint with weights for the fusion."""
    folder = tmp_path_factory.mktemp("fusing") / "text"
    shutil.copytree(tiny_run / "checkpoint", folder)
    weights = {"speech": 1.0, "text": 0.2, "plain": 0.0, "unsure_below": 0.3}
    write_text_card(folder, dataclasses.replace(read_card(folder, "text"), fusion=weights))
    return folder


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "recording.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(32000) / 20), 16000)
    return path


@pytest.fixture
def pipeline(tmp_path, with_weights, monkeypatch):
    monkeypatch.setattr(CREATE, lambda threads=0, **_: TextRecogniser(with_weights, threads=threads))

    def build(emotion, text, **settings):
        engines = Engines(emotion, text)
        return VoicePipeline(
            Settings(output=tmp_path / "output", **settings),
            recogniser=engines,
            transcriber=engines,
            synthesiser=engines,
        )

    return build


@pytest.mark.parametrize(("source", "spoken"), [("speech", "surprised"), ("text", "happy"), ("both", "surprised")])
def test_auto_speaks_in_what_was_chosen_and_the_json_carries_all(pipeline, recording, source, spoken):
    conversion = pipeline("surprised", "so happy and wonderful", emotion_from=source).convert(recording)
    assert conversion.emotion_spoken == spoken
    assert conversion.emotion_detected.top == "surprised"
    assert conversion.emotion_in_words.top == "happy"
    assert set(conversion.to_dict()["emotion_fused"]["probabilities"]) == set(EMOTIONS)
    written = json.loads(Path(conversion.output).with_suffix(".json").read_text(encoding="utf-8"))
    assert written["emotion_in_words"]["emotion"] == "happy"
    assert Conversion.from_dict(written).to_dict() == conversion.to_dict()


def test_results_of_before_can_still_be_read(pipeline, recording):
    values = pipeline("sad", "i cry").convert(recording).to_dict()
    for name in ("emotion_in_words", "emotion_fused"):
        del values[name]
    assert Conversion.from_dict(values).emotion_in_words is None


def test_a_contradiction_is_noted(pipeline, recording):
    conversion = pipeline("angry", "so happy and wonderful great love").convert(recording)
    assert conversion.emotion_spoken == "angry"
    assert "The words are happy, the voice is angry." in conversion.notes
    assert conversion.fused.contradiction in conversion.notes


def test_words_in_another_language_are_left_out(pipeline, recording):
    conversion = pipeline("sad", "bonjour", language="fr").convert(recording)
    assert conversion.emotion_in_words is None
    assert conversion.fused.used == ("speech",)


def test_without_a_text_model_the_voice_answers_unless_the_words_were_asked_for(pipeline, recording, monkeypatch):
    def missing(**settings):
        raise WeightsMissing("There are none.")

    monkeypatch.setattr(CREATE, missing)
    assert pipeline("sad", "so happy").convert(recording).emotion_spoken == "sad"
    with pytest.raises(WeightsMissing):
        pipeline("sad", "so happy", emotion_from="text").convert(recording)


def test_python_reads_and_recognises_both(pipeline, recording):
    chain = pipeline("sad", "i cry and it is sad")
    assert chain.read_text("i hate you").scores.top == "angry"
    assert chain.recognise(recording, words=True).fused.scores.top == "sad"
    assert chain.recognise(recording, text="so happy and great love").fused.contradiction
    assert chain.recognise(recording, text="  ").fused.transcript == "i cry and it is sad"


def test_words_in_letters_that_the_model_does_not_read_do_not_count(pipeline, recording):
    found = pipeline("sad", "").recognise(recording, text="я так рад").fused
    assert found.text.warnings
    assert found.used == ("speech",)
    assert found.scores.top == "sad"


@pytest.mark.parametrize("name", ["voice", ""])
def test_settings_know_three_sources(name):
    with pytest.raises(SettingsError, match=r"emotion.from"):
        load_settings({"emotion_from": name})


@pytest.mark.parametrize(
    ("flags", "more"),
    [
        (["--with-text"], ["words", "fusion"]),
        (["--fusion"], ["words", "fusion"]),
        (["--fusion", "--text", "so happy and wonderful"], ["words", "fusion"]),
    ],
)
def test_recognize_shows_words_and_both(with_weights, monkeypatch, flags, more):
    monkeypatch.setattr(CREATE, lambda threads=0, **_: TextRecogniser(with_weights, threads=threads))
    result = CliRunner().invoke(app, ["recognize", str(EXAMPLE), "--json", *flags])
    assert result.exit_code == 0, result.output + repr(result.exception)
    values = json.loads(result.stdout)
    assert list(values)[6:] == ["known_from", "warnings", "model", "duration", *more]
    assert values["words"]["text"]
    if "--text" in flags:
        assert values["words"]["emotion"] == "happy"
    if "--fusion" in flags:
        names = {"emotion", "confidence", "unsure", "probabilities", "dimensions", "used", "contradiction"}
        assert set(values["fusion"]) == names
    people = CliRunner().invoke(app, ["recognize", str(EXAMPLE), *flags])
    assert "the words" in people.stdout


def test_one_text_is_what_one_recording_says(tmp_path):
    result = CliRunner().invoke(app, ["recognize", str(EXAMPLE), str(EXAMPLE), "--text", "hello"])
    assert isinstance(result.exception, UsageError)
