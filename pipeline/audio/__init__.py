"""Sound: reading, resampling, loudness, speech activity, writing."""

from pipeline.audio.activity import speech_probability, speech_spans
from pipeline.audio.decoding import (
    AudioLimits,
    read_audio,
    read_parts,
    require_sound,
    rereadable,
    stated_seconds,
)
from pipeline.audio.inputs import find_recordings
from pipeline.audio.loudness import level, loudness, normalised, to_loudness
from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.audio.writing import WavInformation, finished, read_information, write_speech, write_wav

__all__ = [
    "SAMPLE_RATE",
    "AudioLimits",
    "WavInformation",
    "find_recordings",
    "finished",
    "level",
    "loudness",
    "normalised",
    "read_audio",
    "read_information",
    "read_parts",
    "require_sound",
    "rereadable",
    "resampled",
    "speech_probability",
    "speech_spans",
    "stated_seconds",
    "to_loudness",
    "write_speech",
    "write_wav",
]
