"""Whisper's whole path on models of our own making: what is said is scripted, everything else is real."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.audio.speech_segments import speech_segments
from pipeline.core.errors import EngineMissing, UnknownName, WeightsMissing
from pipeline.core.values import Audio, Segment, Word
from pipeline.transcription import TRANSCRIBERS, Transcriber
from pipeline.transcription.language import language_note
from pipeline.transcription.script import written_in

pytest.importorskip("faster_whisper", reason="the extra whisper is not installed")

from tests.transcription.tiny_whisper import write_random, write_scripted
from tests.transcription.whole_sounds import transcribed

RATE = 16000
TEXT = "Kids are talking by the door."
CHINESE = "今日很冷。"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may reach for the network."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Models that say one thing each."""
    root = tmp_path_factory.mktemp("whisper")
    return {
        "english": write_scripted(root / "english", TEXT, swaps={"talking": "walking"}),
        "doubtful english": write_scripted(root / "doubtful", TEXT, certainty=4.0),
        "many": write_scripted(root / "many", TEXT, language="de"),
        "chinese": write_scripted(root / "chinese", CHINESE, language="zh"),
        "unsure": write_scripted(root / "unsure", TEXT, certainty=8.0, language="fr"),
        "punctuation": write_scripted(root / "punctuation", "... !", language="en"),
        "silence": write_scripted(root / "silence", TEXT, certainty=6.0, language="en", silent=True),
        "loop": write_scripted(root / "loop", "Again and once more", language="en", loops=True),
    }


@pytest.fixture(scope="session")
def whisper(folders: dict[str, Path]) -> Callable[..., Transcriber]:
    """Load a model by what it says."""

    def load(name: str, **settings: str) -> Transcriber:
        return TRANSCRIBERS.create(TRANSCRIBERS.choose(f"whisper:{folders[name]}"), threads=1, **settings)

    return load


@pytest.fixture(scope="session")
def speech(say: Callable) -> Audio:
    """A sentence of three seconds with a little silence around it."""
    audio: Audio = say("My brother bought a new car last week, and he likes it.")[0]
    return audio


@pytest.mark.parametrize(
    "audio",
    [
        Audio(np.zeros(0, np.float32), RATE),
        Audio(np.ones(1, np.float32), RATE),
        Audio(np.zeros(40 * RATE, np.float32), RATE),
        Audio(np.random.default_rng(0).normal(scale=0.1, size=3 * RATE).astype(np.float32), RATE),
    ],
    ids=["nothing", "one sample", "silence", "noise"],
)
def test_where_nobody_speaks_nothing_is_made_up(audio: Audio, whisper: Callable) -> None:
    assert transcribed(whisper("many"), audio) == ()


def test_words_have_times_and_confidence(speech: Audio, whisper: Callable) -> None:
    (said,) = speech_segments(speech)
    (segment,) = transcribed(whisper("english"), speech)
    assert segment.text == TEXT
    assert [word.text for word in segment.words] == TEXT.split()
    # The model looks at a stretch of half a second for each word; the speech begins and ends where the detector says.
    edges = np.clip(said.heard_from + 0.5 * np.arange(len(segment.words) + 1), said.start, said.end)
    assert [word.start for word in segment.words] == pytest.approx(list(edges[:-1]), abs=0.05)
    assert [word.end for word in segment.words] == pytest.approx(list(edges[1:]), abs=0.05)
    assert all(word.confidence == pytest.approx(1, abs=0.01) for word in segment.words if word.text != "talking")
    assert (segment.start, segment.end) == (segment.words[0].start, segment.words[-1].end)


def test_confidence_is_low_where_the_model_doubts(speech: Audio, whisper: Callable) -> None:
    sure, unsure = (transcribed(whisper(name), speech)[0].confidence for name in ("many", "unsure"))
    assert 0 < unsure < 0.9 < sure <= 1


@pytest.mark.parametrize(
    ("model", "asked", "language", "certain", "instead"),
    [
        ("many", "", "de", 1.0, None),
        ("many", "auto", "de", 1.0, None),
        ("many", "de", "de", 1.0, None),
        ("many", "zh-CN", "zh", 0.0, "de"),
        ("english", "", "en", 0.95, None),
        ("english", "en-GB", "en", 0.95, None),
        ("doubtful english", "", "en", 0.0, None),
    ],
)
def test_the_language_is_found_out_or_as_asked(
    model: str, asked: str, language: str, certain: float, instead: str | None, speech: Audio, whisper: Callable
) -> None:
    (segment,) = transcribed(whisper(model, language=asked), speech)
    assert segment.language == language
    assert segment.language_confidence == pytest.approx(certain, abs=0.06)
    assert segment.language_heard == instead
    note = language_note([segment])
    assert bool(note) is (certain < 0.5)
    assert ("--language de" in note) is (instead == "de")


