"""Options: what an engine is loaded with, and what one call asks for.

Each option is described in one place, its field.
The name, type, range and docstring of the field make the command-line option with its help, the key in a YAML file,
the environment variable and the keyword of the Python API.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline.core.emotions import Mood
from pipeline.core.errors import UsageError
from pipeline.core.files import require_name
from pipeline.core.messages import in_words, refusal
from pipeline.core.spelling import american, did_you_mean, nearest

__all__ = [
    "AlertOptions",
    "AnalysisOptions",
    "BatchOptions",
    "CallOptions",
    "EngineSettings",
    "Limits",
    "Options",
    "RenderingOptions",
    "ServerOptions",
    "VerificationOptions",
    "explain",
    "is_other_recording",
    "option_name",
]

_WRITTEN: Final = {
    "language": "Give an ISO 639-1 code such as en, zh or pt-br, or auto.",
    "track": "Give a number from 1, or the code of a language such as de or deu.",
    "api_key": "Give at least 16 characters without spaces.",
    "channels": "Give mix, split, or the number of a channel from 1.",
    "workers": "Give a number from 1 to 999, auto, ray for this machine, or ray://HOST:10001 for a cluster.",
    "customer_channel": "Give the number of a channel from 1.",
    "judge_employees_because": "Begin with 'medical:' or 'safety:', the two exceptions of the law, and say why.",
    "webhook_secret": "Give at least 24 characters without spaces.",
}
"""Option whose text follows a pattern to a sentence that says which."""

_LANGUAGES: Final = dict(
    pair.split("/")
    for pair in "english/en chinese/zh mandarin/zh german/de deutsch/de french/fr spanish/es italian/it portuguese/pt "
    "dutch/nl russian/ru polish/pl turkish/tr japanese/ja korean/ko arabic/ar hindi/hi".split()
)
"""Name of a language, in small letters, to its code, which is proposed for it."""

_LIKE_AN_OPTION: Final = 0.65
"""Likeness in [0, 1] from which an option is proposed for an unknown name; set by hand: `nonsense` is no `channels`."""

_ALIASES: Final = {"hint": "hotwords", "speaker": "voice", "engine": "tts", "force": "overwrite"}
"""Other names of options, accepted in settings files, the environment and calls."""


class Options(BaseModel):
    """Frozen, validated values; each field has a docstring."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    def changed(self, **values: Any) -> Self:
        """Return a copy with other values, validated.

        Args:
            values: Field to value; None keeps the present value.

        Raises:
            UsageError: There is no such option, or it cannot have this value.
        """
        known = type(self).model_fields
        given = {option_name(name, known): value for name, value in values.items() if value is not None}
        if not given:
            return self
        try:
            checked = type(self).model_validate(dict(self) | given)
        except ValidationError as error:
            message, hint = explain(error, type(self))
            raise UsageError(message, hint=hint) from error
        # A copy, so that `model_fields_set` holds only what a call asked for.
        return self.model_copy(
            update={name: value for name, value in checked if name in given or value != getattr(self, name)}
        )


class EngineSettings(Options):
    """Which engines are loaded, and where they compute."""

    model: str = "auto"
    """Emotion model: a name, or the folder of a checkpoint."""
    text_model: str = "auto"
    """Model of emotion in words: a name, or the folder of a checkpoint."""
    asr: str = "auto"
    """Transcription engine."""
    tts: str = "auto"
    """Synthesis engine."""
    judge: str = "auto"
    """Who judges the emotion of results."""
    naturalness: str = "auto"
    """Who judges how natural results sound; auto leaves it out where no such model is installed."""
    diariser: str = "auto"
    """Who tells speakers apart."""
    decoding: str = ""
    """How paddlespeech finds the text: attention_rescoring, attention, ctc_prefix_beam_search or ctc_greedy_search."""
    acting: float = Field(default=0.5, ge=0, le=1)
    """How far an engine with prompts goes from what its prompt does to what actors do; 0 is the prompt alone."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where engines compute that can choose."""
    threads: int = Field(default=0, ge=0, le=256)
    """Computing threads of an engine; 0 lets the engine choose."""


