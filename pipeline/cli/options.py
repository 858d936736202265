"""Options of the command line, made from the fields of the options classes."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_type_hints

import typer

from pipeline.cli.console import set_up
from pipeline.core.errors import EngineMissing, SettingsError, UnknownName, UsageError
from pipeline.core.options import (
    AlertOptions,
    AnalysisOptions,
    BatchOptions,
    CallOptions,
    EngineSettings,
    Limits,
    Options,
    RenderingOptions,
    ServerOptions,
    VerificationOptions,
    is_other_recording,
)

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from pipeline.core.settings import Settings

__all__ = [
    "AudioInputs",
    "AudioOrManifest",
    "Config",
    "Formats",
    "Json",
    "Manifest",
    "Progress",
    "Quiet",
    "Reports",
    "Restart",
    "SpokenFormats",
    "Verbose",
    "Watch",
    "asked",
    "declared",
    "flags_of",
    "takes",
    "value_type",
]

_talk: Final = functools.partial(typer.Option, rich_help_panel="Talk")
_PANELS: Final[dict[type[Options], str]] = {
    EngineSettings: "Engines",
    AnalysisOptions: "Analysis",
    RenderingOptions: "Result",
    VerificationOptions: "Listening again",
    BatchOptions: "Many recordings",
    Limits: "Limits",
    ServerOptions: "Server",
    AlertOptions: "Calls and alerts",
}
"""Class of options to the heading under which `--help` shows its fields."""

_FLAGS: Final = {
    "output": ("--output", "-o"),
    "overwrite": ("--overwrite", "--force"),
    "hotwords": ("--hotwords", "--hint"),
    "tts": ("--tts", "--engine"),
    "voice": ("--voice", "--speaker"),
}
"""Flags of fields that have others than their name."""

_METAVARS: Final = {
    "language": "CODE",
    "track": "N|CODE",
    "channels": "mix|split|N",
    "hotwords": "WORDS",
    "speakers": "N|auto",
    "emotion_from": "PART|AUDIO",
    "output": "FOLDER|FILE",
    "emotion": "EMOTION",
    "voice": "SPEAKER",
    "workers": "N|auto|ray",
    "database": "FILE|URL",
    "customer_channel": "N",
    "customer_pattern": "PATTERN",
    "judge_employees_because": "REASON",
    "alert_emotions": "LIST",
    "webhooks": "URLS",
}
"""What stands for the value in `--help`, if the type does not tell."""

_ALWAYS: Final = ("language", "device", "threads", "max_bytes", "max_seconds")
"""Fields that every verb with engines takes."""

AudioInputs = Annotated[
    list[str],
    typer.Argument(metavar="AUDIO...", help="Files, folders, globs, or - for standard input.", show_default=False),
]
AudioOrManifest = Annotated[
    list[str] | None,
    typer.Argument(metavar="AUDIO...", help="Files, folders, globs, or - for standard input.", show_default=False),
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Forbid every engine to reach for the network.", rich_help_panel="Engines")
]
Config = Annotated[Path | None, _talk("--config", metavar="FILE", help="YAML file of settings.")]
Json = Annotated[bool, _talk("--json", help="Print one JSON object per line.")]
Quiet = Annotated[bool, _talk("--quiet", "-q", help="Say nothing on standard error but errors.")]
Verbose = Annotated[bool, _talk("--verbose", "-v", help="Show the log of every stage.")]
_many: Final = functools.partial(typer.Option, rich_help_panel="Many recordings")
Restart = Annotated[bool, _many("--restart", help="Begin anew: forget what an earlier run of this batch has done.")]
Reports = Annotated[
    list[Path] | None,
    _many(
        "--report",
        metavar="FILE",
        help="Write a summary, .json, .csv or .html; may be given again.",
        show_default=False,
    ),
]
Progress = Annotated[
    str, _many("--progress", metavar="json", help="Tell the progress in JSON on standard error.", show_default=False)
]
Watch = Annotated[bool, _many("--watch", help="Go on with what arrives in the folders, until Ctrl-C.")]
Manifest = Annotated[
    Path | None,
    _many("--manifest", metavar="FILE", help="Table of recordings with emotion, voice, strength and speaker of each."),
]
_formats: Final = functools.partial(typer.Option, "--formats", "-f", metavar="LIST", show_default=False)
Formats = Annotated[str, _formats(help="Write the text as files: txt, json, srt, vtt, tsv.")]
SpokenFormats = Annotated[
    str, _formats(help="Kinds of files: wav, flac, mp3, opus for the sound; txt, srt, vtt, tsv for what it says.")
]


def takes(*names: str, **helps: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb the options of some fields; its body gets all settings as `settings`.

    A body with the parameter `origins` gets where each value comes from, too.
    Beside the fields the verb takes `--config`, `--offline`, `--quiet` and `--verbose`.

    Args:
        names: Fields of the options classes, beside those that every verb with engines takes.
        helps: Field to its help where it means something of its own for this verb.
    """
    fields = {
        name: (field, panel)
        for options, panel in _PANELS.items()
        for name, field in options.model_fields.items()
        if name in (*names, *_ALWAYS)
    }

    common = _declared(_settings)

    def decorate(verb: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(verb)
        def run(**arguments: Any) -> None:
            flags = {name: arguments.pop(name) for name in fields}
            others = {each.name: arguments.pop(each.name) for each in common}
            try:
                settings, origins = _settings(flags, **others)
            except SettingsError as error:
                error.hint = f"{error.hint} {_contents(error, arguments)}".strip()
                raise
            if origins.get("device") == "flag":
                _check_device(settings, names)
            told = {"origins": origins} if "origins" in own else {}
            verb(**arguments, settings=settings, **told)

        own = inspect.signature(verb).parameters
        options = [_parameter(name, field, panel, helps.get(name)) for name, (field, panel) in fields.items()]
        parameters = [*_declared(verb), *options, *common]
        parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
        del run.__wrapped__
        return declared(run, parameters)

    return decorate


def asked(settings: Settings, origins: dict[str, str]) -> dict[str, Any]:
    """Return the options of a call that were given as options of the command, not by files or the environment."""
    return {name: getattr(settings, name) for name in CallOptions.model_fields if origins.get(name) == "flag"}


def declared(verb: Callable[..., None], parameters: Sequence[inspect.Parameter]) -> Callable[..., None]:
    """Give a verb the parameters from which Typer makes its options."""
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    verb.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return verb


def value_type(field: FieldInfo) -> Any:
    """Return the type of a field's values beside None."""
    return next((each for each in get_args(field.annotation) if each is not type(None)), field.annotation)


def flags_of(name: str) -> tuple[str, ...]:
    """Return the flags of a field."""
    return _FLAGS.get(name, (f"--{name.replace('_', '-')}",))


def _declared(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a function that are options, with their annotations."""
    # Names of types alone are not imported when the command runs.
    known = get_type_hints(function, {"Settings": Any} | function.__globals__, include_extras=True)
    parameters = inspect.signature(function).parameters
    others = ("settings", "origins", "flags")
    return [each.replace(annotation=known[name]) for name, each in parameters.items() if name not in others]


def _parameter(name: str, field: FieldInfo, panel: str, help: str | None) -> inspect.Parameter:
    """Return the parameter from which Typer makes the option of a field."""
    given: Any = value_type(field)
    kind: Any = given if given in (bool, Path) else str  # `load_settings` checks it.
    metavars: dict[Any, str | None] = {bool: None, int: "N", float: "X", Path: "FOLDER"}
    option = typer.Option(
        *flags_of(name),
        metavar=_METAVARS.get(name, metavars.get(given, "NAME")),
        help=help or field.description,
        rich_help_panel=panel,
        show_default=False,
    )
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _settings(
    flags: dict[str, Any],
    *,
    offline: Offline = False,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> tuple[Settings, dict[str, str]]:
    """Set the talk up; return the settings that result from flags, environment and files, and where each is from.

    Raises:
        SettingsError: A value is impossible, or a file unreadable.
        UsageError: A flag cannot be understood.
    """
    from pipeline.core.settings import load_settings

    set_up(quiet=quiet, verbose=verbose)
    if offline:
        _forbid_network()
    if (count := flags.get("speakers")) is not None:
        flags["speakers"] = _speakers(count)
    source = flags.get("emotion_from")
    if source and is_other_recording(source):
        flags |= {"emotion_from": None, "emotion_recording": source}
    return load_settings(flags, config=config)


def _check_device(settings: Settings, taken: Sequence[str]) -> None:
    """Refuse a device where no engine of a verb could compute on it: nothing would come of the option.

    Args:
        settings: With the device.
        taken: The fields that the verb takes, among them those that choose engines.

    Raises:
        UsageError: All engines compute on the processor.
    """
    if settings.device in ("auto", "cpu"):
        return
    from pipeline.chain.engines import STAGES

    for stage in STAGES:
        if stage.setting not in taken:
            continue
        try:
            spec = stage.registry.choose(getattr(settings, stage.setting), getattr(settings, stage.language or "_", ""))
        except (EngineMissing, UnknownName):
            # What is wrong with it is said in its own words later.
            return
        if "device" in spec.settings:
            return
    others = {each.name: None for stage in STAGES for each in stage.registry.specs if "device" in each.settings}
    raise UsageError(
        f"--device {settings.device} is of no use here: the chosen engines compute on the processor alone.",
        hint=f"Engines that can compute elsewhere: {', '.join(others)}.",
    )


def _contents(error: SettingsError, arguments: Mapping[str, Any]) -> str:
    """Return what the only recording of a command has, if a track or channels were asked for that none can have.

    Args:
        error: What was refused.
        arguments: The arguments of the verb, in which the recordings are found.
    """
    if not str(error).startswith(("--track ", "--channels ")):
        return ""
    typed = [word for value in arguments.values() if isinstance(value, list) for word in value]
    recordings = [word for word in typed if os.path.isfile(word)]
    if len(recordings) != 1:
        return ""
    from pipeline.audio import sound_of

    return sound_of(recordings[0])


def _speakers(count: str) -> int:
    """Return how many speakers to tell apart; 0 stands for auto.

    Raises:
        UsageError: It is no number.
    """
    if count.casefold() == "auto":
        return 0
    if not count.isdecimal() or int(count) == 0:
        raise UsageError(f"--speakers {count} is no number of speakers.", hint="Give a number from 1, or auto.")
    return int(count)


def _forbid_network() -> None:
    """Tell the libraries that fetch weights by themselves to leave it."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
        os.environ[variable] = "1"
