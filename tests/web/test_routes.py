"""What the routes answer, with real engines."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from pipeline import VoicePipeline
from pipeline.audio import SoundInformation, read_audio, read_information
from pipeline.chain.engines import Engines
from pipeline.core.values import Audio
from pipeline.web.descriptions import EXAMPLES
from pipeline.web.routes.speech import emotion_in
from pipeline.web.sounds import whole
from tests.web.conftest import EXAMPLE, TEXT, upload

SPOKEN = "Good evening. How are you? I am fine, thanks."


@pytest.fixture(scope="module")
def pipeline(engines: Engines) -> VoicePipeline:
    return VoicePipeline(engines=engines)


def shape(value: object) -> object:
    """Return the keys of an answer, at every depth; of lists those of the first entry."""
    if isinstance(value, dict):
        return {name: shape(entry) for name, entry in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def test_the_server_tells_what_is_loaded(client: TestClient) -> None:
    found = client.get("/health").json()
    assert found["status"] == "ready"
    assert {engine["status"] for engine in found["engines"].values()} == {"ready"}
    names = {model["id"] for model in client.get("/v1/models").json()["data"]}
    assert {found["engines"]["transcription"]["name"], "whisper-1", "tts-1"} <= names
    assert client.get("/v1/models/whisper-1").json()["id"] == "whisper-1"
    assert client.get("/v1/models/gpt-9").status_code == 404


def test_the_first_answer_comes_while_engines_load(make_app) -> None:
    with TestClient(make_app(), base_url="http://127.0.0.1") as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "<h1" in page.text
        assert set(client.get("/health").json()["engines"]) >= {"recognition", "transcription", "synthesis"}


@pytest.mark.parametrize("path", ["/", "/text", "/both", "/again", "/live"])
def test_every_page_says_that_engines_load(make_app, path: str) -> None:
    """Nothing is loaded here: loading begins when the server starts."""
    page = TestClient(make_app(), base_url="http://127.0.0.1").get(path)
    assert page.status_code == 200
    assert "The engines are loading. You can begin" in page.text.partition('role="status"')[2][:200]


@pytest.mark.parametrize(
    ("form", "begins", "holds"),
    [
        ("json", "application/json", f'"text": "{TEXT}"'),
        ("text", "text/plain", f"{TEXT}\n"),
        ("srt", "application/x-subrip", "1\n00:00:00,"),
        ("vtt", "text/vtt", "WEBVTT"),
    ],
)
def test_forms_of_a_transcript(client: TestClient, form: str, begins: str, holds: str) -> None:
    answer = client.post("/v1/audio/transcriptions", files=upload(), data={"response_format": form})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(begins)
    assert holds in answer.text


@pytest.mark.parametrize("granularities", [[], ["word"], ["segment"], ["word", "segment"]])
def test_a_verbose_transcript_has_times_emotion_and_speaker(client: TestClient, granularities: list[str]) -> None:
    form = {"response_format": "verbose_json", "model": "whisper-1", "timestamp_granularities[]": granularities}
    found = client.post("/v1/audio/transcriptions", files=upload(), data=form).json()
    assert found["text"] == TEXT
    assert ("words" in found, "segments" in found) == ("word" in granularities, granularities != ["word"])
    if "words" in found:
        assert [word["word"] for word in found["words"]] == TEXT.split()
    for segment in found.get("segments", ()):
        assert segment["speaker"] == "speaker 1"
        assert sum(segment["emotion"]["probabilities"].values()) == pytest.approx(1, abs=0.001)
        assert segment["avg_logprob"] == pytest.approx(math.log(segment["confidence"]), abs=0.001)


def test_a_transcript_is_streamed(client: TestClient) -> None:
    answer = client.post("/v1/audio/transcriptions", files=upload(), data={"stream": "true"})
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]
    assert "".join(event["delta"] for event in events[:-1]) == events[-1]["text"] == TEXT
    assert events[-1]["type"] == "transcript.text.done"


def test_recognition_is_that_of_the_pipeline(client: TestClient, pipeline: VoicePipeline) -> None:
    found = client.post("/v1/recognize", files=upload(name="a/b.wav"), data={"words": "true", "timeline": "true"})
    expected = pipeline.recognise(EXAMPLE, words=True, timeline=True, name="b.wav").to_dict()
    assert found.json() == json.loads(json.dumps(expected))


def test_reading_is_that_of_the_pipeline(client: TestClient, pipeline: VoicePipeline) -> None:
    text = "I am so sorry. That is wonderful!"
    assert client.post("/v1/read", json={"text": text}).json() == pipeline.read_text(text).to_dict()


def test_a_conversion_keeps_its_files_for_a_while(client: TestClient) -> None:
    found = client.post("/v1/convert", files=upload(), data={"emotion": "happy", "voice": "youngman"}).json()
    assert (found["text"], found["emotion_spoken"], found["voice"]) == (TEXT, "happy", "youngman")
    for name, place in found["files"].items():
        answer = client.get(place)
        assert answer.status_code == 200, name
        assert answer.content, name
    assert found["output"] == found["files"]["sound.wav"]
    sound = soundfile.info(io.BytesIO(client.get(found["output"]).content))
    assert sound.duration == pytest.approx(found["output_duration"], abs=0.01)
    job = found["output"].rpartition("/")[0]
    assert client.delete(job).status_code == 204
    assert client.get(found["output"]).status_code == 404


@pytest.mark.parametrize("kind", ["wav", "mp3", "opus", "aac", "flac", "pcm"])
@pytest.mark.parametrize("route", ["/v1/convert", "/v1/speak", "/v1/audio/speech"])
def test_sound_in_every_form_says_that_it_is_synthetic(client: TestClient, tmp_path, route: str, kind: str) -> None:
    if route == "/v1/convert":
        answer = client.post(route, files=upload(), data={"emotion": "sad", "response_format": kind})
    elif route == "/v1/speak":
        answer = client.post(route, json={"text": SPOKEN, "emotion": "sad", "response_format": kind})
    else:
        asked = {"input": SPOKEN, "voice": "nova", "instructions": "Sad, please.", "response_format": kind}
        answer = client.post(route, json=asked)
    assert answer.status_code == 200, answer.text
    path = tmp_path / f"sound.{kind}"
    path.write_bytes(answer.content)
    if kind == "pcm":
        assert len(answer.content) > 24_000
        return
    assert read_audio(path).duration > 1
    if kind != "aac":  # Which has no tags.
        assert read_information(path).emotion == "sad"
        if route != "/v1/convert":
            assert read_information(path).title == SPOKEN


@pytest.mark.parametrize(
    ("speed", "least", "most"), [(0.25, 3.6, 4.4), (0.5, 1.9, 2.1), (2, 0.45, 0.55), (4, 0.2, 0.3)]
)
def test_speed(client: TestClient, speed: float, least: float, most: float) -> None:
    def seconds(speed: float) -> float:
        asked = {"input": "Good evening, everybody.", "response_format": "pcm", "speed": speed}
        return len(client.post("/v1/audio/speech", json=asked).content) / 48_000

    assert least < seconds(speed) / seconds(1) < most


@pytest.mark.parametrize(
    ("instructions", "emotion"),
    [
        ("", "neutral"),
        ("Speak in a cheerful and positive tone.", "cheerful"),
        ("Sound VERY sad", "very sad"),
        ("a little bit angry", "a little bit angry"),
        ("Not angry, but calm.", "calm"),
        ("a nomad's story", "neutral"),
        ("You are madly in love", "neutral"),
        ("请开心地说", "开心"),
        ("请用非常开心的语气", "非常开心"),
        ("不要生气，请平静", "平静"),
        ("wistful", "neutral"),
        ("extremely frightened, please", "extremely frightened"),
    ],
)
def test_instructions_name_an_emotion(instructions: str, emotion: str) -> None:
    assert emotion_in(instructions) == emotion


def test_an_edited_transcript_is_spoken_as_it_was_edited(client: TestClient) -> None:
    segments = [
        {"start": 0.5, "end": 1.6, "text": "Good evening.", "emotion": "happy", "speaker": "youngman"},
        {"start": 3.0, "end": 4.4, "text": "I am so sorry.", "emotion": "sad", "speaker": "smallgirl"},
    ]
    found = client.post("/v1/speak", json={"segments": segments, "keep_timing": True}).json()
    said = found["output_segments"]
    assert [each["emotion"]["emotion"] for each in said] == ["happy", "sad"]
    assert [each["speaker"] for each in said] == ["youngman", "smallgirl"]
    assert [each["start"] for each in said] == pytest.approx([0.5, 3.0], abs=0.1)


@pytest.mark.parametrize("emotion", ["slightly angry", "angry", "very angry", "extremely angry"])
def test_a_phrase_is_acted_in_its_degree(client: TestClient, emotion: str) -> None:
    """As a text is."""
    text = "Get out of my house this minute."
    segments = [{"start": 0, "end": 2, "text": text, "emotion": emotion}]
    pcm = {"response_format": "pcm"}
    whole_text = client.post("/v1/speak", json={"text": text, "emotion": emotion} | pcm).content
    assert client.post("/v1/speak", json={"segments": segments} | pcm).content == whole_text
    asked = pcm | {"segments": json.dumps(segments)}
    assert client.post("/v1/convert", files=upload(), data=asked).content == whole_text
    plain = client.post("/v1/speak", json={"text": text, "emotion": "angry"} | pcm).content
    assert (plain == whole_text) == (emotion == "angry")


def test_phrases_of_different_degrees_are_not_one(client: TestClient) -> None:
    segments = [
        {"start": 0, "end": 1, "text": "Get out.", "emotion": "angry"},
        {"start": 1, "end": 2, "text": "Get out.", "emotion": "very angry"},
    ]
    said = client.post("/v1/speak", json={"segments": segments}).json()["output_segments"]
    assert [each["emotion"].get("strength") for each in said] == [None, 1.5]


@pytest.mark.parametrize(
    ("asked", "emotions"),
    [
        ({}, ["sad", "wistful"]),
        ({"emotion": "happy"}, ["happy", "happy"]),
        ({"copy_prosody": "true"}, ["sad", "wistful"]),
        ({"keep_timing": "true"}, ["sad", "wistful"]),
        ({"speakers": "auto"}, ["sad", "wistful"]),
    ],
)
def test_a_recording_is_said_with_its_transcript_corrected(
    client: TestClient, asked: dict, emotions: list[str]
) -> None:
    form = {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}
    heard = client.post("/v1/audio/transcriptions", files=upload(), data=form).json()
    words = [{"text": word["word"], "start": word["start"], "end": word["end"]} for word in heard["words"]]
    segments = [
        {
            "start": 0.02,
            "end": 1.25,
            "text": "I always thought that",
            "emotion": "sad",
            "speaker": "a",
            "words": words[:5],
        },
        {"start": 1.46, "end": 2.5, "text": "we would meet.", "emotion": "wistful", "speaker": "b", "words": words[5:]},
    ]
    found = client.post("/v1/convert", files=upload(), data={**asked, "segments": json.dumps(segments)}).json()
    said = found["output_segments"]
    assert " ".join(segment["text"] for segment in said) == "I always thought that we would meet."
    assert [word["text"] for word in found["segments"][0]["words"]] == ["I", "always", "thought", "that"]
    spoken = [segment["emotion"]["emotion"] for segment in said]
    assert spoken == (emotions if len(said) == 2 else emotions[:1])
    voices = {segment["speaker"] for segment in said}
    assert voices == ({"youngwoman", "youngman"} if "speakers" in asked else {"youngwoman"})


@pytest.mark.parametrize(
    "asked",
    [
        {"data": {"file": "text"}},
        {"files": {"voice": ("a.wav", b"a")}},
        {"files": {"language": ("a.wav", b"a"), "file": (None, "a")}},
    ],
)
def test_files_and_texts_are_told_apart_in_plain_words(client: TestClient, asked: dict) -> None:
    told = client.post("/v1/convert", **asked).json()["error"]["message"]
    assert "class" not in told
    assert "UploadFile" not in told


def test_instructions_in_chinese_are_told_in_english(client: TestClient) -> None:
    answer = client.post("/v1/audio/speech", json={"input": "Good evening.", "instructions": "请用非常开心的语气"})
    assert (answer.status_code, answer.headers["x-resay-emotion"]) == (200, "very happy")


@pytest.mark.parametrize(("known", "status", "events"), [("", 200, True), ("0", 200, True), ("999", 204, False)])
def test_who_knows_all_events_is_told_not_to_ask_again(client, known: str, status: int, events: bool) -> None:
    job = client.post("/v1/speak", json={"text": "Good evening."}).json()["id"]
    answer = client.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": known})
    assert (answer.status_code, "event: done" in answer.text) == (status, events)


def test_made_up_methods_are_counted_as_one(client: TestClient) -> None:
    for number in range(3):
        client.request(f"M{number}", "/health")
    told = client.get("/metrics").text
    assert 'method="other"' in told
    assert 'method="M' not in told


def test_curves_are_those_of_the_sound(client: TestClient) -> None:
    times = np.arange(32_000) / 16_000
    tone = sum(np.sin(2 * np.pi * 150 * number * times) / number for number in range(1, 12))
    sound = Audio((0.1 * tone * (times > 0.5)).astype(np.float32), 16_000)
    recording = whole(sound, "wav", SoundInformation("none", "none", "none"))
    found = client.post("/v1/curves", files=upload(recording)).json()
    assert found["duration"] == 2
    assert len(found["pitch"]) == len(found["loudness"]) == round(2 / found["step"])
    assert set(found["pitch"][:40]) == {None}
    assert set(found["loudness"][:40]) == {-60}
    assert found["pitch"][100:150] == pytest.approx([150] * 50, abs=2)
    level = 10 * math.log10(float(np.mean(np.square(sound.samples[16_000:]))))
    assert found["loudness"][100:150] == pytest.approx([level] * 50, abs=1)
    spoken = client.post("/v1/speak", json={"text": "Good evening."}).json()
    of_result = client.get(spoken["files"]["curves.json"]).json()
    assert of_result["duration"] == pytest.approx(spoken["duration"], abs=0.01)
    assert any(of_result["pitch"])


def test_work_in_the_background_is_followed(client: TestClient) -> None:
    answer = client.post("/v1/convert", files=upload(), data={"emotion": "angry", "background": "true"})
    assert answer.status_code == 202
    place = answer.headers["location"]
    assert answer.json()["events"] == f"{place}/events"
    told = client.get(f"{place}/events").text
    names = [line.removeprefix("event: ") for line in told.splitlines() if line.startswith("event: ")]
    assert (names[0], names[-1]) == ("progress", "done")
    last = len(names) - 2
    again = client.get(f"{place}/events", headers={"Last-Event-ID": str(last)}).text
    assert again == told[told.index(f"id: {last + 1}\n") :]
    assert client.get(place).json()["status"] == "done"
    assert client.get(f"{place}/result").json()["emotion_spoken"] == "angry"
    assert client.get(f"{place}/spoken.vtt").text.startswith("WEBVTT")


@pytest.mark.parametrize(
    ("route", "asked"),
    [
        ("transcriptions", {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}),
        ("recognize", {"words": "true"}),
        ("read", {"text": "I am so sorry, this is awful."}),
        ("convert", {"emotion": "happy"}),
        ("curves", {}),
        ("speak", {"segments": [{"start": 0, "end": 1, "text": "Good evening.", "emotion": "sad"}]}),
    ],
)
def test_examples_of_the_description_are_like_real_answers(client: TestClient, route: str, asked: dict) -> None:
    address = f"/v1/audio/{route}" if route == "transcriptions" else f"/v1/{route}"
    given = {"json": asked} if route in ("read", "speak") else {"data": asked, "files": upload()}
    assert shape(client.post(address, **given).json()) == shape(EXAMPLES[route])


def test_what_cannot_be_streamed_is_refused_by_a_status(client: TestClient) -> None:
    answer = client.post("/v1/audio/transcriptions", files=upload(b"no sound"), data={"stream": "true"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unreadable-audio")
    quiet = whole(Audio(np.zeros(32_000, np.float32), 16_000), "wav", SoundInformation("none", "none", "none"))
    told = client.post("/v1/audio/transcriptions", files=upload(quiet), data={"stream": "true"}).text
    assert json.loads(told.strip().removeprefix("data: "))["text"] == ""


@pytest.mark.parametrize(
    ("route", "asked", "status", "said"),
    [
        ("/v1/convert", {"strength": "7"}, 400, "strength cannot be '7': it must be at most 2."),
        ("/v1/convert", {"strength": "loud"}, 400, "it must be a number"),
        ("/v1/convert", {"voice": "nobody"}, 400, "There is no voice 'nobody'. Choose one of youngwoman"),
        ("/v1/convert", {"emotion": "99"}, 400, "'99' is not an emotion."),
        ("/v1/convert", {"emotion_from": "/etc/passwd.wav"}, 400, "it must be 'speech', 'text' or 'both'"),
        ("/v1/convert", {"speakers": "many"}, 400, "speakers"),
        ("/v1/convert", {"response_format": "midi"}, 400, "response_format"),
        ("/v1/convert", {"strenght": "2"}, 400, "There is no option 'strenght'. Did you mean strength?"),
        ("/v1/convert", {"language": "xx"}, 400, "There is no language 'xx'."),
        ("/v1/convert", {"segments": "{"}, 400, "segments is not JSON."),
        ("/v1/convert", {"segments": '["a"]'}, 400, "segments.0 cannot be 'a'"),
        ("/v1/convert", {"segments": '[{"start": 2, "end": 1, "text": "Yes."}]'}, 400, "“Yes.” ends before it begins."),
        ("/v1/convert", {"segments": '[{"start": 0, "end": 1, "text": "Yes.", "emotion": "99"}]'}, 400, "'99' is not"),
        ("/v1/recognize", {"channels": "split"}, 400, "Take one with channels=1, or transcribe it with 'emotions'."),
        ("/v1/recognize", {"channels": "5"}, 422, "Leave 'channels' out."),
        ("/v1/recognize", {"track": "7"}, 422, "Give 'track' one of these numbers"),
        ("/v1/audio/transcriptions", {"channels": "split", "speakers": "2"}, 400, "Leave 'speakers' out."),
        ("/v1/audio/transcriptions", {"channels": "split", "timeline": "true"}, 400, "or leave 'timeline' out."),
        ("/v1/recognize", {"language": "english language"}, 400, "not written as it should be"),
        ("/v1/recognize", {"output": "x"}, 400, "There is no option 'output'."),
        ("/v1/audio/transcriptions", {"language": "xx"}, 400, "There is no language 'xx'. Give an ISO 639-1 code"),
        ("/v1/audio/transcriptions", {"language": "fi"}, 400, "No transcription engine is ready for language 'fi'"),
        ("/v1/audio/transcriptions", {"respnse_format": "srt"}, 400, "Did you mean response_format?"),
        ("/v1/audio/transcriptions", {"model": "bert"}, 404, "There is no model 'bert' for transcription. Choose of"),
        ("/v1/convert", {"speakers": "0"}, 400, "speakers cannot be '0': it must be at least 1"),
        ("/v1/audio/transcriptions", {"model": "gpt-9"}, 404, "There is no model 'gpt-9' for transcription. Choose of"),
        ("/v1/audio/transcriptions", {"response_format": "xml"}, 400, "response_format"),
        ("/v1/audio/transcriptions", {"prompt": "a" * 20_001}, 400, "at most 20000 characters"),
        ("/v1/recognize", {"hotwords": "a" * 20_001}, 400, "at most 20000 characters"),
        ("/v1/convert", {"voice": "a" * 201}, 400, "at most 200 characters"),
        ("/v1/audio/translations", {"model": "whisper-1"}, 400, "Resay does not translate"),
    ],
)
def test_what_a_form_asks_wrongly_is_told_in_one_line(client, route: str, asked: dict, status: int, said: str) -> None:
    answer = client.post(route, data=asked, files=upload())
    assert answer.status_code == status
    message = answer.json()["error"]["message"]
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("route", "asked", "status", "said"),
    [
        ("/v1/read", {"text": ""}, 400, "text cannot be ''"),
        ("/v1/read", {}, 400, "text is missing."),
        ("/v1/read", {"text": "a", "spokn": True}, 400, "There is no option 'spokn'."),
        ("/v1/audio/speech", {"input": "a", "instrutions": "happy"}, 400, "There is no option 'instrutions'."),
        ("/v1/audio/speech", {"input": "a", "model": "cnn1d"}, 404, "There is no model 'cnn1d' for synthesis."),
        ("/v1/read", [1], 400, "The body"),
        ("/v1/read", {"text": "a" * 100_001}, 400, "at most 100000 characters"),
        ("/v1/speak", {}, 400, "Nothing says what to say."),
        ("/v1/speak", {"text": "a", "strength": 10**308}, 400, "strength cannot be 'a very large number'"),
        ("/v1/speak", {"text": "a", "segments": [{"start": 0, "end": 1, "text": "a"}]}, 400, "two things"),
        ("/v1/speak", {"segments": [{"start": 2, "end": 1, "text": "a"}]}, 400, "ends before it begins"),
        ("/v1/speak", {"segments": [{"start": 0, "end": 1, "text": "a", "emotion": "12"}]}, 400, "not an emotion"),
        ("/v1/speak", {"segments": [{"start": 0, "end": 1e9, "text": "a"}]}, 400, "at most 86400"),
        ("/v1/speak", {"text": "Hello", "emotion": "not happy"}, 400, "says what the emotion is not"),
        ("/v1/speak", {"text": "Hello", "output": "x.wav"}, 400, "output"),
        ("/v1/speak", {"text": "?!"}, 422, "can say"),
        ("/v1/audio/speech", {"input": "", "voice": "nova"}, 400, "input cannot be ''"),
        ("/v1/audio/speech", {"input": "Hello", "voice": "nobody"}, 400, "There is no voice 'nobody'."),
        ("/v1/audio/speech", {"input": "Hello", "speed": 9}, 400, "at most 4"),
        ("/v1/audio/speech", {"input": "...", "voice": "nova"}, 422, "can say"),
        ("/v1/audio/speech", {"input": "Hello", "model": "gpt-9"}, 404, "There is no model"),
        ("/v1/jobs/none", None, 405, "does not take POST"),
        ("/v1/nothing", None, 404, "There is nothing under /v1/nothing."),
    ],
)
def test_what_json_asks_wrongly_is_told_in_one_line(client, route: str, asked: object, status: int, said: str) -> None:
    answer = client.post(route, json=asked)
    assert answer.status_code == status, answer.text
    message = answer.json()["error"]["message"]
    assert said in message
    assert "\n" not in message


def test_what_is_counted_is_told(client: TestClient) -> None:
    client.get("/v1/nothing/at/all")
    told = client.get("/metrics").text
    assert 'resay_requests_total{method="GET",route="other",status="404"}' in told
    assert "/v1/nothing" not in told
    assert 'resay_engine_ready{stage="recognition"} 1.0' in told
