"""The engines of all stages: what can be chosen, and what is loaded, once for all callers."""

from __future__ import annotations

import importlib.metadata
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pipeline.core.emotions import Mood
from pipeline.core.engines import Registry, Synthesiser, capabilities_of
from pipeline.core.errors import EngineMissing, UnknownName, UsageError
from pipeline.core.options import EngineSettings
from pipeline.recognition import RECOGNISERS, Recogniser
from pipeline.recognition.judges import JUDGES
from pipeline.recognition.naturalness import NATURALNESS_JUDGES, NaturalnessJudge
from pipeline.recognition.text import READERS
from pipeline.recognition.text.recogniser import TextRecogniser
from pipeline.synthesis import SYNTHESISERS
from pipeline.transcription import TRANSCRIBERS, Transcriber
from pipeline.transcription.speakers import DIARISERS, Diariser

if TYPE_CHECKING:
    from pipeline.recognition.speech.recogniser import SpeechRecogniser

__all__ = ["STAGES", "Engines", "Stage"]

Engine = TypeVar("Engine")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stage:
    """A stage of the chain and the engines that can run it."""

    registry: Registry[Any]
    """Its engines."""
    setting: str
    """The field of `EngineSettings` that chooses one."""
    language: str = ""
    """The option with the language that the engine must support; empty if any will do."""
    main: bool = True
    """Whether the main job needs it."""


STAGES: Final = (
    Stage(RECOGNISERS, "model"),
    Stage(TRANSCRIBERS, "asr", "language"),
    Stage(SYNTHESISERS, "tts", "spoken_language"),
    Stage(READERS, "text_model", main=False),
    Stage(DIARISERS, "diariser", main=False),
    Stage(JUDGES, "judge", main=False),
    Stage(NATURALNESS_JUDGES, "naturalness", main=False),
)
"""All stages: the only list of registries."""


