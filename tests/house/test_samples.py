"""The page of samples plays what lies beside it, and needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.audio import read_information
from pipeline.core.emotions import EMOTIONS
from pipeline.core.voices import VOICE_PRESETS

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "samples"
PAGE = (FOLDER / "index.html").read_text(encoding="utf-8")
SOURCES = re.findall(r'<audio [^>]*src="([^"]+)"', PAGE)


def test_every_voice_is_there_in_every_emotion():
    assert {f"{voice}-{emotion}.mp3" for voice in VOICE_PRESETS for emotion in EMOTIONS} <= set(SOURCES)
    assert sorted(SOURCES) == sorted(path.name for path in FOLDER.glob("*.mp3"))
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_200_000


def test_the_voice_before_stands_beside_every_sound_of_a_voice_or_beside_none():
    beside = {name.removesuffix("-before.mp3") for name in SOURCES if name.endswith("-before.mp3")}
    spoken = {Path(name).stem for name in SOURCES if not name.startswith("recording-")}
    assert beside in (set(), {stem for stem in spoken if not stem.endswith("-before")})


def test_the_page_loads_nothing_from_elsewhere():
    assert not re.search(r'(src|href)="(https?:)?//(?!doi\.org)', PAGE)
    assert "<script" not in PAGE
    assert PAGE.count("aria-label") > len(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_samples_say_that_they_are_synthetic(name):
    information = read_information(FOLDER / name)
    assert information is not None
    stem = Path(name).stem.removesuffix("-before")
    voice = "recording" if information.voice == "own" else information.voice
    if stem.startswith("ravdess-"):
        assert (information.voice in VOICE_PRESETS, information.emotion in EMOTIONS) == (True, True)
    else:
        assert stem == f"{voice}-{information.emotion}"
