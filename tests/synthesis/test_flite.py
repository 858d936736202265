"""Flite's voices: which one speaks, and what is told where the system lacks them."""

from __future__ import annotations

import ctypes.util
from collections.abc import Callable

import numpy as np
import pytest

from pipeline.core.emotions import Mood
from pipeline.core.errors import EngineMissing
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis import flite as engine
from pipeline.synthesis.flite import Flite, ready
from pipeline.synthesis.sentences import sentences

needs_flite = pytest.mark.skipif(bool(ready()), reason=ready() or "Flite is there")
needs_man = pytest.mark.skipif(bool(ready("rms")), reason=ready("rms") or "the man is there")


def without(*absent: str) -> Callable[[str], str | None]:
    found = ctypes.util.find_library
    return lambda name: None if name in absent else found(name)


@pytest.mark.parametrize(
    ("absent", "told"),
    [
        (("flite", "flite_cmu_us_slt", "flite_cmu_us_rms"), "flite is not installed: run apt-get install flite"),
        (("flite_cmu_us_slt",), "run apt-get install flite"),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, absent: tuple[str, ...], told: str
) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", without(*absent))
    assert told in SYNTHESISERS.find("flite").missing()
    with pytest.raises(EngineMissing, match=told):
        SYNTHESISERS.choose("flite")
    with pytest.raises(EngineMissing, match=told):
        Flite()


@needs_flite
def test_a_library_that_is_no_flite_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engine._library.cache_clear()
    libc = ctypes.util.find_library("c")
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: libc)
    monkeypatch.setattr(engine, "ready", lambda voice="slt": "")
    try:
        with pytest.raises(EngineMissing, match="Flite cannot be loaded"):
            Flite()
    finally:
        engine._library.cache_clear()


@needs_flite
def test_the_woman_speaks_for_men_where_there_is_no_man(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", without("flite_cmu_us_rms"))
    alone = engine.create()
    assert alone.synthesise("Good morning.", Mood("neutral"), "youngman").audio.duration > 0.5


@needs_man
@pytest.mark.parametrize("voice", ["slt", "rms"])
def test_the_usual_pitch_is_that_of_the_voice(voice: str) -> None:
    speaker = Flite(voice)
    (sentence,) = sentences("The children were playing football in the rain.")
    frames = speaker.frames(sentence)
    assert np.median(frames.f0[frames.voiced]) == pytest.approx(speaker.usual_f0, rel=0.08)


@needs_flite
@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("It cost $1,200.50 in all.", "$1,200.50"),
        ("We met at 12:30 today.", "12:30"),
        ("His well-known uncle did.", "well-known"),
    ],
)
def test_what_is_read_as_several_words_is_one_written_word(text: str, longest: str) -> None:
    (sentence,) = sentences(text)
    words = Flite().frames(sentence).words
    assert [word.text for word in words] == text.split()
    assert max(words, key=lambda word: word.end - word.start).text == longest
