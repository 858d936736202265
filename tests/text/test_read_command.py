"""The verbs on text, in this process, with a tiny model."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.core.errors import ResayError, UsageError

FIELDS = ["text", "emotion", "confidence", "unsure", "probabilities", "dimensions"]


@pytest.fixture
def read(tiny_run):
    def run(*arguments, **settings):
        checkpoint = ["--checkpoint", str(tiny_run / "checkpoint")]
        return CliRunner().invoke(app, ["read", *map(str, arguments), *checkpoint], **settings)

    return run


def test_a_text_gives_one_object(read):
    result = read("so happy and wonderful", "--json")
    assert result.exit_code == 0, result.output
    (values,) = map(json.loads, result.stdout.splitlines())
    assert list(values)[: len(FIELDS)] == FIELDS
    assert values["emotion"] == "happy"
    assert values["model"] == "bert"
    assert sum(values["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_a_file_and_standard_input_give_one_object_per_line(read, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("happy love\n\n  \ni hate you\n", encoding="utf-8")
    from_file = read(path, "--json").stdout.splitlines()
    from_input = read("-", "--json", input=path.read_text(encoding="utf-8")).stdout.splitlines()
    assert from_file == from_input
    assert [json.loads(line)["emotion"] for line in from_file] == ["happy", "angry"]


def test_people_see_bars_and_sentences(read):
    result = read("You love it so. I hate you!")
    assert result.exit_code == 0
    assert "█" in result.stdout
    assert "I hate you!" in result.stdout


def test_one_bad_text_among_others_is_told(read, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("happy love\n\x00\x01\n", encoding="utf-8")
    result = read(path, "--json")
    assert result.exit_code == 1
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["emotion"] == "happy"
    assert second["error"]["code"] == "usage"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_no_text_says_so(read, text):
    result = read(text)
    assert isinstance(result.exception, ResayError)
    assert result.exception.exit_code == 2
    assert "no text" in str(result.exception)


def test_the_name_of_a_file_that_is_not_there_is_told(read):
    for name in ("notes.txt", "talk.wav", "."):
        assert isinstance(read(name).exception, UsageError)
    assert "There is no file notes.txt." in str(read("notes.txt").exception)
    assert read("well, notes.").exit_code == 0


def test_a_recording_is_no_text(read, tmp_path):
    path = tmp_path / "sound.wav"
    path.write_bytes(b"RIFF\x24\x00\x01\x00WAVEfmt \x10\x00\x00\x00\xff\xfe\xfd\xfc")
    result = read(path)
    assert "no text" in str(result.exception)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_text_in_another_encoding_is_read(read, tmp_path, encoding):
    path = tmp_path / "texts.txt"
    path.write_bytes("so happy\nté triste à l’été\n".encode(encoding))
    result = read(path, "--json")
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["so happy", "té triste à l’été"]
    assert ("Windows-1252" in result.stderr) is (encoding == "cp1252")


def test_subtitles_are_read_phrase_by_phrase(read, tmp_path):
    path = tmp_path / "talk.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\n[door slams]\n- You love\nit so.\n- I hate you!\n", encoding="utf-8"
    )
    result = read(path, "--spoken", "--json")
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["You love it so.", "I hate you!"]
    assert "[door slams]" in result.stderr


def test_train_evaluate_and_predict(tmp_path, comments):
    pytest.importorskip("sklearn")
    config = tmp_path / "config.yaml"
    config.write_text("modality: text\nmodel: tfidf_logistic\npieces: 300\nleast_texts: 1\n", encoding="utf-8")
    options = ["--config", str(config), "--data", str(comments), "--run", str(tmp_path / "run")]
    trained = CliRunner().invoke(app, ["train", *options])
    assert trained.exit_code == 0, trained.output + repr(trained.exception)
    assert "macro F1" in trained.stdout
    other = ["--test-corpus", "goemotions", "--test-data", str(comments), "--report", str(tmp_path / "report")]
    judged = CliRunner().invoke(app, ["evaluate", *options, *other, "--json"])
    assert judged.exit_code == 0, judged.output + repr(judged.exception)
    scores = json.loads(judged.stdout)
    assert scores["other_corpora"]["goemotions"]["macro_f1"] == scores["macro_f1"]
    assert "| happy |" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    predicted = CliRunner().invoke(
        app, ["predict", "a furious rage", "--checkpoint", str(tmp_path / "run" / "checkpoint"), "--json"]
    )
    assert predicted.exit_code == 0, predicted.output + repr(predicted.exception)
    assert json.loads(predicted.stdout)["emotion"] == "angry"