def test_a_language_that_is_nearly_as_likely_is_heard_too(speech: Audio, whisper: Callable) -> None:
    engine = whisper("many")
    network, read = engine._model.model, []

    class Undecided:
        def detect_language(self, encoded):
            return [[("<|fr|>", 0.4), ("<|en|>", 0.3), ("<|zh|>", 0.02)]]

        def generate(self, encoded, prompts, **options):
            (found,) = network.generate(encoded, prompts, **options)
            read.append(prompts[0][1])
            # The text of the second language is the likelier one.
            scores = [-2.0 if len(read) == 1 else -0.5]
            return [SimpleNamespace(sequences_ids=found.sequences_ids, scores=scores, no_speech_prob=0.0)]

        def __getattr__(self, name):
            return getattr(network, name)

    engine._model.model = Undecided()
    try:
        (segment,) = transcribed(engine, speech)
    finally:
        engine._model.model = network
    assert segment.language == "en"
    assert len(set(read)) == 2


def test_a_model_is_loaded_once_for_all_languages(whisper: Callable) -> None:
    assert whisper("many", language="de")._model is whisper("many", language="fr")._model


@pytest.mark.parametrize(("script", "text"), [("simplified", "头发很长，发展。"), ("traditional", "頭髮很長，發展。")])
@pytest.mark.parametrize("heard", ["头发很长，发展。", "頭髮很長，發展。"])
def test_chinese_is_written_in_one_script(script: str, text: str, heard: str) -> None:
    words = tuple(Word(word, 0.0, 1.0) for word in (*heard[:3], heard[3:5], heard[5], heard[6:]))
    segment = written_in(Segment(0.0, 1.0, heard, words, language="zh"), script)
    assert segment.text == text
    assert "".join(word.text for word in segment.words) == text
    for language in ("ja", "en", None):
        other = Segment(0.0, 1.0, heard, words, language=language)
        assert written_in(other, script) == other


@pytest.mark.parametrize(("model", "asked"), [("many", "xx"), ("many", "sv"), ("english", "de")])
def test_a_language_that_the_model_does_not_hear(model: str, asked: str, whisper: Callable) -> None:
    with pytest.raises(UnknownName, match=f"does not hear the language '{asked}'"):
        whisper(model, language=asked)


def test_every_chinese_character_is_a_word(speech: Audio, whisper: Callable) -> None:
    (segment,) = transcribed(whisper("chinese"), speech)
    assert (segment.text, segment.language) == (CHINESE, "zh")
    assert [word.text for word in segment.words] == ["今", "日", "很", "冷。"]


def test_hotwords_are_shown_to_the_model(speech: Audio, whisper: Callable) -> None:
    engine = whisper("english")
    assert transcribed(engine, speech, hotwords="Anna, Mr. Jones")[0].text == TEXT
    assert transcribed(engine, speech, hotwords="walking")[0].text == TEXT.replace("talking", "walking")
    assert transcribed(engine, speech, hotwords="Jones, " * 400)[0].text == TEXT


def test_punctuation_alone_is_nothing(speech: Audio, whisper: Callable) -> None:
    assert transcribed(whisper("punctuation"), speech) == ()


def test_where_the_network_itself_hears_silence_nothing_is_said(speech: Audio, whisper: Callable) -> None:
    assert transcribed(whisper("silence"), speech) == ()


def test_a_loop_is_broken(speech: Audio, whisper: Callable) -> None:
    (segment,) = transcribed(whisper("loop"), speech)
    words = [word.text for word in segment.words]
    assert words[:4] == ["Again", "and", "once", "more"]
    assert words.count("Again") <= 2