class Engines:
    """Loads each engine when it is first needed, and keeps it; pipelines, threads and users share it.

    Args:
        settings: Which engines, and where they compute.
        recogniser: An engine to use instead of the one that the settings choose.
        transcriber: As `recogniser`, for every language.
        synthesiser: As `transcriber`.
        judge: As `recogniser`, to judge the emotion of results.
        naturalness_judge: As `recogniser`, to judge how natural results sound.

    Raises:
        UnknownName: There is no such engine.
        WeightsMissing: A folder that is given as a model holds no readable checkpoint.
    """

    def __init__(
        self,
        settings: EngineSettings | None = None,
        *,
        recogniser: Recogniser | None = None,
        transcriber: Transcriber | None = None,
        synthesiser: Synthesiser | None = None,
        judge: Recogniser | None = None,
        naturalness_judge: NaturalnessJudge | None = None,
    ) -> None:
        self.settings = settings or EngineSettings()
        self._given: dict[str, Any] = {
            RECOGNISERS.stage: recogniser,
            TRANSCRIBERS.stage: transcriber,
            SYNTHESISERS.stage: synthesiser,
            JUDGES.stage: judge,
            NATURALNESS_JUDGES.stage: naturalness_judge,
        }
        for stage in STAGES:
            if (wanted := getattr(self.settings, stage.setting)).casefold() != "auto":
                stage.registry.find(wanted)  # Refuses unknown names before anything is loaded.
        self._loaded: dict[tuple[str, str], Any] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    @property
    def given(self) -> bool:
        """Whether the caller brought an engine, which other processes cannot load."""
        return any(engine is not None for engine in self._given.values())

    def versions(self, *settings: str, language: str = "", spoken_language: str = "") -> dict[str, str]:
        """Return what would run a job, as far as answers depend on it, without loading any.

        Args:
            settings: As `check`.
            language: As `transcriber`.
            spoken_language: As `synthesiser`.

        Returns:
            Setting to the name of its engine and the versions of the packages that it needs; an engine that is not
            ready is left out.
        """
        languages = {"language": language, "spoken_language": spoken_language}
        found: dict[str, str] = {}
        for stage in STAGES:
            if stage.setting not in settings:
                continue
            if (given := self._given.get(stage.registry.stage)) is not None:
                found[stage.setting] = str(getattr(given, "name", type(given).__name__))
                continue
            with suppress(EngineMissing, UnknownName):
                spec = stage.registry.choose(getattr(self.settings, stage.setting), languages.get(stage.language, ""))
                found[stage.setting] = " ".join([spec.label, *_versions(spec.packages)])
        return found

    def check(self, *settings: str, language: str = "", spoken_language: str = "") -> None:
        """Refuse engines that are not ready here, without loading any.

        Args:
            settings: Fields of `EngineSettings` that choose the engines of a job, such as `asr`.
            language: As `transcriber`.
            spoken_language: As `synthesiser`.

        Raises:
            EngineMissing: An engine is not ready on this machine.
            UnknownName: An engine lacks the language or the decoding method.
        """
        languages = {"language": language, "spoken_language": spoken_language}
        for stage in STAGES:
            if stage.setting not in settings or self._given.get(stage.registry.stage) is not None:
                continue
            spoken = languages.get(stage.language, "")
            if (stage.registry.stage, spoken) in self._loaded:
                continue
            if stage.registry is JUDGES and self._judge_is_recogniser:
                continue
            if stage.registry is NATURALNESS_JUDGES and not self.naturalness_is_judged:
                continue
            spec = stage.registry.choose(getattr(self.settings, stage.setting), spoken)
            if stage.registry is TRANSCRIBERS:
                spec.decoded_by(self.settings.decoding)

    def check_voice(self, mood: Mood, voice: str, *, language: str = "") -> None:
        """Refuse a mood or a voice that the synthesiser does not know, without loading it where it can tell so.

        Args:
            mood: An emotion or a custom mood; `auto` stands for any of the emotions.
            voice: A preset, or an engine's own voice.
            language: As `synthesiser`.

        Raises:
            EngineMissing: The synthesiser is not ready on this machine.
            UnknownName: It has no such voice, or cannot express such a mood.
        """
        mood = Mood("neutral") if mood.is_auto else mood
        there = self._given.get(SYNTHESISERS.stage) or self._loaded.get((SYNTHESISERS.stage, language))
        if there is not None:
            cast("Synthesiser", there).check(mood, voice)
        else:
            SYNTHESISERS.choose(self.settings.tts, language).check_voice(mood, voice)

    def recogniser(self) -> Recogniser:
        """Return the engine that recognises the emotion of a voice."""
        return self._get(RECOGNISERS, self.settings.model)

    def detailed(self, capability: str, otherwise: str) -> SpeechRecogniser:
        """Return the recogniser, if it has a capability.

        Args:
            capability: As `pipeline.recognition` names it.
            otherwise: End of the error message "The model NAME …", such as "gives no timeline".

        Raises:
            UsageError: It does not have the capability.
        """
        recogniser: Any = self.recogniser()
        if capability not in capabilities_of(recogniser):
            raise UsageError(f"The model {recogniser.name} {otherwise}.", hint="Leave --model out.")
        return cast("SpeechRecogniser", recogniser)

    @property
    def usual_language(self) -> str:
        """Language of recordings of which nobody says it: `auto` if the transcriber finds it out, otherwise `en`."""
        wanted = self.settings.asr
        if self._given[TRANSCRIBERS.stage] is not None or wanted.casefold() == "auto":
            return "en"
        return "en" if TRANSCRIBERS.find(wanted).languages else "auto"

    def transcriber(self, language: str = "en") -> Transcriber:
        """Return the engine that transcribes a language (ISO 639-1, or `auto`)."""
        return self._get(TRANSCRIBERS, self.settings.asr, language)

    def synthesiser(self, language: str = "") -> Synthesiser:
        """Return the engine that speaks a language; empty for the engine's own."""
        return self._get(SYNTHESISERS, self.settings.tts, language)

    def reader(self) -> TextRecogniser:
        """Return the engine that recognises the emotion of words."""
        return self._get(READERS, self.settings.text_model)

    def diariser(self) -> Diariser:
        """Return the engine that tells speakers apart."""
        return self._get(DIARISERS, self.settings.diariser)

    def judge(self) -> Recogniser:
        """Return the engine that judges the emotion of results; the recogniser if no judge is installed."""
        return self.recogniser() if self._judge_is_recogniser else self._get(JUDGES, self.settings.judge)

    @property
    def naturalness_is_judged(self) -> bool:
        """Whether the naturalness of results is judged: a judge was asked for, or one is installed."""
        given = self._given[NATURALNESS_JUDGES.stage] is not None
        return (
            given
            or self.settings.naturalness.casefold() != "auto"
            or not all(spec.missing() for spec in NATURALNESS_JUDGES.specs)
        )

    def naturalness_judge(self) -> NaturalnessJudge | None:
        """Return the engine that judges how natural results sound; None if none is installed."""
        return self._get(NATURALNESS_JUDGES, self.settings.naturalness) if self.naturalness_is_judged else None

    @property
    def _judge_is_recogniser(self) -> bool:
        given = self._given[JUDGES.stage] is not None
        return not given and self.settings.judge == "auto" and all(spec.missing() for spec in JUDGES.specs)

    def _get(self, registry: Registry[Engine], wanted: str, language: str = "") -> Engine:
        """Return an engine of a stage for a language.

        Raises:
            EngineMissing: The engine is not ready on this machine.
            UnknownName: There is no such engine, or it lacks the language.
        """
        if (given := self._given.get(registry.stage)) is not None:
            return cast("Engine", given)
        key = (registry.stage, language)
        with self._lock:
            lock = self._locks.setdefault(registry.stage, Lock())
        with lock:
            if key not in self._loaded:
                spec = registry.choose(wanted, language)
                # An engine that does not take the language is shared by all languages.
                own = (spec.label, language if "language" in spec.settings else "")
                if own not in self._loaded:
                    asked = {name: getattr(self.settings, name) for name in spec.settings if name != "language"}
                    if registry is TRANSCRIBERS:
                        asked |= spec.decoded_by(self.settings.decoding)
                    self._loaded[own] = registry.create(spec, language=language, **asked)
                    logger.info("%s: %s is loaded", registry.stage, spec.label)
                self._loaded[key] = self._loaded[own]
            return cast("Engine", self._loaded[key])


def _versions(packages: Iterable[str]) -> Iterator[str]:
    """Yield the versions of packages whose distribution bears the name of the module."""
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            yield f"{package} {importlib.metadata.version(package)}"
