"""Sounds and files that the tests of audio make themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 48_000
FFMPEG = {
    "webm": ("webm", "libopus"),
    "m4a": ("ipod", "aac"),
    "mp4": ("mp4", "aac"),
    "mp3": ("mp3", "libmp3lame"),
    "mkv": ("matroska", "flac"),
    "aac": ("adts", "aac"),
}
SNDFILE = {
    "wav": {"format": "WAV", "subtype": "PCM_16"},
    "wav24": {"format": "WAV", "subtype": "PCM_24"},
    "wav8": {"format": "WAV", "subtype": "PCM_U8"},
    "float": {"format": "WAV", "subtype": "FLOAT"},
    "double": {"format": "WAV", "subtype": "DOUBLE"},
    "flac": {"format": "FLAC"},
    "ogg": {"format": "OGG", "subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "aiff": {"format": "AIFF"},
}


@pytest.fixture(scope="session")
def tone() -> Callable[..., NDArray[np.float32]]:
    """Make a sine: float32 (time,)."""

    def make(seconds: float = 1.0, rate: int = RATE, hertz: float = 1000.0, peak: float = 0.5) -> NDArray[np.float32]:
        time = np.arange(round(seconds * rate)) / rate
        return (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Write samples, (time,) or (time, channels), into a file of any format."""

    def make(samples: NDArray[np.float32], kind: str = "wav", rate: int = RATE) -> bytes:
        file = io.BytesIO()
        if kind in SNDFILE:
            import soundfile

            channels = 1 if samples.ndim == 1 else samples.shape[1]
            with soundfile.SoundFile(file, "w", samplerate=rate, channels=channels, **SNDFILE[kind]) as sound:
                # In pieces: libsndfile's Vorbis encoder overflows the stack on one long write.
                for start in range(0, len(samples), 4096):
                    sound.write(samples[start : start + 4096])
            return file.getvalue()
        import av

        container_format, codec = FFMPEG[kind]
        with av.open(file, "w", format=container_format) as container:
            stream = container.add_stream(codec, rate=rate, layout="mono")
            steps = np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(steps[None], format="s16", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
            for part in (frame, None):
                container.mux(stream.encode(part))
        return file.getvalue()

    return make


@pytest.fixture(scope="session")
def vowels() -> Callable[..., NDArray[np.float32]]:
    """Make something that a detector takes for speech: a buzz through the formants of changing vowels, in syllables."""

    def make(seconds: float = 1.5, rate: int = 16_000, level: float = 0.1) -> NDArray[np.float32]:
        time = np.arange(round(seconds * rate)) / rate
        pitch = 130 + 20 * np.sin(2 * np.pi * 1.3 * time)
        phase = 2 * np.pi * np.cumsum(pitch) / rate
        formants = [(700, 1200, 2600), (300, 2200, 3000), (500, 1000, 2500), (400, 800, 2400)]
        syllable = (time * 4).astype(int) % len(formants)
        sound = np.zeros(len(time))
        for harmonic in range(1, 30):
            hertz = harmonic * pitch
            peaks = np.array(formants)[syllable]
            gain = (1 / (1 + ((hertz[:, None] - peaks) / 80) ** 2) * (1.0, 0.5, 0.25)).sum(axis=1)
            sound += gain * np.sin(harmonic * phase)
        sound *= 0.15 + np.sin(np.pi * (time * 4 % 1)) ** 2
        return (level * sound / np.sqrt(np.mean(sound**2))).astype(np.float32)

    return make
