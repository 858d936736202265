"""A tiny trained text model, made once."""

from __future__ import annotations

import pytest
from tiny_bert import write_bert, write_corpus

from pipeline.recognition.text.recogniser import TextRecogniser
from pipeline.training.text.training import train_text


@pytest.fixture(scope="session")
def comments(tmp_path_factory):
    """A corpus in the layout of GoEmotions."""
    return write_corpus(tmp_path_factory.mktemp("comments"))


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory):
    """A random BERT."""
    pytest.importorskip("torch")
    pytest.importorskip("tokenizers")
    return write_bert(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def tiny_config(tiny_base, tmp_path_factory):
    """Settings that train it in seconds."""
    path = tmp_path_factory.mktemp("config") / "tiny.yaml"
    path.write_text(
        f"modality: text\nmodel: bert\nbase: {tiny_base}\nlr: 0.003\nhead_lr: 0.01\nepochs: 6\nbatch_size: 16\n"
        "longest: 32\ntrained_tokens: 32\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def tiny_run(tiny_config, comments, tmp_path_factory):
    """The folder of a finished training, its checkpoint in `checkpoint`."""
    run = tmp_path_factory.mktemp("run")
    train_text(tiny_config, comments, run)
    return run


@pytest.fixture(scope="session")
def tiny_recogniser(tiny_run):
    """What reads with that checkpoint."""
    return TextRecogniser(tiny_run / "checkpoint", threads=1)
