"""What every test may ask for."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import resampled
from pipeline.core.values import Audio

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Give the folder of a corpus, or skip the test where the corpus is not on this machine."""

    def folder(name: str) -> Path:
        path = CORPORA / name
        if not path.exists():
            pytest.skip(f"the corpus '{name}' is not on this machine")
        return path

    return folder


# In a process of its own: espeak-ng has one state per process, and other tests use it too.
ESPEAK = """
import ctypes, json, sys
import espeakng_loader

class Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("identifier", ctypes.c_uint), ("position", ctypes.c_int),
                ("length", ctypes.c_int), ("milliseconds", ctypes.c_int), ("sample", ctypes.c_int),
                ("user", ctypes.c_void_p), ("name", ctypes.c_char * 8)]

samples, words = bytearray(), []
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))

@Callback
def collect(block, count, event):
    if count > 0:
        samples.extend(ctypes.string_at(block, 2 * count))
    index = 0
    while event and event[index].type:
        if event[index].type == 1:
            words.append(event[index].milliseconds / 1000)
        index += 1
    return 0

espeak = ctypes.CDLL(espeakng_loader.get_library_path())
rate = espeak.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0x8000)
assert rate > 0 and espeak.espeak_SetVoiceByName(b"en-us") == 0
espeak.espeak_SetParameter(1, 150, 0)
espeak.espeak_SetSynthCallback(collect)
text = sys.argv[1].encode()
espeak.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, 1, 0, 1, None, None)
espeak.espeak_Synchronize()
sys.stdout.buffer.write(json.dumps({"rate": rate, "words": words}).encode() + b"\\n" + samples)
"""

LEAD = 0.4

Said = tuple[Audio, list[float]]


@pytest.fixture(scope="session")
def say() -> Callable[[str], Said]:
    """Speak English with 0.4 s of silence before and after; gives the sound and when each word begins, in seconds."""

    @functools.cache
    def speak(text: str) -> Said:
        output = subprocess.run([sys.executable, "-c", ESPEAK, text], capture_output=True, check=True).stdout
        header, _, samples = output.partition(b"\n")
        facts = json.loads(header)
        voice = resampled(Audio(np.frombuffer(samples, "<i2").astype(np.float32) / 32768, facts["rate"]))
        silence = np.zeros(round(LEAD * voice.sample_rate), np.float32)
        sound = np.concatenate([silence, voice.samples, silence])
        return Audio(sound, voice.sample_rate), [LEAD + start for start in facts["words"]]

    return speak


@pytest.fixture(scope="session")
def joined() -> Callable[..., Audio]:
    """Join sounds with a silence between each two of them."""

    def join(*sounds: Audio, pause: float = 0.0) -> Audio:
        def parts() -> Iterator[np.ndarray]:
            for index, sound in enumerate(sounds):
                if index:
                    yield np.zeros(round(pause * sound.sample_rate), np.float32)
                yield sound.samples

        return Audio(np.concatenate(list(parts())), sounds[0].sample_rate)

    return join
