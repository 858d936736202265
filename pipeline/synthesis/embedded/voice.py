"""The embedded voice: a small network of our own and WORLD; no download, no torch, no program of the system.

It plans in parameters, so that presets and emotions are made before there is any sound, and nothing is ever analysed.
`checkpoints/voice/MODEL_CARD.md` says how it was trained, and by whom.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np

from pipeline.core.errors import NoSpeech, ResayError, WeightsMissing
from pipeline.core.messages import reason
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Samples
from pipeline.frontend.english.g2p import EnglishPronouncer
from pipeline.frontend.english.reading import read_tokens
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.embedded.features import CARD, FRAME, MODEL, decode
from pipeline.synthesis.embedded.script import written
from pipeline.synthesis.prosody.prosody import Phone
from pipeline.synthesis.sentences import Sentence
from pipeline.synthesis.world.frames import PERIOD, VocoderFrames
from pipeline.synthesis.world.speaker import WorldSpeaker, should_rise

__all__ = ["Embedded", "create", "ready"]


class Embedded(WorldSpeaker):
    """Says English sentences neutrally.

    Args:
        folder: The voice: `voice.onnx` and `card.json`; the one that ships with the project by default.
        threads: Computing threads; 0 and 1 are one, as a sentence takes only milliseconds.

    Raises:
        WeightsMissing: There is no voice, or it is damaged.
    """

    name = "embedded"

    def __init__(self, folder: Path | None = None, *, threads: int = 1) -> None:
        super().__init__()
        folder = folder or bundled("checkpoints", "voice")
        for name in (CARD, MODEL):
            if not (folder / name).is_file():
                raise WeightsMissing(f"{folder / name} is missing.", hint="Install Resay again, or train the voice.")
        try:
            card = json.loads((folder / CARD).read_text(encoding="utf-8"))
            self.usual_f0 = float(card["pitch"])
        except (ValueError, TypeError, KeyError) as error:
            raise WeightsMissing(
                f"{folder / CARD} is damaged: {reason(error)}.", hint="Install Resay again, or train the voice."
            ) from error
        self._network = open_graph(folder / MODEL, threads=max(threads, 1))
        self._pronouncer = EnglishPronouncer()

    def frames(self, sentence: Sentence) -> VocoderFrames:
        """Return a sentence as the voice itself says it, with its phones and the times of its words.

        Raises:
            NoSpeech: Nothing in it has a reading.
        """
        words = read_tokens([token.said for token in sentence.tokens], self._pronouncer)
        if not words:
            raise NoSpeech(f"Nothing in '{sentence.text}' has a reading in English.")
        script = written(words)
        seconds, cepstrum, log_f0, voicing = self._network.run(
            None, {"phones": script.phones, "context": script.context}
        )
        ends = np.cumsum(seconds, dtype=np.float64)
        starts = ends - seconds
        said = sorted({word.token for word in words})
        # The place among the words of each phone; a pause belongs to none.
        word_of = np.array([said.index(word.token) for word in words] + [-1])[script.word]
        phones_of = [np.flatnonzero(word_of == place) for place in range(len(said))]
        frames = dataclasses.replace(
            decode(_doubled(cepstrum), _doubled(log_f0), _doubled(voicing) > 0),
            words=tuple(
                sentence.tokens[token].spoken(float(starts[phones[0]]), float(ends[phones[-1]]))
                for token, phones in zip(said, phones_of, strict=True)
            ),
            phones=tuple(map(Phone, script.names, seconds.tolist(), word_of.tolist())),
            rises=should_rise(sentence),
        )
        return frames.trimmed(float(starts[1]), float(starts[-1]))


def ready() -> str:
    """Return why the voice cannot speak on this machine; empty if it can."""
    try:
        bundled("checkpoints", "voice", MODEL)
    except ResayError as error:
        return error.message
    return ""


def create(*, threads: int = 0) -> Actor:
    """Return the voice.

    Raises:
        WeightsMissing: The voice is not part of this installation.
    """
    return Actor(Embedded(threads=threads))


def _doubled(frames: Samples) -> Samples:
    """Return frames of 10 ms as frames of 5 ms, each second one halfway between its neighbours."""
    if round(FRAME / PERIOD) != 2:
        raise AssertionError("the voice has half as many frames as WORLD")
    between = (frames + np.concatenate([frames[1:], frames[-1:]])) / 2
    doubled: Samples = np.stack([frames, between], axis=1).reshape(2 * len(frames), *frames.shape[1:])
    return doubled
