"""Segments and recordings whose speakers are known by themselves."""

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
from pipeline.chain import known_speakers
from pipeline.chain.known_speakers import LiveVoices, knowing_speakers
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, EmotionScores, Segment
from pipeline.transcription.speakers.clustering import grouped, same_voice, unit

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"
SCORES = EmotionScores(("neutral", "happy"), (0.5, 0.5), "none")


class Counting:
    """Tells how many were judged together."""

    def judge_together(self, scores, *, most):
        return tuple(dataclasses.replace(each, known_from=len(scores) - 1) for each in scores)


@dataclasses.dataclass
class _Sound:
    """What is needed of a speech segment."""

    audio: Audio


def said(emotion=SCORES):
    return Segment(0.0, 1.0, "text", emotion=emotion)


def test_segments_are_judged_with_those_of_their_speaker():
    segments = [said(), said(), said(None), said(), said()]
    found = knowing_speakers(Counting(), segments, ["one", "two", "one", "one", None])
    assert [each.emotion.known_from if each.emotion else None for each in found] == [1, 0, None, 1, 0]


def test_live_segments_know_what_their_voice_said_before(monkeypatch, make_vowels):
    voices = iter([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [1.0, 0.1]])
    monkeypatch.setattr(known_speakers, "embedding", lambda samples: unit(np.array([next(voices)]))[0])
    live, sound = LiveVoices(Counting()), make_vowels(1.0)
    speech = _Sound(sound)
    assert [live.judged(speech, said()).emotion.known_from for _ in range(4)] == [0, 1, 0, 2]
    assert live.judged(speech, said(None)).emotion is None


def test_voices_are_told_apart_by_their_embeddings():
    random = np.random.default_rng(0)
    people = random.standard_normal((3, 64))
    who = random.permutation(np.repeat([0, 1, 2], 5))
    vectors = unit((people[who] + 0.4 * random.standard_normal((15, 64))).astype(np.float32))
    groups = grouped(vectors)
    assert len(set(zip(groups.tolist(), who.tolist(), strict=True))) == 3 == len(set(groups.tolist()))
    assert same_voice(vectors[0], []) is None
    assert same_voice(vectors[0], [people[who[0]].astype(np.float32), -vectors[0]]) == 0
    assert grouped(vectors[:1]).tolist() == [0]


class Words:
    """Says nothing in particular."""

    name = "words"

    def transcribe(self, segment, *, hotwords=""):
        return Segment(segment.start, segment.end, "Something.")


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """One person says three sentences, with pauses."""
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    samples, rate = soundfile.read(EXAMPLE)
    pause = np.zeros(2 * rate)
    soundfile.write(path, np.concatenate([samples, pause, samples, pause, samples]), rate)
    return path


def test_a_long_recording_knows_its_speaker(talk):
    pipeline = VoicePipeline(Settings(), transcriber=Words())
    together, alone = (pipeline.transcribe(talk, emotions=True, each_alone=how).segments for how in (False, True))
    assert [each.emotion.known_from for each in together] == [2, 2, 2]
    assert [each.emotion.known_from for each in alone] == [0, 0, 0]
    assert [each.speaker for each in together] == [None] * 3
    assert together[0].to_dict()["emotion"]["known_from"] == 2


def test_a_folder_knows_its_speakers(tmp_path):
    from pipeline.cli import app

    for name in ("a.wav", "b.wav"):
        shutil.copy(EXAMPLE, tmp_path / name)
    outputs = []
    for more in ([], ["--each-alone"]):
        ran = CliRunner().invoke(app, ["recognize", str(tmp_path), "--json", *more])
        assert ran.exit_code == 0, ran.output
        outputs.append([json.loads(line) for line in ran.stdout.splitlines()])
    assert [[each["known_from"] for each in found] for found in outputs] == [[1, 1], [0, 0]]
    assert {Path(each["file"]).name for each in outputs[0]} == {"a.wav", "b.wav"}
