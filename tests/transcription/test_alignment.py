"""When each word was said."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from pipeline.core.values import Audio, Word
from pipeline.transcription.alignment import Aligner

SENTENCE = "Kids are talking by the door, and seven dogs are sitting near my garden."


def check(words: tuple[Word, ...], text: str, duration: float) -> None:
    """Every word of the text has its place, in order, inside the sound."""
    assert [word.text for word in words] == text.split()
    assert all(0 <= word.start <= word.end <= duration for word in words)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(words))


def test_words_are_where_the_synthesiser_put_them(say: Callable, aligner: Aligner) -> None:
    audio, starts = say(SENTENCE)
    alignment = aligner.align(audio, SENTENCE)
    assert alignment.forced
    check(alignment.words, SENTENCE, audio.duration)
    errors = np.abs([word.start - start for word, start in zip(alignment.words, starts, strict=True)])
    assert np.median(errors) < 0.05
    assert errors.max() < 0.2


def test_silence_around_the_text_belongs_to_no_word(say: Callable, joined: Callable, aligner: Aligner) -> None:
    audio, starts = say(SENTENCE)
    silence = Audio(np.zeros(audio.sample_rate, np.float32), audio.sample_rate)
    words = aligner.align(joined(silence, audio, silence), SENTENCE).words
    assert words[0].start == pytest.approx(starts[0] + 1, abs=0.15)
    assert words[-1].end < audio.duration + 1


@pytest.mark.parametrize(
    ("text", "word", "seconds"),
    [
        ("He took the boat to the lake at eight and kept it.", 2, 0.3),
        ("Most of the people stopped at the big black gate.", 8, 0.25),
        ("Most of the people stopped at the big black gate.", 5, 0.25),
    ],
)
def test_a_pause_before_a_word_belongs_to_none(
    text: str, word: int, seconds: float, say: Callable, joined: Callable, aligner: Aligner
) -> None:
    audio, starts = say(text)
    start = starts[word]
    silence = Audio(np.zeros(round(seconds * audio.sample_rate), np.float32), audio.sample_rate)
    words = aligner.align(joined(audio.slice(0, start), silence, audio.slice(start, audio.duration)), text).words
    assert all(min(each.end, start + seconds) - max(each.start, start) < 0.12 for each in words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The zorblax sat by the door.", "The zorblax sat by the door."),
        ("He paid $12 in 1890.", "He paid twelve dollars in eighteen ninety."),
        ("Kids - and dogs - are here!", "Kids and dogs are here!"),
        ("\u201cKids,\u201d said Mr. Hale\u2026", "Kids, said mister Hale."),
    ],
)
def test_every_word_is_found_with_its_case_and_punctuation(
    text: str, said: str, say: Callable, aligner: Aligner
) -> None:
    audio, _ = say(said)
    alignment = aligner.align(audio, text)
    assert alignment.forced
    check(alignment.words, text, audio.duration)
    assert all(word.end > word.start for word in alignment.words if any(map(str.isalnum, word.text)))


def test_a_text_that_does_not_fit_is_spread_over_the_voiced_part(say: Callable, aligner: Aligner) -> None:
    audio, _ = say("Kids.")
    text = " ".join(["extraordinarily", "long", "sentences"] * 30)
    alignment = aligner.align(audio, text)
    assert not alignment.forced
    check(alignment.words, text, audio.duration)
    assert alignment.words[0].start > 0.2
    assert alignment.words[-1].end < audio.duration


def test_chinese_characters_are_words(say: Callable, aligner: Aligner) -> None:
    audio, _ = say(SENTENCE)
    alignment = aligner.align(audio, "狗坐在门边。")
    assert [word.text for word in alignment.words] == ["狗", "坐", "在", "门", "边。"]
    assert not alignment.forced
    assert all(word.end > word.start for word in alignment.words)


def test_a_text_without_words_has_none(aligner: Aligner) -> None:
    assert aligner.align(Audio(np.zeros(16000, np.float32), 16000), "").words == ()


def test_what_was_aligned_before_does_not_matter(say: Callable, aligner: Aligner) -> None:
    audio, _ = say(SENTENCE)
    first = aligner.align(audio, SENTENCE)
    other, _ = say("The zorblax sat by the door.")
    aligner.align(other, "The zorblax sat by the door.")
    assert aligner.align(audio, SENTENCE) == first
