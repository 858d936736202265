"""PaddleSpeech itself, with tiny random models in the layout of its releases."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.core.catalogue import Catalogue
from pipeline.core.errors import EngineMissing, WeightsMissing
from pipeline.core.values import Audio, Samples, Segment
from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.paddlespeech import models, transcriber
from pipeline.transcription.paddlespeech.process import Worker
from pipeline.transcription.paddlespeech.transcriber import PaddleSpeechTranscriber, create
from pipeline.weights import Download, Weights, store
from pipeline.weights.pulling import pull
from tests.transcription.whole_sounds import transcribed

for package in ("paddle", "paddlespeech"):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
RATE = 16000


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what `tiny_paddlespeech.py` makes."""
    folder = tmp_path_factory.mktemp("tiny")
    program = Path(__file__).with_name("tiny_paddlespeech.py")
    subprocess.run([sys.executable, str(program), str(folder)], check=True, capture_output=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def sound(tiny: Path) -> Samples:
    with wave.open(str(tiny / "sound.wav")) as wav:
        # As the worker makes 16 bits of it again.
        return (np.frombuffer(wav.readframes(wav.getnframes()), "<i2") / 32767).astype(np.float32)


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Iterator[PaddleSpeechTranscriber]:
    """The folder path, as a person asks for it."""
    loaded = TRANSCRIBERS.create(TRANSCRIBERS.choose(f"paddlespeech:{tiny / 'char'}", "en"), language="en", threads=1)
    assert isinstance(loaded, PaddleSpeechTranscriber)
    yield loaded
    loaded.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Places of one's own, and a catalogue and list of models that know the tiny one."""
    monkeypatch.setenv("RESAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PPSPEECH_HOME", str(tmp_path / "paddlespeech"))
    return tmp_path


@pytest.fixture
def known(home: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> models.Model:
    """A model that PaddleSpeech does not know, described as its own are."""
    archive = tiny / "archive.tar.gz"
    digest = hashlib.md5(archive.read_bytes()).hexdigest()  # noqa: S324
    part = Download("https://nowhere.invalid/asr/tiny.model.tar.gz", f"md5:{digest}", archive=True)
    weights = Weights("paddlespeech-tiny", "", "", "", 1, (part,), ("model.yaml",))
    model = models.Model("conformer_tiny", ("en",), weights.name, "1.0", "exp/tiny/checkpoints/avg_1")
    for module in (models, store):
        monkeypatch.setattr(module, "CATALOGUE", Catalogue("There are no weights", weights))
    for module in (models, transcriber):
        monkeypatch.setattr(module, "MODELS", (model,))
    return model


def request(folder: Path, decoding: str = "attention_rescoring") -> dict[str, Any]:
    return {"do": "load", "folder": str(folder), "decoding": decoding, "device": "cpu", "punctuation": ""}


@pytest.mark.parametrize("decoding", ["attention_rescoring", "ctc_greedy_search", "attention"])
def test_the_worker_says_what_the_recogniser_alone_says(decoding: str, tiny: Path, sound: Samples) -> None:
    heard = json.loads((tiny / "heard.json").read_text())
    assert len(set(heard.values())) == len(heard)
    worker = Worker(request(tiny / "char", decoding))
    assert worker.start() == {"notes": [], "attempts": []}
    assert worker.ask({"do": "hear"}, sound) == {"text": heard[decoding]}
    # Too short for the network: neither an error nor the text of the call before.
    assert worker.ask({"do": "hear"}, sound[: RATE // 20]) == {"text": ""}
    # No limit of length; of a long sound a random network may say nothing, where nothing but attention decides.
    assert worker.ask({"do": "hear"}, np.tile(sound, 22))["text"] or decoding == "attention"
    assert worker.ask({"do": "hear"}, sound) == {"text": heard[decoding]}
    worker.close()


def check_times(segments: tuple[Segment, ...], audio: Audio) -> None:
    words = [word for segment in segments for word in segment.words]
    assert all(0 <= word.start <= word.end <= audio.duration for word in words)
    assert all(before.start <= after.start for before, after in pairwise(words))
    for segment in segments:
        assert " ".join(word.text for word in segment.words) == segment.text
        assert (segment.start, segment.end) == (segment.words[0].start, segment.words[-1].end)
        assert segment.language == "en"


def test_a_sentence_from_a_folder(engine: PaddleSpeechTranscriber, say: Callable) -> None:
    audio, _ = say("Kids are talking by the door.")
    segments = transcribed(engine, audio)
    assert len(segments) == 1
    check_times(segments, audio)
    assert transcribed(engine, audio) == segments


def test_where_nobody_speaks_nothing_is_heard(engine: PaddleSpeechTranscriber, say: Callable) -> None:
    audio, _ = say("Kids are talking by the door.")
    assert transcribed(engine, audio)
    for samples in (np.zeros(0), np.zeros(3 * RATE), audio.samples[RATE : RATE + RATE // 20]):
        assert transcribed(engine, Audio(samples.astype(np.float32), RATE)) == ()


@pytest.mark.parametrize("seconds", [60, pytest.param(210, marks=pytest.mark.slow)])
def test_beyond_its_own_limits(seconds: int, engine: PaddleSpeechTranscriber, say: Callable, joined: Callable) -> None:
    sentence, _ = say("My brother bought a new car last week.")
    # Without pauses to cut at.
    dense = Audio(sentence.samples[round(0.4 * RATE) : -round(0.4 * RATE)], RATE)
    audio = joined(*[dense] * round(seconds / dense.duration + 0.5))
    assert audio.duration >= seconds
    segments = transcribed(engine, audio)
    assert len(segments) >= seconds // 30
    check_times(segments, audio)


def workers() -> list[int]:
    """Return the numbers of the workers that this process has."""
    children = map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
    return [child for child in children if b"paddlespeech.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_a_killed_process_is_started_again_and_a_closed_one_too(engine: PaddleSpeechTranscriber, say: Callable) -> None:
    audio, _ = say("Dogs are sitting by the door.")
    before = transcribed(engine, audio)
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    while Path(f"/proc/{worker}/stat").read_text().rpartition(") ")[2][0] != "Z":
        time.sleep(0.05)
    assert transcribed(engine, audio) == before
    engine.close()
    assert not workers()
    assert transcribed(engine, audio) == before


def test_pulled_and_found_in_paddlespeech_s_own_place(
    known: models.Model, tiny: Path, engine: PaddleSpeechTranscriber, say: Callable
) -> None:
    audio, _ = say("Kids are talking by the door.")
    expected = transcribed(engine, audio)
    archive = models.archive_of(known)
    archive.parent.mkdir(parents=True)
    shutil.copy(tiny / "archive.tar.gz", archive)
    registered = create(variant=known.name, language="en", threads=1)
    assert transcribed(registered, audio) == expected
    registered.close()
    archive.unlink()
    pull(models.CATALOGUE.find(known.weights), source=tiny / "archive.tar.gz")
    pulled = create(threads=1)
    assert pulled.name == "paddlespeech:conformer_tiny"
    assert transcribed(pulled, audio) == expected
    pulled.close()


def test_a_damaged_archive_is_not_fetched_again(known: models.Model) -> None:
    archive = models.archive_of(known)
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"damaged")
    with pytest.raises(WeightsMissing):
        create(variant=known.name)


def test_pieces_of_words_are_found_in_the_folder(tiny: Path, sound: Samples) -> None:
    worker = Worker(request(tiny / "spm"))
    text = worker.ask({"do": "hear"}, sound)["text"]
    worker.close()
    assert text
    assert "▁" not in text


class Canary:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("wrapped", [lambda canary: canary, lambda canary: {"encoder.weight": canary}])
def test_a_checkpoint_that_wants_to_run_code(wrapped: Callable[[Canary], object], tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny / "char", tmp_path / "model")
    content = pickle.dumps(wrapped(Canary(tmp_path / "sung")), protocol=2)
    (folder / "exp/tiny/checkpoints/avg_1.pdparams").write_bytes(content)
    with pytest.raises(WeightsMissing, match="wants to run"):
        create(variant=str(folder))
    assert not (tmp_path / "sung").exists()


def test_the_checkpoint_of_another_model(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny / "char", tmp_path / "model")
    shutil.copy(tiny / "spm/exp/tiny/checkpoints/avg_1.pdparams", folder / "exp/tiny/checkpoints/avg_1.pdparams")
    with pytest.raises(WeightsMissing, match="that of another model"):
        create(variant=str(folder))


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"model\.yaml"):
        create(variant=str(tmp_path))


def test_a_graphics_card_that_is_not_there(tiny: Path) -> None:
    with pytest.raises((WeightsMissing, EngineMissing), match="graphics card"):
        create(variant=str(tiny / "char"), device="cuda")


@pytest.mark.slow
def test_punctuation_of_mandarin(tiny: Path, home: Path) -> None:
    if not (tiny / "punctuation").is_dir():
        pytest.skip("paddlenlp is not installed")
    program = f"""
from pathlib import Path
from pipeline.transcription.paddlespeech.punctuation import Punctuation
from pipeline.transcription.paddlespeech.layout import refuse_code
from pipeline.transcription.paddlespeech.patches import ATTEMPTS, forbid_network, tame
forbid_network(); tame(); refuse_code()
punctuation = Punctuation(Path({str(tiny / "punctuation")!r}))
assert not ATTEMPTS
for text in ("今天天气很好我们一起去公园散步吧", "今天天气很好我们一起去公园散步吧", "今天天气很好hello我们", "龘"):
    print(punctuation.added(text))
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    plain, again, mixed, unknown = ran.stdout.splitlines()[-4:]
    assert again == plain
    assert plain != "今天天气很好我们一起去公园散步吧"
    assert "".join(sign for sign in plain if sign not in "，。？") == "今天天气很好我们一起去公园散步吧"
    assert (mixed, unknown) == ("今天天气很好hello我们", "龘")


@pytest.mark.usefixtures("home")
def test_no_punctuation_is_told(tiny: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = create(variant=str(tiny / "char"), language="zh")
    engine.close()
    assert "models pull paddlespeech-punctuation" in caplog.text


@pytest.mark.slow
def test_frameworks_in_one_process(tiny: Path) -> None:
    """TensorFlow, then openSMILE, then PaddleSpeech and Paddle, then torch, each doing real work."""
    for package in ("tensorflow", "opensmile", "torch"):
        pytest.importorskip(package)
    program = f"""
import numpy as np
from pipeline.training.speech.models.keras_backend import load_keras
load_keras()
import tensorflow as tf
assert float(tf.reduce_sum(tf.ones((2, 3)))) == 6
import opensmile
smile = opensmile.Smile(feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals)
noise = np.random.default_rng(0).normal(scale=0.1, size=16000).astype(np.float32)
assert smile.process_signal(noise, 16000).shape == (1, 88)
from pipeline.audio.activity import detect_speech
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.core.values import Audio
from pipeline.transcription.paddlespeech.transcriber import create
sound = Audio(noise, 16000)
segment = SpeechSegment(sound, 0.0, 1.0, 0.0, detect_speech(sound))
engine = create(variant={str(tiny / "char")!r})
engine.transcribe(segment)
import paddle
assert float(paddle.ones((2, 3)).sum()) == 6
import torch
assert float(torch.ones(2, 3).sum()) == 6
assert smile.process_signal(noise, 16000).shape == (1, 88)
assert float(tf.reduce_sum(tf.ones((2, 3)))) == 6
engine.transcribe(segment)
engine.close()
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr
