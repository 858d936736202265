"""Sound: reading, resampling, loudness, speech activity, writing."""

from pipeline.audio.activity import SpeechActivity, detect_speech
from pipeline.audio.decoding import (
    AudioLimits,
    read_audio,
    read_parts,
    require_sound,
    rereadable,
    stated_seconds,
)
from pipeline.audio.loudness import level, limited, loudness, normalised, to_loudness
from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.audio.writing import (
    SOUND_FORMATS,
    SoundInformation,
    finished,
    parse_sounds,
    read_information,
    sound_format,
    write_sound,
    write_speech,
)

__all__ = [
    "SAMPLE_RATE",
    "SOUND_FORMATS",
    "AudioLimits",
    "SoundInformation",
    "SpeechActivity",
    "detect_speech",
    "finished",
    "level",
    "limited",
    "loudness",
    "normalised",
    "parse_sounds",
    "read_audio",
    "read_information",
    "read_parts",
    "require_sound",
    "rereadable",
    "resampled",
    "sound_format",
    "stated_seconds",
    "to_loudness",
    "write_sound",
    "write_speech",
]
