"""Emotions that are denied, doubled or only named: a table that chose no rule."""

from __future__ import annotations

import pytest

from pipeline.recognition.text.denials import in_other_words
from pipeline.recognition.text.recogniser import create
from tests.text.negation_table import fits, rows


@pytest.fixture(scope="module")
def shipped():
    return create(threads=1)


def test_the_table_is_large_and_no_row_stands_twice():
    texts = [(row["text"], row["may be"]) for row in rows()]
    assert len(texts) >= 300
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("spoken", [False, True], ids=["written", "spoken"])
def test_denied_emotions_are_read_as_such(shipped, spoken):
    held: dict[str, list[bool]] = {}
    for row in rows():
        held.setdefault(row["kind"], []).append(fits(shipped.recognise(row["text"], spoken=spoken).top, row["may be"]))
    shares = {kind: sum(each) / len(each) for kind, each in held.items()}
    everything = [each for kind in held.values() for each in kind]
    assert sum(everything) / len(everything) >= 0.9, shares
    assert shares["denied"] >= 0.95
    assert shares["no longer"] >= 0.75
    # As the network reads them: no plain sentence is touched.
    assert shares["plain"] >= 0.89
    assert not [row["text"] for row in rows() if row["kind"] == "plain" and in_other_words(row["text"])[1]]
