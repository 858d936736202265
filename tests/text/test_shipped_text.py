"""The checkpoint that comes with the project."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from pipeline.core.paths import bundled
from pipeline.recognition.text.recogniser import create
from pipeline.training.corpora import TEXT_CORPORA


@pytest.fixture(scope="module")
def shipped():
    return create(threads=1)


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("I love this so much, thank you!", "happy"),
        ("I miss her every day and I cannot stop crying.", "sad"),
        ("You idiot, I hate you!", "angry"),
        ("I am so scared of the dark.", "fearful"),
        ("That is disgusting.", "disgusted"),
        ("Wow, I did not expect that at all!", "surprised"),
        ("Kids are talking by the door.", "neutral"),
        ("Dogs are sitting by the door.", "neutral"),
        ("I got it 😍", "happy"),
        ("he did it again 😭", "sad"),
    ],
)
def test_plain_cases(shipped, text, emotion):
    found = shipped.recognise(text)
    assert found.top == emotion
    assert found.calibrated


def test_it_is_small_and_what_its_card_says(shipped):
    folder = bundled("checkpoints", "text")
    content = (folder / "model.onnx").read_bytes()
    assert len(content) < 25_000_000
    assert hashlib.sha256(content).hexdigest() == shipped.card.sha256
    assert shipped.card.data["corpora"] == ["goemotions", "meld"]
    assert shipped.card.fusion
    assert "calm" not in shipped.card.labels


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("You are late again! I have told you a hundred times.", "angry"),
        ("What a lovely surprise, thank you!", "happy"),
        ("My grandmother died yesterday.", "sad"),
        ("The meeting is at three.", "neutral"),
        ("Kids are talking by the door.", "neutral"),
    ],
)
def test_plain_cases_that_somebody_said(shipped, text, emotion):
    assert shipped.recognise(text, spoken=True).top == emotion


@pytest.mark.parametrize("corpus", ["goemotions", "meld"])
def test_it_reads_the_dev_parts_as_well_as_its_card_says(shipped, shared_data, corpus):
    texts = TEXT_CORPORA.find(corpus).read(shared_data(corpus))
    texts = [text for text in texts if text.part == "dev" and len(text.emotions) == 1][:600]
    right = [shipped.recognise(text.text, spoken=text.spoken).top == text.emotions[0] for text in texts]
    scores = shipped.card.scores
    scores = scores["other_corpora"][corpus] if corpus in scores["other_corpora"] else scores
    assert np.mean(right) == pytest.approx(scores["accuracy"], abs=0.06)


def test_reading_needs_no_framework():
    code = (
        "import sys; from pipeline.recognition.text.recogniser import create; create(threads=1).recognise('well');"
        "print(sorted({'torch', 'transformers', 'tensorflow', 'sklearn', 'scipy', 'onnx'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("corpus", [entry.name for entry in TEXT_CORPORA])
def test_every_corpus_of_text_says_what_it_is(corpus):
    found = TEXT_CORPORA.find(corpus)
    assert found.licence
    assert found.weights
    assert found.source
