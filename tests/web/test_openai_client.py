"""The official client of OpenAI's API, against a server that listens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import openai
import pytest

from pipeline.audio import read_audio
from tests.web.conftest import EXAMPLE, TEXT


@pytest.fixture(scope="module")
def api(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}v1", api_key="none", max_retries=0, timeout=60) as client:
        yield client


def test_transcription(api) -> None:
    with EXAMPLE.open("rb") as file:
        assert api.audio.transcriptions.create(model="whisper-1", file=file).text == TEXT


@pytest.mark.parametrize("form", ["text", "srt", "vtt"])
def test_transcription_as_text(api, form: str) -> None:
    found = api.audio.transcriptions.create(model="whisper-1", file=EXAMPLE, response_format=form)
    assert isinstance(found, str)
    assert TEXT.split()[-1] in found


def test_transcription_with_words_and_segments(api) -> None:
    found = api.audio.transcriptions.create(
        model="whisper-1",
        file=EXAMPLE,
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        language="en",
        prompt="Resay",
        temperature=0,
    )
    assert [word.word for word in found.words] == TEXT.split()
    (segment,) = found.segments
    assert (segment.id, segment.text) == (0, TEXT)
    assert 0 <= segment.start < segment.end <= float(found.duration)
    assert segment.avg_logprob <= 0
    assert segment.model_extra["speaker"] == "speaker 1"
    assert segment.model_extra["emotion"]["emotion"]


def test_transcription_that_is_streamed(api) -> None:
    events = list(api.audio.transcriptions.create(model="gpt-4o-transcribe", file=EXAMPLE, stream=True))
    assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
    assert events[-1].text == "".join(event.delta for event in events[:-1]) == TEXT


def test_translation_is_refused_honestly(api) -> None:
    with pytest.raises(openai.BadRequestError, match="does not translate"):
        api.audio.translations.create(model="whisper-1", file=EXAMPLE)


@pytest.mark.parametrize("kind", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_speech_in_every_form(api, tmp_path, kind: str) -> None:
    path = tmp_path / f"speech.{kind}"
    with api.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts",
        voice="onyx",
        input="Good evening. How are you?",
        instructions="Very happy!",
        response_format=kind,
        speed=1.25,
    ) as answer:
        assert answer.headers["x-resay-emotion"] == "very happy"
        answer.stream_to_file(path)
    if kind == "pcm":
        samples = np.frombuffer(path.read_bytes(), "<i2")
        assert 1 < len(samples) / 24_000 < 4
        assert np.abs(samples).max() > 1000
        return
    sound = read_audio(path)
    assert 1 < sound.duration < 4
    assert np.abs(sound.samples).max() > 0.03


def test_speech_comes_before_it_is_finished(api) -> None:
    text = " ".join(f"This is sentence number {number}." for number in range(1, 30))
    with api.audio.speech.with_streaming_response.create(
        model="tts-1", voice="nova", input=text, response_format="pcm"
    ) as answer:
        parts = [len(part) for part in answer.iter_bytes()]
    # The first sentence is there by itself.
    assert len(parts) > 3
    assert parts[0] < sum(parts) / 4


def test_models(api) -> None:
    assert {"whisper-1", "tts-1"} <= {model.id for model in api.models.list()}
    assert api.models.retrieve("tts-1").id == "tts-1"
    with pytest.raises(openai.NotFoundError):
        api.models.retrieve("gpt-9")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"voice": "nobody"}, openai.BadRequestError),
        ({"speed": 9}, openai.BadRequestError),
        ({"model": "gpt-9"}, openai.NotFoundError),
        ({"input": "?!"}, openai.UnprocessableEntityError),
    ],
)
def test_errors_are_those_of_the_client(api, asked: dict, error: type[Exception]) -> None:
    with pytest.raises(error) as refusal:
        api.audio.speech.create(**({"model": "tts-1", "voice": "nova", "input": "Hello"} | asked))
    assert refusal.value.body["message"]
