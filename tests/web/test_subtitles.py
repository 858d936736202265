"""Subtitles of segments that a client sends are those that the command writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pipeline.core.values import Segment, Word
from pipeline.transcripts.subtitles import as_srt, as_vtt
from tests.transcripts.long_segment import LONG, scores
from tests.web.conftest import upload

WORDS = tuple(Word(word, 1 + number / 2, 1.5 + number / 2) for number, word in enumerate(LONG.split()))
SEGMENTS = [
    Segment(0.0, 1.0, "Good evening.", (), scores("happy"), "speaker 1"),
    Segment(1.0, WORDS[-1].end, LONG, WORDS, scores("sad"), "speaker 2"),
    Segment(50.0, 51.0, "Really?", (), scores("angry", 0.3), "speaker 2"),
    Segment(52.0, 55.0, "今天天气很好 & <so>", (), None, None),
]


def write(client: TestClient, content: bytes, **options: str) -> Any:
    return client.post("/v1/subtitles", files=upload(content, "said.json"), data=options)


@pytest.mark.parametrize("segments", [[], SEGMENTS[:1], SEGMENTS[1:3], SEGMENTS])
def test_subtitles_are_those_of_the_command(client: TestClient, segments: list[Segment]) -> None:
    content = json.dumps([segment.to_dict() for segment in segments]).encode()
    assert write(client, content).text == as_srt(segments)
    assert write(client, content, response_format="vtt").text == as_vtt(segments)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not JSON"),
        (b"{}", "list"),
        (b'[{"start": 0, "end": 1}]', "0.text is missing"),
        (b'[{"start": NaN, "end": 1, "text": "a"}]', "0.start cannot be"),
        (b'[{"start": 0, "end": 1, "text": "a", "words": [{"text": " ", "start": 0, "end": 1}]}]', "0.words.0.text"),
    ],
)
def test_what_is_no_list_of_segments_is_refused(client: TestClient, content: bytes, told: str) -> None:
    answer = write(client, content)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


def test_a_mood_that_nobody_knows_is_refused_with_its_phrase(client: TestClient) -> None:
    parts = [{"start": 0, "end": 1, "text": "Good evening.", "emotion": emotion} for emotion in ("proud", "xqzzy")]
    nothing = upload(b"no sound, and not heard")
    answer = client.post("/v1/convert", files=nothing, data={"segments": json.dumps(parts)})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("“Good evening.”: 'xqzzy' is a mood that this voice")
