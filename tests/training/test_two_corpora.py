"""A text model that learns from two corpora, one written and one spoken."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from tiny_bert import FILLERS
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.core.errors import SettingsError, UnknownName, UsageError
from pipeline.core.onnx_sessions import open_graph, optimised
from pipeline.recognition.checkpoint import read_card
from pipeline.recognition.text.recogniser import TextRecogniser
from pipeline.training.configuration import load_config
from pipeline.training.corpora import TEXT_CORPORA
from pipeline.training.text.models import TEXT_MODELS
from pipeline.training.text.training import judged_elsewhere, train_text

SHARES = {"neutral": 10, "joy": 3, "fear": 3}
"""Lines of each emotion in sixteen."""


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory):
    """A series in the layout of MELD, whose emotions are in one word each; the corpus of comments knows no fear."""
    chance, folder = random.Random(0), tmp_path_factory.mktemp("meld")
    words = {"neutral": "table", "joy": "great", "fear": "ghost"}
    for part, lines in (("train", 320), ("dev", 96)):
        rows = ["Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID"]
        for number in range(lines):
            emotion = [name for name, count in SHARES.items() for _ in range(count)][number % 16]
            said = " ".join([*chance.choices(FILLERS, k=4), words[emotion]])
            rows.append(f'"{said}",Anna,{emotion},{number // 8},{number % 8}')
        (folder / f"{part}_sent_emo.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    return folder


def settings_file(folder, base, more):
    path = folder / "config.yaml"
    path.write_text(
        f"modality: text\nmodel: bert\nbase: {base}\nlr: 0.003\nhead_lr: 0.01\nepochs: 4\nbatch_size: 16\n"
        f"longest: 32\ntrained_tokens: 32\n{more}",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def both(tmp_path_factory, tiny_base, comments, dialogue):
    """A run on both."""
    run = tmp_path_factory.mktemp("both")
    config = settings_file(run, tiny_base, "balance: {meld: 0.5}\n")
    options = ["--config", str(config), "--data", str(comments), "--also", f"meld={dialogue}", "--run", str(run)]
    result = CliRunner().invoke(app, ["train", *options, "--json"])
    assert result.exit_code == 0, result.output + repr(result.exception)
    return run, json.loads(result.stdout), options


def test_the_dev_parts_of_both_are_judged_and_neither_is_trained_on(both, comments, dialogue):
    run, card, _ = both
    texts = [text for name, folder in (("goemotions", comments), ("meld", dialogue)) for text in read(name, folder)]
    assert card["data"]["corpora"] == ["goemotions", "meld"]
    assert card["data"]["texts"] == sum(text.part == "train" for text in texts)
    assert card["labels"] == ["neutral", "happy", "sad", "angry", "fearful"]
    assert card["scores"]["macro_f1"] > 0.8
    other = card["scores"]["other_corpora"]["meld"]
    assert other["texts"] == sum(text.part == "dev" for text in texts if text.corpus == "meld")
    assert other["f1"]["fearful"] > 0.8
    assert other == judged_elsewhere(run / "checkpoint", "meld", dialogue).to_dict()
    described = (run / "checkpoint" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "## Scores on meld" in described
    assert "GPL-3.0" in described


def test_words_that_are_meant_otherwise_when_they_are_spoken(both):
    run, card, _ = both
    recogniser = TextRecogniser(run / "checkpoint")
    # Only the series calls a ghost fear: of comments with the word nothing was ever told.
    assert recogniser.recognise("so the ghost it", spoken=True).top == "fearful"
    written, spoken = (recogniser.answers(["so the ghost it"], spoken=kind) for kind in (False, True))
    assert np.abs(written.logits - spoken.logits).max() > 0.1
    np.testing.assert_array_equal(written.multi_label, spoken.multi_label)
    other = card["scores"]["other_corpora"]["meld"]
    assert card["spoken"] == {name: other[name] for name in ("temperature", "unsure_below")}
    assert card["temperature"] == card["scores"]["temperature"]
    found = recogniser.recognise("it ghost. the was great", spoken=True)
    assert found.unsure_below == card["spoken"]["unsure_below"]
    options = ["--checkpoint", str(run / "checkpoint"), "--json"]
    shown = [
        json.loads(CliRunner().invoke(app, ["read", "so the ghost it", *options, *more]).stdout)["probabilities"]
        for more in ([], ["--spoken"])
    ]
    assert shown[0] != shown[1]
    assert "Spoken words have a head of their own" in (run / "checkpoint" / "MODEL_CARD.md").read_text("utf-8")


def test_a_model_of_one_kind_of_text_answers_to_both_alike(tiny_run):
    recogniser = TextRecogniser(tiny_run / "checkpoint")
    assert recogniser.card.spoken is None
    assert recogniser.recognise("so happy", spoken=True) == recogniser.recognise("so happy")


def test_what_was_trained_is_not_trained_again(both):
    run, card, options = both
    rows = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["epoch"] for row in rows] == [1, 2, 3, 4]
    result = CliRunner().invoke(app, ["train", *options, "--json"])
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert (run / "log.jsonl").read_text(encoding="utf-8").splitlines() == rows
    assert json.loads(result.stdout)["scores"] == card["scores"]


def test_a_balanced_corpus_teaches_its_rare_emotions_more(dialogue, tiny_base, tmp_path):
    texts = [text for text in read("meld", dialogue) if text.part == "train"]
    probabilities = {}
    for share in (0.0, 1.0):
        config = settings_file(tmp_path, tiny_base, f"balance: {{meld: {share}}}\n")
        settings = load_config(config)
        labels = ("neutral", "happy", "fearful")
        model = TEXT_MODELS.find("bert").create(settings, labels)
        model.fit(texts, seed=0)
        logits = model.answers(["the it was so"]).logits[0]
        probabilities[share] = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert probabilities[1.0][2] > 2 * probabilities[0.0][2]


def test_a_corpus_that_is_not_given_cannot_be_balanced(comments, tiny_base, tmp_path):
    config = settings_file(tmp_path, tiny_base, "balance: {meld: 0.5}\n")
    with pytest.raises(SettingsError, match="meld"):
        train_text(config, comments, tmp_path / "run")


@pytest.mark.parametrize(("given", "error"), [("meld", UsageError), ("films=here", UnknownName)])
def test_another_corpus_has_a_name_and_a_folder(given, error, comments, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("modality: text\nmodel: tfidf_logistic\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["train", "--config", str(config), "--data", str(comments), "--also", given])
    assert isinstance(result.exception, error)


def test_an_optimised_graph_answers_the_same(both):
    path = both[0] / "checkpoint" / "model.onnx"
    tokens = {"tokens": np.array([[2, 9, 12, 3]], np.int64)}
    before, after = (open_graph(graph).run(None, tokens) for graph in (path, optimised(path.read_bytes())))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_cards_of_before_have_no_other_corpora(tiny_run):
    assert "other_corpora" not in read_card(tiny_run / "checkpoint", "text").scores
    assert TextRecogniser(tiny_run / "checkpoint").recognise("so happy").top == "happy"


def read(name, folder):
    return TEXT_CORPORA.find(name).read(folder)
