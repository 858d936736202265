"""The embedded voice: a small network of our own and WORLD; no download, no torch, no program of the system.

It speaks in parameters, so that tones and emotions are made before there is any sound, and nothing is ever analysed.
How it was trained, and by whom, says `checkpoints/voice/MODEL_CARD.md`.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Final

import numpy as np

from emotivoice.frontend.english import EnglishPronouncer
from emotivoice.frontend.english_reading import read_sentence
from pipeline.core.errors import NoSpeech, ResayError, WeightsMissing
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Samples, Word
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.embedded.features import CARD, FRAME, MODEL, decoded
from pipeline.synthesis.sentences import Sentence
from pipeline.synthesis.voice.matching import owners
from pipeline.synthesis.voice.script import written
from pipeline.synthesis.world.vocoder import PERIOD, Spoken

__all__ = ["Embedded", "create", "ready"]

_BEFORE: Final = 0.03
_AFTER: Final = 0.06


class Embedded:
    """Says English sentences neutrally.

    Args:
        folder: The voice: `voice.onnx` and `card.json`; the one that ships with the project by default.
        threads: Computing threads; 0 and 1 are one, as a sentence takes but milliseconds.

    Raises:
        WeightsMissing: There is no voice.
    """

    name = "embedded"
    formants = 1.0
    han = False

    def __init__(self, folder: Path | None = None, *, threads: int = 1) -> None:
        folder = folder or bundled("checkpoints", "voice")
        for name in (CARD, MODEL):
            if not (folder / name).is_file():
                raise WeightsMissing(f"{folder / name} is missing.", hint="Install Resay again, or train the voice.")
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        self.pitch: float = card["pitch"]
        self._network = open_graph(folder / MODEL, threads=max(threads, 1))
        self._pronouncer = EnglishPronouncer()

    def say(self, sentence: Sentence) -> Spoken:
        """Say one sentence.

        Raises:
            NoSpeech: Nothing in it has a reading.
        """
        words = read_sentence(_with_dashes(sentence), self._pronouncer) or read_sentence(
            sentence.said, self._pronouncer
        )
        if not words:
            raise NoSpeech(f"Nothing in '{sentence.text}' has a reading in English.")
        script = written(words)
        seconds, cepstrum, melody, voicing = self._network.run(
            None, {"phones": script.phones, "context": script.context}
        )
        ends = np.cumsum(seconds, dtype=np.float64)
        starts = ends - seconds
        places = owners([token.written for token in sentence.tokens], [word.text for word in words])
        times: dict[int, tuple[float, float]] = {}
        for place, owner in enumerate(places):
            phones = np.flatnonzero(script.word == place)
            start, _ = times.get(owner, (float(starts[phones[0]]), 0.0))
            times[owner] = start, float(ends[phones[-1]])
        spoken = dataclasses.replace(
            decoded(_doubled(cepstrum), _doubled(melody), _doubled(voicing) > 0),
            words=tuple(Word(sentence.tokens[owner].written, *times[owner]) for owner in sorted(times)),
            rises=sentence.asks and not sentence.asks_openly,
        )
        first, last = (starts[1] - _BEFORE) / PERIOD, (starts[-1] + _AFTER) / PERIOD
        return spoken.part(max(0, round(first)), min(len(spoken), round(last)))


def ready() -> str:
    """Return why the voice cannot speak on this machine; empty if it can."""
    try:
        bundled("checkpoints", "voice", MODEL)
    except ResayError as error:
        return error.message
    return ""


def create(*, threads: int = 0, device: str = "auto", language: str = "") -> Actor:
    """Return the voice; the device does not matter to it, and it speaks English only.

    Raises:
        WeightsMissing: The voice is not part of this installation.
    """
    return Actor(Embedded(threads=threads))


def _with_dashes(sentence: Sentence) -> str:
    """Return the sentence as it was written, with a comma for a dash that stood between two words."""
    return " ".join(
        token.written + ("," if token.said.endswith(",") and token.written[-1].isalnum() else "")
        for token in sentence.tokens
    )


def _doubled(frames: Samples) -> Samples:
    """Return frames of 10 ms as frames of 5 ms, each second one half-way between its neighbours."""
    if round(FRAME / PERIOD) != 2:
        raise AssertionError("the voice has half as many frames as the rules of prosody")
    between = (frames + np.concatenate([frames[1:], frames[-1:]])) / 2
    doubled: Samples = np.stack([frames, between], axis=1).reshape(2 * len(frames), *frames.shape[1:])
    return doubled
