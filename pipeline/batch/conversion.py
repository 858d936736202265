"""Converts recordings one after the other; a failed one is reported, and the others go on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from pipeline.chain import VoicePipeline
from pipeline.core.errors import EngineMissing, OutputError, ResayError, UsageError
from pipeline.core.events import Listener
from pipeline.core.failures import explained
from pipeline.core.results import Conversion
from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = ["Failure", "convert_all"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """A recording that could not be converted."""

    source: str
    """The recording, as the caller named it."""
    error: ResayError
    """What was wrong."""

    def to_dict(self) -> dict[str, object]:
        """Return the form that `--json` prints."""
        return {"file": self.source, "error": self.error.to_dict()}


def convert_all(
    pipeline: VoicePipeline,
    recordings: Iterable[str],
    emotion: str = "",
    voice: str = "",
    *,
    standard_input: BinaryIO | None = None,
    speaker: SpeakerProfile | None = None,
    on_event: Listener | None = None,
    **options: Any,
) -> Iterator[Conversion | Failure]:
    """Convert recordings, in order.

    Args:
        pipeline: Keeps the engines loaded.
        recordings: Paths; `-` stands for `standard_input`.
        emotion: As `VoicePipeline.convert`.
        voice: As `VoicePipeline.convert`.
        standard_input: The stream that `-` stands for.
        speaker: Profile of the speaker of all recordings, from `VoicePipeline.profile`.
        on_event: Gets the progress.
        options: Fields of `CallOptions`, as `VoicePipeline.convert`.

    Yields:
        A conversion or a failure for each recording.

    Raises:
        UsageError: The emotion or voice is unknown: no recording could be converted.
        EngineMissing: An engine is not ready: no recording could be converted.
        OutputError: No result can be written: the next recording would fail as well.
    """
    for recording in recordings:
        source = standard_input if recording == "-" and standard_input is not None else recording
        try:
            yield pipeline.convert(
                source, emotion, voice, name=recording, speaker=speaker, on_event=on_event, **options
            )
        except (UsageError, EngineMissing, OutputError):
            raise
        except Exception as error:
            # One recording, whatever it holds, does not end the batch.
            logger.info("%s failed", recording, exc_info=error)
            yield Failure(recording, explained(error, recording))
