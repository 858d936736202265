"""Engines: the descriptions of what can run a stage, and registries of them.

A registry holds frozen descriptions. Nothing heavy is imported before an engine is created.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pipeline.core.catalogue import Catalogue
from pipeline.core.emotions import Mood
from pipeline.core.errors import EngineMissing, ResayError, UnknownName, WeightsMissing
from pipeline.core.failures import one_line, out_of_memory
from pipeline.core.messages import reason
from pipeline.core.paths import expanded
from pipeline.core.values import Speech
from pipeline.core.voices import Voice

__all__ = ["EngineSpec", "Registry", "Synthesiser", "capabilities_of"]


class Synthesiser(Protocol):
    """Says a text in an emotion and a voice."""

    name: str
    """Name of the engine."""

    def voices(self) -> tuple[Voice, ...]:
        """Return the voices that `synthesise` accepts."""
        ...

    def check(self, mood: Mood, voice: str) -> None:
        """Raise an error if the engine does not know the voice or the mood.

        Raises:
            UnknownName: The engine has no such voice, or cannot express such a mood.
        """
        ...

    def synthesise(self, text: str, mood: Mood, voice: str, *, strength: float = 1.0) -> Speech:
        """Say a text.

        Args:
            text: What to say, in a language of the engine.
            mood: An emotion or a custom mood; never `auto`.
            voice: One of `voices()`.
            strength: How far from neutral: 0 is neutral, 1 as learned from actors, 2 half as much more.

        Raises:
            UnknownName: As `check`.
            NoSpeech: The text holds nothing that can be said.
        """
        ...


@dataclass(frozen=True)
class EngineSpec:
    """What is known about an engine without loading it."""

    name: str
    """What a person types after `--asr` or `--tts`; a variant may follow after a colon, as in `whisper:base`."""
    module: str
    """Module that holds `create`, a function of keyword settings that returns the engine."""
    description: str
    """One line for `doctor`."""
    languages: tuple[str, ...]
    """ISO 639-1 codes; empty if the language does not matter or is detected."""
    licence: str
    """Licence of the code and of the weights."""
    weights: str
    """Where the weights come from."""
    packages: tuple[str, ...] = ()
    """Modules that must be importable."""
    extra: str = ""
    """The extra of this project that installs the packages; empty for the default installation."""
    create: str = "create"
    """Name of the factory in `module`."""
    ready: str = ""
    """Function in `module` that returns why the engine cannot run here, or an empty text; it imports nothing heavy."""
    voices: str = ""
    """Function in `module` that lists the voices of a synthesiser without loading it."""
    check: str = ""
    """`module:function` that refuses a mood and a voice as the synthesiser's own `check`, without loading it."""
    aliases: tuple[str, ...] = ()
    """Other names that it answers to."""
    variants: tuple[str, ...] = ()
    """Sizes or models to choose from; the engine has a default."""
    folders: bool = False
    """Whether a variant may also be a folder, or a name on a hub such as `owner/model`."""
    automatic: bool = True
    """Whether `auto` may choose it; an engine that does another kind of work must be asked for."""
    unsuited: str = ""
    """Function in `module` that returns why `auto` passes over an engine that could run, or an empty text."""
    decodings: tuple[str, ...] = ()
    """Decoding methods that the setting `decoding` can choose; `create` gets one as the keyword `decoding`."""
    capabilities: frozenset[str] = frozenset()
    """What the engine can do beyond what every engine of its stage can; each stage names its own."""
    settings: tuple[str, ...] = ("threads",)
    """Settings that `create` takes as keywords, such as threads, device and language."""
    variant: str = ""
    """The variant that was asked for; `create` and `ready` get it as the keyword `variant` unless it is empty."""

    @property
    def label(self) -> str:
        """The name, with the variant if one was asked for."""
        return f"{self.name}:{self.variant}" if self.variant else self.name

    @property
    def asked(self) -> dict[str, str]:
        """The variant as a keyword for `create` and `ready`; empty if none was asked for."""
        return {"variant": self.variant} if self.variant else {}

    def decoded_by(self, decoding: str) -> dict[str, str]:
        """Return the decoding method as a keyword for `create`; empty if none was asked for.

        Raises:
            UnknownName: The engine has no such method; the message lists the choices.
        """
        if decoding and decoding.casefold() not in self.decodings:
            choices = f"Choose {', '.join(self.decodings)}." if self.decodings else "Leave the setting decoding out."
            raise UnknownName(f"The engine {self.label} cannot decode by '{decoding}'.", hint=choices)
        return {"decoding": decoding.casefold()} if decoding else {}

    def of(self, variant: str) -> EngineSpec:
        """Return the description of one variant.

        Args:
            variant: One of `variants` in any case, or a folder or hub name if the engine takes one.

        Raises:
            UnknownName: The engine has no such variant; the message lists the choices.
        """
        if variant.casefold() in self.variants:
            return replace(self, variant=variant.casefold())
        if self.folders and variant and ("/" in variant or Path(variant).is_dir()):
            return replace(self, variant=variant)
        choices = [f"{self.name}:{known}" for known in self.variants] + [f"{self.name}:/FOLDER"] * self.folders
        raise UnknownName(
            f"The engine {self.name} has no variant '{variant}'.",
            hint=f"Choose {self.name}{''.join(f', {choice}' for choice in choices)}.",
        )

    def listed_voices(self) -> tuple[Voice, ...]:
        """Return the voices of a synthesiser that can list them without being loaded; none for other engines."""
        if not self.voices:
            return ()
        found: tuple[Voice, ...] = getattr(importlib.import_module(self.module), self.voices)(**self.asked)
        return found

    def check_voice(self, mood: Mood, voice: str) -> None:
        """Refuse what a synthesiser does not know, if that can be told without loading it.

        Raises:
            UnknownName: It has no such voice, or cannot express such a mood.
        """
        if self.check:
            module, _, function = self.check.partition(":")
            getattr(importlib.import_module(module), function)(mood, voice, **self.asked)

    @property
    def install(self) -> str:
        """The command that installs the packages."""
        return f"pip install '.{f'[{self.extra}]' if self.extra else ''}'"

    def missing(self) -> str:
        """Return why the engine cannot run on this machine, with what to run; empty if it can."""
        absent = [package for package in self.packages if importlib.util.find_spec(package) is None]
        if absent:
            return f"{', '.join(absent)} not installed: run {self.install}"
        if not self.ready:
            return ""
        reason: str = getattr(importlib.import_module(self.module), self.ready)(**self.asked)
        return reason

    def passed_over(self) -> str:
        """Return why `auto` does not choose the engine on this machine; empty if it may."""
        if not self.automatic:
            return "it must be asked for"
        if (reason := self.missing()) or not self.unsuited:
            return reason
        slow: str = getattr(importlib.import_module(self.module), self.unsuited)()
        return slow


