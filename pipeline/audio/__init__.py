"""Sound: reading, resampling, loudness, speech activity, writing."""

from pipeline.audio.activity import SpeechActivity, detect_speech
from pipeline.audio.decoding import (
    AudioLimits,
    SoundChoice,
    read_audio,
    read_channels,
    read_parts,
    require_sound,
    sound_of,
    stated_seconds,
)
from pipeline.audio.destinations import Destination
from pipeline.audio.loudness import level, limited, loudness, normalised, to_loudness
from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.audio.sources import AudioSource, require_recording, rereadable
from pipeline.audio.writing import (
    SOUND_FORMATS,
    SoundInformation,
    finished,
    is_result,
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
    "AudioSource",
    "Destination",
    "SoundChoice",
    "SoundInformation",
    "SpeechActivity",
    "detect_speech",
    "finished",
    "is_result",
    "level",
    "limited",
    "loudness",
    "normalised",
    "parse_sounds",
    "read_audio",
    "read_channels",
    "read_information",
    "read_parts",
    "require_recording",
    "require_sound",
    "rereadable",
    "resampled",
    "sound_format",
    "sound_of",
    "stated_seconds",
    "to_loudness",
    "write_sound",
    "write_speech",
]