class AnalysisOptions(Options):
    """What to find out about a recording."""

    language: str = Field(default="", pattern=r"^(auto|[A-Za-z]{2,3}(-[A-Za-z0-9]+)*)?$")
    """Language of the recordings: a code such as en, or auto; by default auto if the engine finds it out, else en."""
    script: Literal["simplified", "traditional"] = "simplified"
    """Characters that Chinese is written in: simplified or traditional."""
    track: str = Field(default="", pattern=r"^([1-9][0-9]{0,2}|[A-Za-z]{2,3}(-[A-Za-z0-9]+)*)?$")
    """Sound track that is heard: its number or language; by default that of the language option, else the main one."""
    channels: str = Field(default="mix", pattern=r"^(mix|split|[1-9][0-9]?)$")
    """Channels that are heard: mix, the number of one, or split, where each is a speaker, as in recorded calls."""
    hotwords: str = Field(default="", max_length=20_000)
    """Names and words to expect in the recordings, separated by commas."""
    emotions: bool = False
    """Tell how each segment was said."""
    timeline: bool = False
    """Tell the emotion second by second, and cut segments where it changes."""
    speakers: int | None = Field(default=None, ge=0)
    """Tell speakers apart: how many there are, or auto to find out."""
    emotion_from: Literal["speech", "text", "both"] = "speech"
    """What tells the detected emotion: the voice (speech), its words (text), or both together."""
    each_alone: bool = False
    """Judge the emotion of each segment or recording alone, without what else its speaker said."""

    @field_validator("track", "channels", mode="before")
    @classmethod
    def _number_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("speakers", mode="before")
    @classmethod
    def _find_out(cls, value: object) -> object:
        return 0 if isinstance(value, str) and value.casefold() == "auto" else value


class RenderingOptions(Options):
    """How a result should sound, and where it goes."""

    emotion: str = Field(default="auto", min_length=1)
    """Emotion or mood of the result; auto is the detected one."""
    voice: str = Field(default="youngwoman", min_length=1)
    """Voice of the result: youngwoman, youngman, smallgirl, middlemale, or an engine's own."""
    strength: float = Field(default=1.0, ge=0, le=2)
    """How strongly the emotion is acted: 0 is neutral, 1 as measured on actors, 2 half as much more."""
    emotion_recording: str = ""
    """Another recording whose emotion auto takes, and how strongly; empty for the recording itself."""
    copy_prosody: bool = False
    """Keep the melody, loudness and tempo of the recording, word by word."""
    keep_timing: bool = False
    """Fit every segment to its place in time, at 0.8 to 1.25 times its duration."""
    sound: str = "wav"
    """Formats of the results, separated by commas: wav, flac, mp3, opus; the first is that of the numbered result."""
    output: Path = Path("output")
    """Folder of the numbered results, or the file of the only one, such as result.wav."""
    overwrite: bool = False
    """Replace files that exist already."""

    @field_validator("output", mode="before")
    @classmethod
    def _with_a_name(cls, value: object) -> object:
        return require_name(value) if isinstance(value, str) else value

    @field_validator("emotion", "voice")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("it must not be empty")
        return value


class VerificationOptions(Options):
    """How results are verified."""

    verify: bool = False
    """Listen to the result again; exit code 1 if it is not as asked for."""
    candidates: int = Field(default=1, ge=1, le=8)
    """Render N variants and keep the one that is heard best; more than one implies verify."""
    most_words_wrong: float = Field(default=0.3, ge=0)
    """Share of words heard wrongly above which a result fails its verification."""
    least_probability: float = Field(default=0.0, ge=0, le=1)
    """Probability of the asked emotion under which a result fails its verification; 0 fails none for its emotion."""
    least_naturalness: float = Field(default=0.0, ge=0, le=5)
    """Naturalness, 1 to 5, under which a result fails its verification; 0 fails none for it."""