def capabilities_of(engine: object) -> frozenset[str]:
    """Return what an engine can do beyond what every engine of its stage can, as its `capabilities` declare."""
    declared: frozenset[str] = getattr(engine, "capabilities", frozenset())
    return declared


Engine = TypeVar("Engine")


class Registry(Generic[Engine]):
    """The engines of one stage, in order of preference.

    Args:
        stage: `recognition`, `transcription` or `synthesis`.
        option: The command's option that chooses an engine, for messages.
        specs: The project's own engines, the most wanted first.
        folder: Description of an engine that is given as a folder instead of a name; None if no folder is accepted.

    Raises:
        ValueError: Two engines have one name.
    """

    def __init__(
        self, stage: str, option: str, specs: Iterable[EngineSpec], *, folder: EngineSpec | None = None
    ) -> None:
        self.stage = stage
        self.option = option
        self._folder = folder
        self._own = self._catalogue(*specs)

    @cached_property
    def specs(self) -> Catalogue[EngineSpec]:
        """All engines: the project's own, then those that other packages add by entry point `resay.<stage>`."""
        added = [point.load() for point in _entry_points().select(group=f"resay.{self.stage}")]
        return self._catalogue(*self._own, *(spec for spec in added if spec.name not in self._own.names))

    def _catalogue(self, *specs: EngineSpec) -> Catalogue[EngineSpec]:
        choices = f"Choose {self.option} auto, {{}}{' or the folder of a checkpoint' if self._folder else ''}."
        return Catalogue(f"There is no {self.stage} engine", *specs, choices=choices)

    def find(self, name: str) -> EngineSpec:
        """Return the engine with a name.

        Args:
            name: An engine's name, in any case, or `NAME:VARIANT`, or a folder if the stage takes one.

        Raises:
            UnknownName: There is no such engine or variant; the message lists the choices.
            WeightsMissing: The folder is not what the stage takes.
        """
        wanted, colon, variant = name.partition(":")
        path = expanded(name)
        if self._folder and wanted.casefold() not in self.specs.names and ("/" in name or path.is_dir()):
            own = replace(self._folder, variant=str(path))
            if reason := own.missing():
                raise WeightsMissing(reason)
            return own
        spec = self.specs.find(wanted)
        return spec.of(variant) if colon else spec

    def choose(self, name: str = "auto", language: str = "") -> EngineSpec:
        """Return the engine with a name, if it can run here; for `auto`, the first that can.

        Args:
            name: An engine's name, `NAME:VARIANT`, or `auto`.
            language: ISO 639-1 code that the engine must support; `auto` for one that detects it; empty for any.

        Raises:
            UnknownName: There is no such engine or variant, or it lacks the language.
            EngineMissing: The engine is not ready on this machine; the message says what to run.
        """
        if name.casefold() == "auto":
            fitting = [spec for spec in self.specs if spec.automatic and _speaks(spec, language)]
            reasons = []
            for spec in fitting:
                reason = spec.passed_over()
                if not reason:
                    return spec
                reasons.append(f"{spec.name} ({reason})")
            raise EngineMissing(
                f"No {self.stage} engine is ready"
                + (f" for language '{language}'" if language else "")
                + f": {'; '.join(reasons) or 'none has it'}."
            )
        spec = self.find(name)
        if not _speaks(spec, language):
            raise UnknownName(
                f"The {self.stage} engine {spec.name} has no language '{language}'.",
                hint=f"It has {', '.join(spec.languages)}.",
            )
        if reason := spec.missing():
            raise EngineMissing(f"The {self.stage} engine {spec.label} is not ready: {reason}.")
        return spec

    def create(self, spec: EngineSpec, **settings: Any) -> Engine:
        """Load an engine.

        Raises:
            EngineMissing: A package that the engine needs cannot be imported, or its weights cannot be read.
        """
        try:
            factory: Callable[..., Engine] = getattr(importlib.import_module(spec.module), spec.create)
            taken = (*spec.settings, *(["decoding"] if spec.decodings else []))
            given = {name: settings[name] for name in taken if name in settings} | spec.asked
            try:
                inspect.signature(factory).bind(**given)
            except TypeError as error:
                raise EngineMissing(
                    f"The {self.stage} engine {spec.name} cannot be created: {error}.",
                    hint=f"{spec.module}.{spec.create} must take the keywords {', '.join(given) or 'of none'},"
                    " which the settings of its EngineSpec name.",
                ) from error
            return factory(**given)
        except ResayError:
            raise
        except ImportError as error:
            if out_of_memory(error):
                raise
            raise EngineMissing(
                f"The {self.stage} engine {spec.name} cannot be loaded: {reason(error)}.",
                hint=f"Run {spec.install}.",
            ) from error
        except Exception as error:  # Whatever a library makes of weights that are not as they were.
            if out_of_memory(error):
                raise
            raise EngineMissing(
                f"The {self.stage} engine {spec.label} cannot be loaded: {type(error).__name__}: {one_line(error)}.",
                hint="Its weights may be damaged: install or pull it again.",
            ) from error


@cache
def _entry_points() -> Any:
    """Return the entry points of all packages; to find them, the files of each package are read."""
    return entry_points()


def _speaks(spec: EngineSpec, language: str) -> bool:
    return not language or not spec.languages or language.casefold().split("-")[0] in spec.languages
