"""Nothing leaves the machine, and nothing is left beside output, cache and temporary files: by us or by a library."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.emotivoice.tiny_emotivoice import write_tiny
from tests.house.watching import ROOT, needs_strace, watch
from tests.tiny_bert import write_bert, write_corpus
from tests.transcription.tiny_whisper import write_scripted

EXAMPLE = str(ROOT / "examples" / "recording.wav")
DETECT = str(ROOT / "detect.py")

LIVE = """
from pipeline import VoicePipeline
pipeline = VoicePipeline()
live = pipeline.live(emotions=True)
pieces = [*live.feed(pipeline.read({example!r}).samples), *live.close()]
assert pieces[-1].segment.text
"""

SERVE = """
from fastapi.testclient import TestClient
from pipeline.web.app import create_app
with TestClient(create_app(), base_url="http://127.0.0.1") as client:
    data = open({example!r}, "rb").read()
    long = data + bytes(3_000_000)  # Too long to be kept in memory.
    for route in ("recognize", "convert", "audio/transcriptions"):
        for sound in (data, long):
            answer = client.post("/v1/" + route, files={{"file": ("a.wav", sound)}}, data={{"language": "en"}})
            assert answer.status_code == 200, answer.text
    assert client.post("/v1/audio/speech", json={{"input": "Good evening."}}).status_code == 200
    with client.websocket_connect("ws://127.0.0.1/v1/live") as live:
        live.send_bytes(data)
        live.send_json({{"type": "resay.end"}})
        while live.receive_json()["type"] != "resay.ended":
            pass
"""

CALLS = """
import sys
from pipeline.cli import main
given = ["--database", "calls.sqlite"]
for arguments in (
    ["watch", {calls!r}, "--once", "--customer-speaker", "everybody", *given],
    ["calls", "list", "--search", "never", *given],
    ["calls", "show", "1", *given],
    ["calls", "trends", "--by-customer", *given],
    ["calls", "export", "calls.csv", *given],
    ["calls", "deliveries", *given],
    ["calls", "forget", "Anna", "--yes", *given],
    ["calls", "notice"],
):
    try:
        main(arguments)
    except SystemExit as left:
        assert not left.code, (arguments, left.code)
"""

SERVER = """
import signal, subprocess, sys, time
process = subprocess.Popen(
    [sys.executable, {detect!r}, "serve", "--port", "0", "--database", "calls.sqlite"],
    stdout=subprocess.PIPE,
    text=True,
)
assert process.stdout.readline().startswith("http://127.0.0.1:")
time.sleep(5)  # Meanwhile engines are loaded.
process.send_signal(signal.SIGTERM)
assert process.wait(30) == 143
"""

HUB = """
from pipeline.training.libraries import load_transformers
load_transformers().AutoModel.from_pretrained({base!r}, local_files_only=True)
from huggingface_hub import HfApi
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, make_vowels: Callable) -> Path:
    """Tiny corpora, models and settings."""
    import soundfile

    folder = tmp_path_factory.mktemp("made")
    (folder / "hummed").mkdir()
    for actor in range(1, 4):
        for emotion in range(1, 9):
            sound = make_vowels(0.8, pitch=100 + 20 * actor, seed=10 * actor + emotion)
            name = f"03-01-{emotion:02d}-01-01-01-{actor:02d}.wav"
            soundfile.write(folder / "hummed" / name, sound.samples, sound.sample_rate)
    write_corpus(folder / "comments", texts=80, dev=40)
    small = "n_kernels: 4\nkernel_sizes: [3]\nhidden_size: 4\nepochs: 1\n"
    settings = {
        "cnn1d": f"features: moonshine-layers\nlayers: [1]\ncopies: 0\n{small}",
        "svm": "features: librosa-statistics\n",
        "cnn1d_opensmile": f"features: opensmile-IS10-raw\n{small}",
        "tfidf_logistic": "modality: text\n",
        "bert": f"modality: text\nbase: {folder / 'bert'}\nepochs: 1\nlongest: 32\ntrained_tokens: 32\n",
    }
    for model, text in settings.items():
        (folder / f"{model}.yaml").write_text(f"model: {model}\n{text}", encoding="utf-8")
    return folder


def needs(*packages: str) -> None:
    for package in packages:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


def whisper(made: Path) -> list[str]:
    needs("faster_whisper")
    (made / "whisper").mkdir(exist_ok=True)
    write_scripted(made / "whisper", "Good evening.")
    return ["transcribe", EXAMPLE, "--asr", f"whisper:{made / 'whisper'}"]


def calls(made: Path) -> list[str]:
    needs("sqlalchemy", "alembic", "watchfiles")
    (made / "calls" / "Anna").mkdir(parents=True, exist_ok=True)
    shutil.copy(EXAMPLE, made / "calls" / "Anna" / "call.wav")
    return ["-c", CALLS.format(calls=str(made / "calls"))]


def server(made: Path) -> list[str]:
    needs("uvicorn", "fastapi", "sqlalchemy")
    return ["-c", SERVER.format(detect=DETECT)]


def spoken_by(engine: str) -> Callable[[Path], list[str]]:
    def arguments(made: Path) -> list[str]:
        if shutil.which(engine) is None:
            pytest.skip(f"{engine} is not installed")
        return ["speak", "Good evening.", "sad", "--tts", engine, "-o", "said.wav"]

    return arguments


def emotivoice(made: Path) -> list[str]:
    needs("torch", "jieba")
    return ["speak", "Good evening.", "sad", "--tts", f"emotivoice:{write_tiny(made / 'emotivoice')}", "-o", "said.wav"]


