"""What every test may ask for: corpora of this machine, speech that the tests make themselves, a tiny text model."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny_bert import write_bert, write_corpus

from pipeline.audio import resampled
from pipeline.core.values import Audio
from pipeline.recognition.text.recogniser import TextRecogniser
from pipeline.training.text.training import train_text

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "data"
RATE = 16000
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (570, 840, 2410), (530, 1840, 2480), (300, 870, 2240))


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


def vowels(seconds: float, pitch: float = 130.0, seed: int = 0) -> Audio:
    """Return vowels that change four times a second on a moving pitch: near enough to speech for a detector."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    contour = pitch * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * time) + 0.02 * np.sin(2 * np.pi * 5 * time))
    phase = 2 * np.pi * np.cumsum(contour) / RATE
    syllable = (time * 4).astype(int)
    formants = np.array(VOWELS)[random.integers(0, len(VOWELS), syllable[-1] + 1)][syllable].astype(float)
    kernel = np.ones(800) / 800
    formants = np.stack(
        [np.convolve(np.pad(track, 400, mode="edge"), kernel, "same")[400:-400] for track in formants.T]
    )
    sound = np.zeros(len(time))
    for harmonic in range(1, 30):
        frequency = harmonic * contour
        gain = sum(1 / (1 + ((frequency - track) / 90) ** 2) for track in formants)
        sound += gain / harmonic**0.5 * np.sin(harmonic * phase)
    sound *= 0.15 + np.abs(np.sin(np.pi * 4 * time)) ** 0.7
    sound += 0.002 * random.standard_normal(len(time))
    return Audio((0.3 * sound / np.abs(sound).max()).astype(np.float32), RATE)


def with_silence(audio: Audio, before: float, after: float) -> Audio:
    """Return the sound with faint noise around it; times in seconds."""
    random = np.random.default_rng(1)
    ends = [(0.0002 * random.standard_normal(round(part * RATE))).astype(np.float32) for part in (before, after)]
    return Audio(np.concatenate([ends[0], audio.samples, ends[1]]), RATE)


@pytest.fixture(scope="session")
def speech() -> Audio:
    """Three seconds of vowels with a second of silence at both ends."""
    return with_silence(vowels(3.0), 1.0, 1.0)


@pytest.fixture(scope="session")
def long_speech() -> Audio:
    """Two minutes in which six seconds of vowels and two seconds of silence follow each other."""
    parts = [with_silence(vowels(6.0, pitch=110 + 10 * number, seed=number), 0, 2).samples for number in range(15)]
    return Audio(np.concatenate(parts), RATE)


@pytest.fixture(scope="session")
def make_vowels() -> Callable[..., Audio]:
    """Give the maker of vowels: seconds, pitch in hertz, seed."""
    return vowels


@pytest.fixture(scope="session")
def comments(tmp_path_factory):
    """A corpus in the layout of GoEmotions."""
    return write_corpus(tmp_path_factory.mktemp("comments"))


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory):
    """A random BERT."""
    pytest.importorskip("torch")
    pytest.importorskip("tokenizers")
    return write_bert(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def tiny_config(tiny_base, tmp_path_factory):
    """Settings that train it in seconds."""
    path = tmp_path_factory.mktemp("config") / "tiny.yaml"
    path.write_text(
        f"modality: text\nmodel: bert\nbase: {tiny_base}\nlr: 0.003\nhead_lr: 0.01\nepochs: 6\nbatch_size: 16\n"
        "longest: 32\ntrained_tokens: 32\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def tiny_run(tiny_config, comments, tmp_path_factory):
    """The folder of a finished training, its checkpoint in `checkpoint`."""
    run = tmp_path_factory.mktemp("run")
    train_text(tiny_config, comments, run)
    return run


@pytest.fixture(scope="session")
def tiny_recogniser(tiny_run):
    """What reads with that checkpoint."""
    return TextRecogniser(tiny_run / "checkpoint", threads=1)