def test_phrases_have_times_of_the_recording(speech: Audio, joined: Callable, whisper: Callable) -> None:
    engine = whisper("many")
    audio = joined(speech, speech, speech, pause=2.0)
    segments = transcribed(engine, audio)
    assert len(segments) == 3
    for said, inside in zip(speech_segments(audio), segments, strict=True):
        assert said.start <= inside.start < inside.end <= said.end
        (alone,) = transcribed(engine, audio.slice(said.heard_from, said.heard_to))
        assert alone.text == inside.text
        assert alone.start + said.heard_from == pytest.approx(inside.start, abs=0.1)
    words = [word for segment in segments for word in segment.words]
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(words))


def test_threads_do_not_disturb_each_other(speech: Audio, whisper: Callable) -> None:
    engine = whisper("many")
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda sound: transcribed(engine, sound), [speech] * 6))
    assert all(segments == heard[0] for segments in heard)


def test_a_random_network_of_another_shape(speech: Audio, tmp_path: Path) -> None:
    write_random(tmp_path, layers=2, heads=2, width=32, mels=128, size=1900)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({"feature_size": 128}))
    engine = TRANSCRIBERS.create(TRANSCRIBERS.choose(f"whisper:{tmp_path}"), threads=1, language="de")
    for segment in transcribed(engine, speech):
        assert all(0 <= word.start <= word.end <= speech.duration for word in segment.words)


def test_the_engine_says_what_ran(folders: dict[str, Path], whisper: Callable) -> None:
    assert whisper("many").name == f"whisper:{folders['many']}"


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("RESAY_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("name", "line"), [("whisper", "whisper-base"), ("whisper:small.en", "whisper-small.en")])
def test_missing_weights_say_the_line_to_run(name: str, line: str, empty_home: Path) -> None:
    with pytest.raises(EngineMissing, match=f"models pull {line}"):
        TRANSCRIBERS.choose(name)
    with pytest.raises(WeightsMissing, match=f"models pull {line}"):
        TRANSCRIBERS.create(TRANSCRIBERS.find(name))


def test_pulled_weights_are_taken(empty_home: Path, speech: Audio) -> None:
    folder = empty_home / "weights" / "whisper-tiny"
    write_scripted(folder, TEXT, language="en")
    (folder / "weights.json").write_text("{}")
    engine = TRANSCRIBERS.create(TRANSCRIBERS.choose("whisper:tiny", "auto"), language="auto")
    assert engine.name == "whisper:tiny"
    assert transcribed(engine, speech)[0].text == TEXT


def test_another_language_chooses_it_when_it_is_ready(empty_home: Path) -> None:
    with pytest.raises(EngineMissing, match="models pull whisper-base"):
        TRANSCRIBERS.choose("auto", "sv")
    folder = empty_home / "weights" / "whisper-base"
    folder.mkdir(parents=True)
    (folder / "weights.json").write_text("{}")
    assert TRANSCRIBERS.choose("auto", "sv").name == "whisper"


@pytest.mark.parametrize("name", ["nobody/nothing-at-all", "/no/such/folder"])
def test_neither_a_folder_nor_in_the_cache(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match=name):
        TRANSCRIBERS.create(TRANSCRIBERS.choose(f"whisper:{name}"))


def test_cuda_where_there_is_none(folders: dict[str, Path]) -> None:
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(EngineMissing, match="no CUDA device"):
        TRANSCRIBERS.create(TRANSCRIBERS.choose(f"whisper:{folders['english']}"), device="cuda")


@pytest.mark.parametrize("lost", ["model.bin", "tokenizer.json", "config.json"])
def test_a_folder_that_lacks_a_file(lost: str, folders: dict[str, Path], tmp_path: Path) -> None:
    for file in folders["english"].iterdir():
        if file.name != lost:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(WeightsMissing, match=lost):
        TRANSCRIBERS.create(TRANSCRIBERS.choose(f"whisper:{tmp_path}"))


def test_a_broken_file_is_an_error_of_ours(folders: dict[str, Path], tmp_path: Path) -> None:
    for file in folders["english"].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[: 1000 if file.name == "model.bin" else None])
    with pytest.raises(WeightsMissing, match="cannot be loaded"):
        TRANSCRIBERS.create(TRANSCRIBERS.choose(f"whisper:{tmp_path}"))


def test_nothing_is_imported_before_it_is_used() -> None:
    program = """
import sys
from pipeline.transcription import TRANSCRIBERS
TRANSCRIBERS.find("whisper").missing()
assert not {"faster_whisper", "ctranslate2", "huggingface_hub", "tokenizers"} & set(sys.modules)
"""
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True)