def trained(model: str, data: str, *packages: str) -> Callable[[Path], list[str]]:
    def arguments(made: Path) -> list[str]:
        needs(*packages)
        if model == "bert" and not (made / "bert").exists():
            write_bert(made / "bert")
        run = ["--run", "run", "--threads", "1", *([] if data == "comments" else ["--folds", "0"])]
        return ["train", "--config", str(made / f"{model}.yaml"), "--data", str(made / data), *run]

    return arguments


QUICK = {
    "convert": [EXAMPLE, "happy", "--verify", "--speakers", "auto", "-f", "wav,mp3,srt"],
    "read": ["read", "I am so sorry.", "--json"],
}
"""Cases of every run of the tests."""

THOROUGH = {
    "convert by resynthesis": [EXAMPLE, "happy", "--tts", "resynthesis"],
    "convert by espeak": [EXAMPLE, "auto", "--tts", "espeak"],
    "recognize": ["recognize", EXAMPLE, "--fusion", "--explain", "--timeline"],
    "recognize with a picture": ["recognize", EXAMPLE, "--plot"],
    "transcribe": ["transcribe", EXAMPLE, "--speakers", "auto", "--emotions", "-f", "txt,json,srt,vtt,tsv"],
    "transcribe by whisper": whisper,
    "transcribe by a repository of the hub": ["transcribe", EXAMPLE, "--asr", "whisper:somebody/something"],
    "speak": ["speak", "Good evening.", "sad", "-o", "speech.flac"],
    "speak Chinese": ["speak", "你好。", "sad", "--tts", "espeak", "--language", "zh"],
    "speak by emotivoice": emotivoice,
    "speak by festival": spoken_by("festival"),
    "speak by flite": spoken_by("flite"),
    "listen": ["listen", "--file", EXAMPLE, "--fast"],
    "watch and calls": calls,
    "verify": ["verify", EXAMPLE, "--text", "I never thought that I would see you again.", "--emotion", "sad"],
    "preprocess": lambda made: ["preprocess", "--data", str(made / "hummed"), "--config", str(made / "svm.yaml")],
    "train by Keras": trained("cnn1d", "hummed", "tensorflow", "tf2onnx"),
    "train by librosa": trained("svm", "hummed", "librosa", "sklearn", "onnx"),
    "train by openSMILE": trained("cnn1d_opensmile", "hummed", "opensmile", "tensorflow", "tf2onnx"),
    "train by scikit-learn": trained("tfidf_logistic", "comments", "sklearn", "onnx"),
    "train by torch": trained("bert", "comments", "torch", "transformers", "onnx"),
    "evaluate": lambda made: [
        "evaluate", "--config", str(made / "svm.yaml"), "--data", str(made / "hummed"), "--folds", "3", "--run", "run",
        "--report", "report",
    ],
    "predict": ["predict", EXAMPLE],
    "corpora": ["corpora"],
    "models": ["models", "list"],
    "voices": ["voices"],
    "emotions": ["emotions"],
    "doctor": ["doctor"],
    "licenses": ["licenses"],
    "help": ["--help"],
    "live": lambda made: ["-c", LIVE.format(example=EXAMPLE)],
    "serve, as a process": server,
    "serve": lambda made: ["-c", SERVE.format(example=EXAMPLE)],
    "the hub's library": lambda made: ["-c", HUB.format(base=str(write_bert(made / "another")))],
}  # fmt: skip
"""Every verb, and every engine that may be here."""

CODES = {"convert": (0, 1), "verify": (0, 1), "transcribe by a repository of the hub": (3,)}
"""Exit codes that fit, where it is not 0: a result may be not as it should be, and weights are not here."""


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in THOROUGH)], ids=str)
def test_a_process_sends_nothing_and_leaves_nothing(name: str, made: Path, tmp_path: Path):
    needs_strace()
    case = (QUICK | THOROUGH)[name]
    arguments = case(made) if callable(case) else case
    program = ["-c", arguments[1]] if arguments[0] == "-c" else [DETECT, *arguments]
    found = watch(program, tmp_path, PYTHONPATH=str(ROOT))
    assert found.code in CODES.get(name, (0,)), found.talk
    assert "Traceback" not in found.talk
    assert found.packets == []
    assert found.strays == []


def test_what_a_process_does_is_seen(tmp_path: Path):
    """The watch itself: a packet and a file elsewhere, by a child of a child."""
    needs_strace()
    elsewhere = tmp_path / "elsewhere"
    child = (
        f"import socket; open({str(elsewhere)!r}, 'w'); "
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    found = watch(["-c", code], tmp_path)
    assert found.code == 0, found.talk
    assert [line.split("(")[0] for line in found.packets] == ["sendto"]
    assert found.strays == [str(elsewhere)]


def test_a_library_that_was_imported_before_is_told_of():
    code = "import onnxruntime, warnings; warnings.simplefilter('error'); import pipeline"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "ORT_DISABLE_TELEMETRY=1" in process.stderr


def test_a_folder_of_settings_that_a_person_has_stays_in_use(tmp_path: Path):
    (tmp_path / ".config" / "matplotlib").mkdir(parents=True)
    code = "import os, pipeline; print(os.environ.get('MPLCONFIGDIR'), os.environ['KERAS_HOME'])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "KERAS_"))}
    environment.pop("MPLCONFIGDIR", None)
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment | {"HOME": str(tmp_path)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    own, kept = said.stdout.split()
    assert own == "None"
    assert Path(kept).name == "keras"
    assert tmp_path in Path(kept).parents
