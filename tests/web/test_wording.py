"""Answers name the fields of a request where the command names its options."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import pipeline
from pipeline.web.forms import ANALYSIS, RENDERING
from pipeline.web.routes.jobs import sse
from pipeline.web.wording import for_clients, sentence_for_clients

STAGES = ("audio", "chain", "core", "frontend", "recognition", "synthesis", "transcription", "transcripts", "web")
FIELDS = "|".join(name.replace("_", "-") for name in (*ANALYSIS, *RENDERING))


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Leave --speakers out.", "Leave 'speakers' out."),
        ("Take one with --channels 1, or leave --timeline out.", "Take one with channels=1, or leave 'timeline' out."),
        ("Give --channels a number from 1 to 2, mix or split.", "Give 'channels' a number from 1 to 2, mix or split."),
        ("As calls do: --channels split hears each.", "As calls do: channels=split hears each."),
        ("--track N or --track LANGUAGE chooses another.", "track=N or track=LANGUAGE chooses another."),
        ("Say --language and its code, or auto.", "Say 'language' and its code, or auto."),
        ("Say --language yue, or auto to find it out.", "Say language=yue, or auto to find it out."),
        ("Choose --language en, zh or zh-en.", "Choose language=en, zh or zh-en."),
        ("Say which with --language; or move it.", "Say which with 'language'; or move it."),
        ("Leave --keep-timing out, or --verify.", "Leave 'keep_timing' out, or 'verify'."),
        ("Leave --device out.", "Leave --device out. (Given where the server is started: --device.)"),
        ("Leave --tts out, or --tts.", "Leave --tts out, or --tts. (Given where the server is started: --tts.)"),
        ("Run detect.py models pull kokoro --from packages.", "Run detect.py models pull kokoro --from packages."),
        (
            "Choose one that detect.py voices --tts kokoro lists.",
            "Choose one that detect.py voices --tts kokoro lists.",
        ),
        ("There is no option '--language'.", "There is no option '--language'."),
        ("Nobody speaks.", "Nobody speaks."),
    ],
)
def test_a_sentence_names_fields(sentence: str, told: str) -> None:
    assert sentence_for_clients(sentence) == told


def test_what_somebody_said_is_left_alone() -> None:
    values = {
        "text": "say --language zh",
        "segments": [{"text": "--track 2", "emotion": {"warnings": ["Leave --track out."]}}],
        "error": {"message": "Leave --channels out."},
        "verification": {"problems": ["Leave --verify out."]},
    }
    assert for_clients(values) == values | {
        "segments": [{"text": "--track 2", "emotion": {"warnings": ["Leave 'track' out."]}}],
        "error": {"message": "Leave 'channels' out."},
        "verification": {"problems": ["Leave 'verify' out."]},
    }
    assert "Leave 'channels' out." in sse("failed", {"error": {"message": "Leave --channels out."}})


def test_no_sentence_of_the_stages_names_an_option_that_is_a_field() -> None:
    """Whatever the stages may say, as it is written in them."""
    root = Path(pipeline.__file__).parent
    nodes = [
        node
        for stage in STAGES
        for path in root.glob(f"{stage}/**/*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
    ]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    option = re.compile(rf"(?<!')--({FIELDS})\b")
    named = [text for text in texts if " " in text.strip() and option.search(text)]
    assert len(named) > 10
    assert not [text for text in named if option.search(re.sub(r"detect\.py [\w: -]+", "", sentence_for_clients(text)))]