class Limits(Options):
    """How large a recording may be."""

    max_bytes: int = Field(default=2 * 1024**3, gt=0)
    """Bytes; a larger recording is refused."""
    max_seconds: float = Field(default=7200, gt=0)
    """Seconds; a longer recording is refused."""
    max_streamed_seconds: float = Field(default=86400, gt=0)
    """Seconds; as max_seconds, for what holds only a part of a recording at a time, and for a result."""


class BatchOptions(Options):
    """How many recordings are worked through."""

    workers: str = Field(default="", pattern=r"^(auto|[1-9][0-9]{0,2}|ray|ray://[A-Za-z0-9._-]+:[0-9]{1,5})?$")
    """Processes that share a batch: how many, auto for one a core, ray, or ray://HOST:10001; by default this one."""
    time_limit: float = Field(default=0, ge=0)
    """Seconds that one recording of a batch may take; 0 sets no limit."""

    @field_validator("workers", mode="before")
    @classmethod
    def _count_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


class ServerOptions(Options):
    """How a server is reached, and how much it does for everybody together."""

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that the server listens on; any but this machine's own needs a key."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port that the server listens on; 0 takes a free one."""
    api_key: str = Field(default="", repr=False, pattern=r"^(\S{16,})?$")
    """Key that every request must bring, at least 16 characters; empty for none."""
    allowed_hosts: str = ""
    """Names under which the server is reached, separated by commas, beside this machine's own."""
    allowed_origins: str = ""
    """Origins of other sites whose pages may use the server, such as https://example.org, separated by commas."""
    max_upload_bytes: int = Field(default=256 * 1024**2, gt=0)
    """Bytes; a larger request is refused."""
    at_once: int = Field(default=2, ge=1, le=64)
    """Requests that are worked on side by side."""
    waiting: int = Field(default=16, ge=0, le=10_000)
    """Requests that wait while those are worked on; more are refused."""
    max_work_seconds: float = Field(default=600, gt=0)
    """Seconds after which work for one request is stopped."""
    live_sessions: int = Field(default=4, ge=0, le=64)
    """Live transcriptions that run side by side."""


class AlertOptions(Options):
    """Which calls are watched, for what, and where that is kept."""

    database: str = ""
    """Where calls and alerts are kept: a file, or the URL of a PostgreSQL database."""
    customer_channel: str = Field(default="", pattern=r"^([1-9][0-9]?)?$")
    """Channel of a recorded call on which the customer speaks; nobody else is judged."""
    customer_speaker: str = ""
    """Who the customer is where channels do not tell: such as 'speaker 2', or everybody in voice messages."""
    customer_pattern: str = ""
    """Pattern whose group finds whose call it is in the path of a recording; by default its subfolder."""
    judge_employees_because: str = Field(default="", pattern=r"^((medical|safety): *\S.{9,})?$")
    """Why it is lawful to judge employees as well: 'medical: …' or 'safety: …'; empty judges customers alone."""
    alert_emotions: str = Field(default="angry,sad", min_length=1)
    """Emotions that are watched for, separated by commas."""
    alert_threshold: float = Field(default=0.3, gt=0, le=1)
    """Probability of an emotion at which an alert begins."""
    alert_release: float = Field(default=0.2, ge=0, le=1)
    """Probability below which an alert ends, at most alert_threshold."""
    alert_seconds: float = Field(default=4.0, ge=0)
    """Seconds of speech from which on it is an alert."""
    webhooks: str = ""
    """Addresses that are told of each alert, separated by commas."""
    webhook_secret: str = Field(default="", repr=False, pattern=r"^(\S{24,})?$")
    """Key with which messages to webhooks are signed, at least 24 characters; empty for none."""
    webhook_network: Literal["public", "private", "any"] = "private"
    """Where webhooks may lead: public is the internet alone, private also private networks, any link-local ones too."""
    keep_days: int = Field(default=90, ge=0, le=36_500)
    """Days after which a call and its alerts are deleted; 0 keeps them for ever."""

    @field_validator("customer_channel", mode="before")
    @classmethod
    def _channel_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


