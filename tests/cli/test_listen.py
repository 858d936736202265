"""`listen`: words and emotions of a recording that is played, of a microphone, and what is told where there is none."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline.audio import read_audio
from pipeline.audio.microphone import require_device
from pipeline.chain.live_sound import gathered, played
from pipeline.core.errors import EngineFailed, EngineMissing, UnknownName
from pipeline.core.options import CallOptions
from tests.cli.environments import EXAMPLE, Shared, run, share_engines

TEXT = "I never thought that I would see you again."


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture(scope="module")
def shared() -> Shared:
    return Shared()


class Microphones:
    """The package `sounddevice` with microphones that a test chooses: the first one hears the example.

    Args:
        names: Of the devices.
        end: Called when the example was heard.
        refuses: Whether no device can be opened.
    """

    class PortAudioError(Exception):
        """What the library says."""

    def __init__(self, *names: str, end: Callable[[], Any] = lambda: None, refuses: bool = False) -> None:
        self._names, self._end, self._refuses = names, end, refuses
        self.default = SimpleNamespace(device=(0, 0))

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {"name": "speakers", "max_input_channels": 0, "default_samplerate": 48_000.0},
            *({"name": name, "max_input_channels": 2, "default_samplerate": 48_000.0} for name in self._names),
        ]

    def InputStream(self, *, samplerate: int, blocksize: int, callback: Any, **given: Any) -> Any:  # noqa: N802
        if self._refuses:
            raise self.PortAudioError("Device unavailable")
        samples = read_audio(EXAMPLE, sample_rate=samplerate).samples
        samples = np.concatenate([samples, np.zeros(samplerate, np.float32)])

        def play() -> None:
            for start in range(0, len(samples), blocksize):
                block = samples[start : start + blocksize, np.newaxis]
                callback(block, len(block), None, None)
            self._end()

        class Stream:
            def __enter__(self) -> None:
                threading.Thread(target=play, daemon=True).start()

            def __exit__(self, *reason: object) -> None:
                pass

        return Stream()


def test_a_recording_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    share_engines(monkeypatch, shared)
    ran = run(["listen", "--file", EXAMPLE, "--fast", "-o", "heard", "--json"], tmp_path)
    assert ran.code == 0, ran.talk
    told = [json.loads(line) for line in ran.output.decode().splitlines() if line.startswith("{")]
    assert [each["text"] for each in told] == [TEXT]
    assert told[0]["emotion"]["probabilities"]
    kept = json.loads(Path("heard/recording.json").read_text())
    assert (kept["text"], kept["segments"][0]["emotion"]["emotion"]) == (TEXT, told[0]["emotion"]["emotion"])
    assert kept["duration"] == pytest.approx(2.51, abs=0.01)
    assert "see you again." in Path("heard/recording.srt").read_text()
    assert Path("heard/recording.vtt").read_text().startswith("WEBVTT")
    again = run(["listen", "--file", EXAMPLE, "--fast", "-o", "heard"], tmp_path)
    assert (again.code, "exists already" in again.talk) == (2, True)
    assert run(["listen", "--file", EXAMPLE, "--fast", "-o", "one.srt"], tmp_path).code == 0
    assert [path.name for path in Path().glob("one*")] == ["one.srt"]


def test_a_microphone_is_heard_until_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    """What was said before it is heard to the end, and written."""
    share_engines(monkeypatch, shared)

    def interrupt() -> None:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setitem(sys.modules, "sounddevice", Microphones("built-in", end=interrupt))
    ran = run(["listen", "-f", "json", "-o", "heard"], tmp_path)
    assert ran.code == 0, ran.talk
    assert TEXT in ran.output.decode()
    assert "Listening to built-in" in ran.talk
    (path,) = Path("heard").glob("heard-*.json")
    kept = json.loads(path.read_text())
    assert (kept["file"], kept["text"]) == ("built-in", TEXT)


def test_a_recording_takes_as_long_as_it_lasts() -> None:
    started = time.monotonic()
    sound = np.concatenate(list(played(EXAMPLE, CallOptions())))
    assert time.monotonic() - started >= len(sound) / 16_000
    assert np.array_equal(sound, np.concatenate(list(played(EXAMPLE, CallOptions(), fast=True))))


def test_who_is_slow_gets_more_at_once() -> None:
    levels: list[float] = []
    came = []
    for samples in gathered(
        played(EXAMPLE, CallOptions()), threading.Event(), lambda block: levels.append(block.max())
    ):
        came.append(len(samples))
        time.sleep(0.3)
    assert sum(came) == len(read_audio(EXAMPLE).samples)
    assert len(came) < len(levels) / 3


def test_a_device_that_fails_ends_the_sound() -> None:
    def broken():
        yield np.zeros(800, np.float32)
        raise EngineFailed("gone")

    found = gathered(broken(), threading.Event())
    assert len(next(found)) == 800
    with pytest.raises(EngineFailed, match="gone"):
        list(found)


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (("Headset", "Built-in"), "", 1),
        (("Headset", "Built-in"), "2", 2),
        (("Headset", "Built-in"), "built", 2),
        (("Mic", "Mic 2"), "mic", 1),
        (("Headset",), "0", UnknownName),
        (("Headset", "Headphones"), "head", UnknownName),
        (("Headset",), "camera", UnknownName),
        ((), "", EngineMissing),
    ],
)
def test_devices_are_chosen(names: tuple[str, ...], wanted: str, found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", Microphones(*names))
    if isinstance(found, int):
        assert require_device(wanted).number == found
        return
    with pytest.raises(found):
        require_device(wanted)


class _Absent:
    """A package whose library of the system is not there."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")


