"""IEMOCAP's protocol on a made-up corpus in its real layout."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.training.corpora import TEXT_CORPORA

SAID = {
    "ang": "i hate this rage",
    "hap": "how wonderful and great",
    "exc": "oh great news",
    "sad": "so lonely and lost",
    "neu": "the train is at the table",
}
RATE = 16000


@pytest.fixture(scope="module")
def iemocap(tmp_path_factory):
    """Five sessions of two actors; angry is loud and high, sad low, and words tell too."""
    folder = tmp_path_factory.mktemp("IEMOCAP_full_release")
    random = np.random.default_rng(0)
    pitch = {"ang": 320, "hap": 260, "exc": 270, "sad": 120, "neu": 180}
    for session in range(1, 6):
        root = folder / f"Session{session}"
        for part in ("dialog/EmoEvaluation", "dialog/transcriptions", "sentences/wav"):
            (root / part).mkdir(parents=True)
        dialogue = f"Ses0{session}F_impro01"
        table, transcript = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""], []
        (root / "sentences" / "wav" / dialogue).mkdir()
        for number, emotion in enumerate([*SAID, *SAID, "fru", "xxx"]):
            turn = f"{dialogue}_{'FM'[number % 2]}{number:03d}"
            table += [f"[{number}.0 - {number}.9]\t{turn}\t{emotion}\t[2.5, 2.5, 2.5]", "C-E1:\tNeutral;\t()", ""]
            transcript.append(f"{turn} [{number:03d}.0-{number:03d}.9]: {SAID.get(emotion, 'well')}")
            time = np.arange(int(1.2 * RATE)) / RATE
            base = pitch.get(emotion, 200) * (1 + 0.05 * random.normal())
            voice = sum(np.sin(2 * np.pi * base * k * time) / k for k in range(1, 12)) * (1 + np.sin(25 * time))
            path = root / "sentences" / "wav" / dialogue / f"{turn}.wav"
            soundfile.write(path, 0.1 * voice + 0.002 * random.normal(size=time.size), RATE)
        (root / "dialog" / "EmoEvaluation" / f"{dialogue}.txt").write_text("\n".join(table), encoding="utf-8")
        (root / "dialog" / "transcriptions" / f"{dialogue}.txt").write_text("\n".join(transcript), encoding="utf-8")
    return folder


def test_texts_are_those_of_the_four_classes_by_session(iemocap):
    texts = TEXT_CORPORA.find("iemocap").read(iemocap)
    assert len(texts) == 5 * 10
    assert {text.emotions[0] for text in texts} == {"angry", "happy", "sad", "neutral"}
    assert {text.speaker for text in texts} == {f"iemocap-0{session}" for session in range(1, 6)}
    assert texts[0].text in SAID.values()


def test_speech_text_and_both_on_the_same_sessions(iemocap, tmp_path):
    pytest.importorskip("librosa")
    (tmp_path / "speech.yaml").write_text("model: logistic\nfeatures: librosa-statistics\nC: 1.0\n", encoding="utf-8")
    (tmp_path / "text.yaml").write_text(
        "modality: text\nmodel: tfidf_logistic\npieces: 300\nleast_texts: 1\n", encoding="utf-8"
    )
    config = tmp_path / "both.yaml"
    config.write_text("modality: both\nspeech: speech.yaml\ntext: text.yaml\n", encoding="utf-8")
    options = ["--config", config, "--data", iemocap, "--corpus", "iemocap", "--run", tmp_path / "run"]
    result = CliRunner().invoke(app, ["evaluate", *map(str, options), "--cache", str(tmp_path / "cache"), "--json"])
    assert result.exit_code == 0, result.output + repr(result.exception)
    scores = json.loads(result.stdout.splitlines()[-1])
    assert scores["clips"] == 50
    assert "session" in scores["protocol"]
    assert scores["text"]["accuracy"] > 0.9
    assert scores["both"]["accuracy"] >= max(scores["text"]["accuracy"], scores["speech"]["accuracy"]) - 0.05
    assert all(len(scores[part]["accuracy_by_fold"]) == 5 for part in ("speech", "text", "both"))
    assert set(scores["fusion"]) == {"speech", "text", "plain", "unsure_below"}
    settings = json.loads((tmp_path / "run" / "speech" / "settings.json").read_text(encoding="utf-8"))
    assert settings["protocol"] == "session"
