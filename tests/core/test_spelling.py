"""British and American spelling, and the known word that an unknown one is nearest to."""

from __future__ import annotations

import pytest

from pipeline.core.options import CallOptions, EngineSettings
from pipeline.core.settings import load_settings
from pipeline.core.spelling import american, nearest


@pytest.mark.parametrize(
    ("british", "american_word"),
    [
        ("recognise", "recognize"),
        ("recognised", "recognized"),
        ("recognition", "recognition"),
        ("normalisation", "normalization"),
        ("analyse", "analyze"),
        ("diariser", "diarizer"),
        ("synthesising", "synthesizing"),
        ("colour", "color"),
        ("colours", "colors"),
        ("behaviour", "behavior"),
        ("licence", "license"),
        ("centre", "center"),
        ("labelled", "labeled"),
        ("catalogue", "catalog"),
        ("grey", "gray"),
        ("sceptical", "skeptical"),
        ("neutralise", "neutralize"),
        ("TRANQUILISED", "tranquilized"),
    ],
)
def test_one_spelling_is_compared(british, american_word) -> None:
    assert american(british) == american(american_word)


@pytest.mark.parametrize("pair", [("happy", "angry"), ("emotions", "emotion"), ("speak", "speaker"), ("on", "no")])
def test_words_stay_apart(pair) -> None:
    assert american(pair[0]) != american(pair[1])


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("hapy", ["happy", "sad"], ["happy"]),
        ("recognise", ["recognize"], ["recognize"]),
        ("xyzzy", ["happy", "sad"], []),
        ("", ["happy"], []),
        ("YOUNGMAN", ["youngwoman", "youngman"], ["youngman"]),
    ],
)
def test_the_nearest_word(word, known, found) -> None:
    assert nearest(word, known) == found


def test_options_have_one_name_in_every_spelling_and_place(tmp_path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("keep-timing: true\nDiarizer: auto\nspeaker: youngman\n")
    settings, origins = load_settings(config=file, environment={"RESAY_DIARIZER": "x-vector"})
    assert (settings.keep_timing, settings.voice, settings.diariser) == (True, "youngman", "x-vector")
    assert origins["diariser"] == "environment"
    assert EngineSettings().changed(diarizer="x-vector").diariser == "x-vector"
    assert CallOptions().changed(speaker="youngman", force=True).model_fields_set == {"voice", "overwrite"}