@pytest.mark.parametrize(
    ("arguments", "module", "code", "said"),
    [
        (["--devices"], None, 3, "sounddevice is not installed. Run pip install '.[microphone]'."),
        ([], None, 3, "sounddevice is not installed."),
        (["--devices"], _Absent(), 3, "PortAudio, a library of the system for microphones, is not installed."),
        ([], Microphones(), 3, "There is no microphone on this machine."),
        (["--microphone", "camera"], Microphones("Headset"), 2, "No device is called 'camera'."),
        ([], Microphones("Headset", refuses=True), 1, "Headset cannot be heard: Device unavailable."),
        (["--fast"], None, 2, "--fast is about a recording."),
        (["--file", EXAMPLE, "--microphone", "1"], None, 2, "There are two sources"),
        (["--file", "nowhere.wav"], None, 4, "nowhere.wav"),
        (["--file", EXAMPLE, "--channels", "split"], None, 2, "What is heard now is one sound."),
        (["-f", "doc"], None, 2, "There is no transcript format 'doc'."),
        (["--file", EXAMPLE, "-o", "talk.xyz"], None, 2, "There is no transcript format 'xyz'."),
    ],
)
def test_what_cannot_be_heard_is_told(
    arguments: list[str], module: Any, code: int, said: str, tmp_path: Path, place: Path,
    monkeypatch: pytest.MonkeyPatch, shared: Shared,
) -> None:  # fmt: skip
    share_engines(monkeypatch, shared)
    if isinstance(module, _Absent):
        monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
        monkeypatch.setattr(sys, "meta_path", [module, *sys.meta_path])
    else:
        monkeypatch.setitem(sys.modules, "sounddevice", module)
    ran = run(["listen", *arguments], tmp_path)
    assert ran.code == code, ran.talk
    assert said in " ".join(ran.talk.split())
    assert list(place.iterdir()) == []


def test_devices_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", Microphones("Headset", "Built-in"))
    ran = run(["listen", "--devices", "--json"], tmp_path)
    assert [json.loads(line)["name"] for line in ran.output.decode().splitlines()] == ["Headset", "Built-in"]
