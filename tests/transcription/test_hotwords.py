"""Words that are expected."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.transcription.hotwords import Hotwords
from pipeline.transcription.moonshine import MoonshineTranscriber
from pipeline.transcription.search import beam_search
from tests.growth import grows_in_step
from tests.transcription.whole_sounds import transcribed

PIECES = ["<end>", "▁", "▁Ha", "▁ha", "le", "l", "e", "s", ",", "▁Mary", "▁Ann", "▁the", "▁Hale", "a"]
VOCABULARY = [piece.encode() for piece in PIECES]
TOKEN = {piece: token for token, piece in enumerate(PIECES)}


def worth(hotwords: Hotwords, *pieces: str) -> float:
    """Return the bonus of a text, given token by token."""
    *before, last = (TOKEN[piece] for piece in pieces)
    return float(hotwords(tuple(before))[last])


@pytest.mark.parametrize(
    ("pieces", "letters"),
    [
        (["▁Ha"], 2),
        (["▁ha"], 2),
        (["▁Ha", "le"], 4),
        (["▁Ha", "l"], 3),
        (["▁Ha", "l", "e"], 4),
        (["▁Hale"], 4),
        (["▁Hale", "<end>"], 4),
        (["▁Hale", ","], 4),
        (["▁Hale", "▁the"], 4),
        (["▁Hale", ",", "▁Hale"], 8),
        (["▁Hale", "s"], 0),
        (["▁Hale", "s", "▁Hale", "<end>"], 4),
        (["▁Ha", "<end>"], 0),
        (["▁Ha", "▁the"], 0),
        (["▁Ha", "▁Hale"], 4),
        (["a", "le"], 0),
        (["▁Mary"], 4),
        (["▁Mary", "▁Ann"], 8),
        (["▁Mary", "▁the"], 0),
        (["▁Mary", "▁Hale"], 4),
        (["▁the", "▁Mary", "▁Ann", "▁Hale", "<end>"], 12),
    ],
)
def test_letters_of_expected_words_count_and_others_are_taken_back(pieces, letters):
    hotwords = Hotwords("Hale,  mary ann; ", VOCABULARY, end=0, bonus=1.0)
    assert worth(hotwords, *pieces) == letters


@pytest.mark.parametrize("words", ["", " , ;\n"])
def test_no_words_are_no_hotwords(words):
    hotwords = Hotwords(words, VOCABULARY, end=0)
    assert not hotwords
    assert not hotwords(()).any()


def test_a_search_prefers_what_is_expected_and_tells_its_true_probability():
    # Every text is "▁ha" or "▁Mary", then its end; the first is a little likelier.
    first = np.full(len(PIECES), -20.0, np.float32)
    first[TOKEN["▁ha"]], first[TOKEN["▁Mary"]] = 0.0, -1.0

    def advance(tokens: np.ndarray, parents: np.ndarray) -> np.ndarray:
        logits = np.full((len(tokens), len(PIECES)), -20.0, np.float32)
        logits[:, 0] = 0.0
        return logits

    def search(hotwords: str) -> tuple[tuple[int, ...], float]:
        prefer = Hotwords(hotwords, VOCABULARY, end=0, bonus=0.5) if hotwords else None
        best = beam_search(first, advance, end=0, width=2, longest=4, prefer=prefer)[0]
        return best.tokens, best.log_probabilities[0]

    assert search("")[0] == search("Ann")[0] == (TOKEN["▁ha"],)
    assert search("mary")[0] == (TOKEN["▁Mary"],)
    assert search("mary")[1] == pytest.approx(-1.0 - np.log(1 + np.exp(-1.0)), abs=0.001)


def test_hotwords_that_do_not_occur_change_nothing(say: Callable, engine: MoonshineTranscriber):
    audio = say("My brother bought a new car last week.")[0]
    plain = transcribed(engine, audio)
    assert plain
    assert transcribed(engine, audio, hotwords="Thornton, Helstone, Higgins") == plain


@pytest.mark.parametrize(("hotwords", "heard"), [("", False), ("Higgens, kathryn", True)])
def test_a_name_is_spelled_as_expected(hotwords, heard, say: Callable, engine: MoonshineTranscriber):
    audio = say("We spoke with Kathryn about the new house.")[0]
    text = " ".join(segment.text for segment in transcribed(engine, audio, hotwords=hotwords))
    assert ("Kathryn" in text) is heard


def test_a_long_word_costs_as_much_as_its_length():
    def expected(words: str) -> None:
        hotwords = Hotwords(words, VOCABULARY, end=0)
        hotwords((TOKEN["▁Ha"], TOKEN["l"]))

    assert grows_in_step(expected, "hal", 20_000)
