"""What a recording goes through before it reaches a recogniser, one thing at a time, to measure what each costs.

Unlike `augmentation`, nothing here is trained on, and the strength of each is fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Final

import numpy as np

from pipeline.core.values import Samples
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE
from pipeline.training.speech.augmentation import add_noise, band_limited, reverberated

__all__ = ["DEGRADATIONS", "coded"]

Degradation = Callable[[Samples, np.random.Generator], Samples]
"""Takes a clip, float32 (time,) at 16 kHz, and a source of chance."""


def coded(samples: Samples, codec: str, bits_per_second: int) -> Samples:
    """Return a clip after a lossy codec, at 16 kHz again and of its own length.

    Args:
        samples: float32 (time,) at 16 kHz.
        codec: Name of the encoder in FFmpeg, such as `libmp3lame` or `libopus`.
        bits_per_second: What the encoder may spend.
    """
    import av
    import soxr

    rate = 48000 if codec == "libopus" else 44100
    sound = np.asarray(soxr.resample(samples, SAMPLE_RATE, rate), np.float32)
    file = BytesIO()
    with av.open(file, "w", format="ogg" if codec == "libopus" else "mp3") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono", bit_rate=bits_per_second)
        frame = av.AudioFrame.from_ndarray(
            (np.clip(sound, -1, 1) * 32767).astype(np.int16)[np.newaxis], format="s16", layout="mono"
        )
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
        for part in resampler.resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        planar = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        parts = [
            part.to_ndarray().reshape(-1) for frame in container.decode(audio=0) for part in planar.resample(frame)
        ]
    heard = np.concatenate(parts).astype(np.float32)[: len(samples)]
    return np.pad(heard, (0, len(samples) - len(heard)))


def _silence(samples: Samples, random: np.random.Generator) -> Samples:
    """Two seconds before and after, in which the recorder runs: noise at -70 dBFS."""
    ends = [(10 ** (-70 / 20) * random.standard_normal(2 * SAMPLE_RATE)).astype(np.float32) for _ in range(2)]
    return np.concatenate([ends[0], samples, ends[1]])


def _gain(decibels: float) -> Degradation:
    """Return a change of level; what would be beyond full scale stays, as in a float recording."""
    return lambda samples, random: samples * np.float32(10 ** (decibels / 20))


def _noise(decibels: float) -> Degradation:
    return lambda samples, random: add_noise(samples, random, decibels, tilt=-1.0)


DEGRADATIONS: Final[dict[str, Degradation]] = {
    "as it is": lambda samples, random: samples,
    "gain -20 dB": _gain(-20),
    "gain +20 dB": _gain(20),
    "pink noise, 20 dB SNR": _noise(20),
    "pink noise, 10 dB SNR": _noise(10),
    "pink noise, 5 dB SNR": _noise(5),
    "telephone band, 300-3400 Hz": lambda samples, random: band_limited(samples, 300, 3400),
    "2 s of silence at both ends": _silence,
    "mp3, 64 kbit/s": lambda samples, random: coded(samples, "libmp3lame", 64000),
    "opus, 24 kbit/s": lambda samples, random: coded(samples, "libopus", 24000),
    "room, 0.5 s reverberation": lambda samples, random: reverberated(samples, random, 0.5),
}
"""Name to what it does."""
