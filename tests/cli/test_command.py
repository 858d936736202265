"""The command as a person runs it: real engines, in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.audio import read_information
from pipeline.core.results import Conversion

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "recording.wav"
CONFIGS = ROOT / "configs"
HEAVY = "tensorflow keras torch paddle paddlespeech librosa numba onnxruntime moonshine_voice pyworld av numpy".split()


def detect(*arguments, folder, **options):
    return subprocess.run(
        [sys.executable, str(ROOT / "detect.py"), *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def results(folder):
    """Return the names of the results in the output, without the files by which a batch goes on."""
    return sorted(path.name for path in (folder / "output").glob("[!.]*")) if (folder / "output").exists() else []


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["convert", "--help"], ["speak", "--help"], ["verify", "--help"], ["--version"], ["emotions"]],
)
def test_help_loads_no_framework(arguments, tmp_path):
    code = (
        "import sys; from pipeline.cli import main\n"
        f"try: main({arguments})\nexcept SystemExit as left: assert not left.code\n"
        f"sys.stderr.write(','.join(sorted(set(sys.modules) & set({HEAVY}))))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert process.stderr == ""
    assert process.stdout


def test_the_main_job(tmp_path):
    process = detect(EXAMPLE, "HAPPY", "Middlemale", folder=tmp_path)
    assert process.returncode == 0, process.stderr
    assert results(tmp_path) == ["1.json", "1.wav"]
    written = json.loads((tmp_path / "output" / "1.json").read_text())
    conversion = Conversion.from_dict(written)
    assert conversion.source == str(EXAMPLE)
    assert (conversion.emotion_spoken, conversion.voice) == ("happy", "middlemale")
    assert sum(conversion.emotion_detected.probabilities) == pytest.approx(1, abs=0.001)
    words = [word for segment in conversion.heard.segments for word in segment.words]
    assert [word.text for word in words] == conversion.text.split()
    assert all(0 <= word.start <= word.end <= conversion.heard.duration for word in words)
    assert words == sorted(words, key=lambda word: word.start)
    assert set(conversion.engines) == {"recognition", "transcription", "synthesis"}
    assert all(seconds >= 0 for seconds in conversion.timings.values())
    information = read_information(tmp_path / "output" / "1.wav")
    assert (information.engine, information.voice, information.emotion) == (
        conversion.engines["synthesis"],
        "middlemale",
        "happy",
    )
    sound = soundfile.info(tmp_path / "output" / "1.wav")
    assert sound.duration == pytest.approx(conversion.spoken.duration, abs=0.01)
    for shown in (conversion.text, conversion.emotion_detected.top, "output/1.wav", "happy", "middlemale"):
        assert shown in process.stdout
    for engine in conversion.engines.values():
        assert engine in process.stderr


def test_a_folder_is_a_batch_and_its_numbers_go_on(tmp_path):
    clips = tmp_path / "my clips"
    clips.mkdir()
    shutil.copy(EXAMPLE, clips / "a b.wav")
    shutil.copy(EXAMPLE, clips / "名字.wav")
    (clips / "bad.wav").write_text("no sound")
    for run, more in enumerate([(), ("--restart",), ()], 1):
        process = detect("my clips", "auto", "youngman", "--json", *more, folder=tmp_path)
        assert process.returncode == 1
        lines = [json.loads(line) for line in process.stdout.splitlines()]
        assert ["error" in line for line in lines] == [False, True, False]
        assert lines[1]["file"].endswith("bad.wav")
        assert lines[1]["error"]["code"] == "unreadable-audio"
        assert lines[0]["emotion_spoken"] == lines[0]["emotion_detected"]["emotion"]
        assert f"2 converted{', 2 of them before' if run == 3 else ''}, 1 failed" in process.stderr
        assert len(results(tmp_path)) == 4 * min(run, 2)
    # The one that fails has a number of its own.
    assert {name.split(".")[0] for name in results(tmp_path)} == {"1", "3", "4", "6"}


def test_standard_input_and_quiet(tmp_path):
    process = subprocess.run(
        [sys.executable, str(ROOT / "detect.py"), "-", "sad", "--quiet", "--json", "-o", "elsewhere"],
        cwd=tmp_path,
        input=EXAMPLE.read_bytes(),
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert process.stderr == b""
    assert json.loads(process.stdout)["output"] == str(Path("elsewhere", "1.wav"))


def bad(tmp_path, kind):
    path = tmp_path / f"{kind}.wav"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("hello " * 1000)
        case "silent":
            soundfile.write(path, np.zeros(16000), 16000)
        case "three-hours":
            with soundfile.SoundFile(path, "w", 8000, 1, "PCM_U8") as file:
                for _ in range(180):
                    file.write(np.zeros(8000 * 60, np.int16))
    return path


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "silent", "three-hours"])
def test_bad_input_is_one_line_and_nothing_is_written(tmp_path, kind):
    process = detect(bad(tmp_path, kind), folder=tmp_path)
    assert process.returncode == 4
    assert len(process.stderr.splitlines()) == 1
    assert kind in process.stderr
    assert process.stdout == ""
    assert results(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([EXAMPLE, "happy", "robot"], 2, "youngwoman"),
        ([EXAMPLE, "99"], 2, "fearful"),
        ([EXAMPLE, "qwertyish"], 2, "qwertyish"),
        ([EXAMPLE, "--asr", "hal"], 2, "moonshine"),
        ([EXAMPLE, "--tts", "hal"], 2, "espeak"),
        ([EXAMPLE, "--model", "hal"], 2, "cnn1d"),
        ([EXAMPLE, "--strength", "7"], 2, "strength"),
        ([EXAMPLE, "--no-such-option"], 2, "no-such-option"),
        (["recognize"], 2, "AUDIO"),
        (["evaluate", "--data", ".", "--config", CONFIGS / "svm.yaml", "--test-corpus", "tess"], 2, "--test-data"),
        (["evaluate", "--data", ".", "--config", CONFIGS / "text_logistic.yaml", "--robustness", "9"], 2, "sound"),
    ],
)
def test_wrong_usage(tmp_path, arguments, code, message):
    process = detect(*arguments, folder=tmp_path)
    assert process.returncode == code
    assert message in process.stderr
    assert "Traceback" not in process.stderr
    assert results(tmp_path) == []


def test_each_stage_alone(tmp_path):
    scores = json.loads(detect("recognize", EXAMPLE, "--json", folder=tmp_path).stdout)
    assert {"file", "emotion", "confidence", "unsure", "probabilities", "warnings", "model"} <= set(scores)
    heard = json.loads(detect("transcribe", EXAMPLE, "--json", folder=tmp_path).stdout)
    assert {"file", "text", "language", "segments", "engine", "notes"} <= set(heard)
    assert {"start", "end", "text", "speaker", "words"} <= set(heard["segments"][0])
    said = json.loads(detect("speak", "Good evening.", "calm", "-o", "said.wav", "--json", folder=tmp_path).stdout)
    assert said["emotion"] == "calm"
    assert soundfile.info(tmp_path / "said.wav").duration == pytest.approx(said["duration"], abs=0.01)
    assert results(tmp_path) == []


def test_doctor_finds_the_main_job_ready(tmp_path):
    process = detect("doctor", "--json", folder=tmp_path)
    assert process.returncode == 0
    engines = [json.loads(line) for line in process.stdout.splitlines()]
    # Naturalness has a judge where its extra is installed.
    assert {engine["stage"] for engine in engines if engine["chosen"] and engine["ready"]} - {"naturalness"} == {
        "recognition",
        "transcription",
        "synthesis",
        "reading",
        "diarisation",
        "judging",
    }
    shown = detect("doctor", folder=tmp_path).stdout
    assert "The main job is ready." in shown
    assert "…" not in shown
    assert all(f" {engine['engine']} " in shown for engine in engines)