class CallOptions(AnalysisOptions, RenderingOptions, VerificationOptions, Limits):
    """Everything that one call can ask for."""

    @field_validator("emotion_recording", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, Path) else value

    @model_validator(mode="before")
    @classmethod
    def _emotion_of_another_recording(cls, values: Any) -> Any:
        """Take a path in `emotion_from` as the recording whose emotion is wanted."""
        source = values.get("emotion_from") if isinstance(values, dict) else None
        if source and is_other_recording(source):
            return {**values, "emotion_from": "speech", "emotion_recording": source}
        return values

    def acted_at(self, mood: Mood) -> Self:
        """Return the options with the strength that a mood asks for by itself, unless this call asked for another."""
        return (
            self
            if mood.strength is None or "strength" in self.model_fields_set
            else self.changed(strength=mood.strength)
        )

    @classmethod
    def defaults(cls, settings: CallOptions) -> CallOptions:
        """Return the options in settings, none of them marked as asked for by a call."""
        return cls.model_construct(set(), **{name: getattr(settings, name) for name in cls.model_fields})

    @property
    def spoken_language(self) -> str:
        """Language of the result; empty (the engine's own) as long as the language of the recordings is not known."""
        return "" if self.language == "auto" else self.language


def is_other_recording(emotion_from: str | Path) -> bool:
    """Whether a value of `emotion_from` is the path of a recording, not a part of the one that is analysed."""
    parts = get_args(AnalysisOptions.model_fields["emotion_from"].annotation)
    return emotion_from not in parts and (bool(Path(emotion_from).suffix) or os.path.exists(emotion_from))


def explain(error: ValidationError, options: type[Options], *, shown: str = "") -> tuple[str, str]:
    """Return two sentences: what was wrong with an option, and what to do next.

    Args:
        error: What pydantic found.
        options: The class that refused the value.
        shown: The option as the person wrote it; `The setting 'name'` by default.
    """
    first = error.errors()[0]
    name = str(first["loc"][0])
    shown = shown or f"The setting '{name}'"
    if first["type"] == "extra_forbidden" and name in EngineSettings.model_fields:
        return (
            f"{shown} chooses an engine, which a call cannot change.",
            f"Give it to the pipeline: VoicePipeline(EngineSettings({name}=…)).",
        )
    if first["type"] == "extra_forbidden":
        known = list(options.model_fields)
        hint = did_you_mean(name, known, likeness=_LIKE_AN_OPTION).strip() or f"Known are {', '.join(known)}."
        return f"There is no setting {shown.removeprefix('The setting ')}.", hint
    if first["type"] == "missing":
        return f"{shown} is missing.", ""
    hint = _WRITTEN.get(name, "") if first["type"] == "string_pattern_mismatch" else ""
    hint = f"{_proposed(name, str(first['input']))}{hint}" if hint else ""
    field = options.model_fields.get(name)
    value = "…" if field and not field.repr else in_words(first["input"])  # Some are secret.
    return f"{shown} cannot be '{value}': {refusal(first)}.", hint


def _proposed(name: str, typed: str) -> str:
    """Return a question that proposes what was meant by a text that does not follow the pattern of an option."""
    if name == "channels":
        return did_you_mean(typed, ("mix", "split"))
    if name not in ("language", "track"):
        return ""
    language = next(iter(nearest(typed, _LANGUAGES)), "")
    return f"Did you mean {_LANGUAGES[language]}? " if language else ""


def option_name(name: str, known: Iterable[str]) -> str:
    """Return the field that a name stands for: itself, an alias, or one in British or American spelling.

    Args:
        name: As a person wrote it; `-` may stand for `_`.
        known: The fields.

    >>> option_name("hint", ["hotwords"]), option_name("Diarizer", ["diariser"]), option_name("keep-timing", [])
    ('hotwords', 'diariser', 'keep_timing')
    """
    name = name.replace("-", "_")
    name = _ALIASES.get(name.casefold(), name)
    return next((field for field in known if american(field) == american(name)), name)
