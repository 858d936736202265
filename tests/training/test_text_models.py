"""Every text model through the same door: trained, judged, written, served."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.core.errors import SettingsError, WeightsMissing
from pipeline.recognition.checkpoint import read_card
from pipeline.recognition.text.recogniser import TextRecogniser
from pipeline.training.configuration import load_config
from pipeline.training.corpora import TEXT_CORPORA
from pipeline.training.text.models import TEXT_MODELS
from pipeline.training.text.training import evaluate_text, judged_elsewhere, train_text

SMALL = {
    "text_lstm": "epochs: 12\npieces: 300\nembedding_size: 24\nrnn_size: 24\ndropout: 0.1\nlr: 0.01\nhead_lr: 0.01\n",
    "tfidf_logistic": "pieces: 300\nleast_texts: 1\n",
    "tfidf_forest": "pieces: 300\nleast_texts: 1\nn_estimators: 20\n",
}


@pytest.fixture(scope="module", params=[spec.name for spec in TEXT_MODELS])
def trained(request, comments, tiny_run, tmp_path_factory):
    """The run of each model."""
    if request.param == "bert":
        return tiny_run
    pytest.importorskip("torch" if request.param == "text_lstm" else "sklearn")
    run = tmp_path_factory.mktemp(request.param)
    config = run / "config.yaml"
    config.write_text(f"modality: text\nmodel: {request.param}\n{SMALL[request.param]}", encoding="utf-8")
    train_text(config, comments, run)
    return run


def test_it_learns_and_its_checkpoint_answers_as_it_was_judged(trained, comments):
    card = read_card(trained / "checkpoint", "text")
    assert card.labels == ("neutral", "happy", "sad", "angry")
    assert card.scores["macro_f1"] > 0.8
    assert card.scores["several_macro_f1"] > 0.7
    dev = [text for text in TEXT_CORPORA.find("goemotions").read(comments) if text.part == "dev"]
    recogniser = TextRecogniser(trained / "checkpoint", threads=1)
    answers = recogniser.answers([text.text for text in dev])
    stored = np.load(next((trained / "folds").glob("*/answers.npy")), allow_pickle=False)
    np.testing.assert_allclose(answers.logits, stored[0], atol=1e-4)
    np.testing.assert_allclose(answers.multi_label, stored[1], atol=1e-4)
    one = [text for text in dev if len(text.emotions) == 1]
    right = [recogniser.recognise(text.text).top == text.emotions[0] for text in one]
    assert np.mean(right) == pytest.approx(card.scores["accuracy"], abs=1e-3)


def test_nothing_in_a_checkpoint_is_a_program(trained):
    names = {path.name for path in (trained / "checkpoint").iterdir()}
    assert names == {"model.onnx", "tokenizer.json", "card.json", "MODEL_CARD.md"}
    described = (trained / "checkpoint" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "never answers calm" in described
    assert "macro F1" in described


def test_several_emotions_are_told(trained):
    recogniser = TextRecogniser(trained / "checkpoint", threads=1)
    found = [recogniser.read(text).emotions for text in ("so happy and you cry", "it is a wonderful sad lonely love")]
    assert any({"happy", "sad"} <= set(emotions) for emotions in found)


def test_a_finished_run_is_not_trained_again(tiny_config, comments, tiny_run):
    began = {path: path.stat().st_mtime_ns for path in (tiny_run / "folds").rglob("*.npy")}
    scores = evaluate_text(tiny_config, comments, tiny_run)
    assert scores.to_dict() == json.loads((tiny_run / "scores.json").read_text(encoding="utf-8"))
    assert began == {path: path.stat().st_mtime_ns for path in (tiny_run / "folds").rglob("*.npy")}


def test_a_table_of_ones_own_is_judged_in_folds_by_speaker(tmp_path, comments):
    pytest.importorskip("sklearn")
    rows = [
        f'"{text.text}",{" ,".join(text.emotions)},speaker {number % 7}\n'.replace(" ,", "+")
        for number, text in enumerate(TEXT_CORPORA.find("goemotions").read(comments))
        if len(text.emotions) == 1
    ]
    table = tmp_path / "own.csv"
    table.write_text("text,emotion,speaker\n" + "".join(rows), encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(f"modality: text\nmodel: tfidf_logistic\n{SMALL['tfidf_logistic']}", encoding="utf-8")
    card = train_text(config, table, tmp_path / "run", corpus="csv")
    assert card.scores["protocol"].startswith("5 folds")
    assert card.scores["texts"] == len(rows) == card.data["texts"]
    assert card.scores["macro_f1"] > 0.8
    elsewhere = judged_elsewhere(tmp_path / "run" / "checkpoint", "goemotions", comments)
    assert elsewhere.macro_f1 > 0.8


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("modality: text\nmodel: mamba", "mamba"),
        ("modality: text\nmodel: bert\nepoch: 3", "epoch"),
        ("modality: text\nmodel: bert\nepochs: 0", "epochs"),
        ("- 1", "no names"),
        ("{", "cannot be read"),
    ],
)
def test_wrong_settings_are_named(tmp_path, written, said):
    path = tmp_path / "config.yaml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        load_config(path)


@pytest.mark.parametrize("name", ["text_bert", "text_lstm", "text_logistic", "text_forest"])
def test_the_shipped_settings_are_right(name):
    from pipeline.core.paths import bundled
    from pipeline.training.configuration import kind_of

    path = bundled("configs", f"{name}.yaml")
    assert kind_of(path) == "text"
    load_config(path)
    assert kind_of(bundled("configs", "cnn1d_ravdess.yaml")) == "speech"


def test_a_base_that_is_not_there_is_named(tmp_path, comments, tiny_base):
    config = tmp_path / "config.yaml"
    config.write_text(f"modality: text\nmodel: bert\nbase: {tmp_path / 'nothing'}\n", encoding="utf-8")
    with pytest.raises(WeightsMissing, match="nothing"):
        train_text(config, comments, tmp_path / "run")
