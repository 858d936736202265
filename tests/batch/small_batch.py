"""A batch with stand-ins for the engines, in processes of its own: `small_batch.py RECORDINGS OUTPUT WORKERS LIMIT`.

With the word `transcribe` after these it transcribes instead of converting. What is heard and spoken follows from the
recording. One that lasts three seconds ends the process that hears it, one of four seconds is never heard to the end.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

from pipeline import VoicePipeline
from pipeline.chain.engines import Engines
from pipeline.cli import main as command
from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.core.voices import Voice

DEADLY, ENDLESS = 3.0, 4.0


class Listener:
    name = "listener"
    capabilities = frozenset()

    def recognise(self, audio, *, activity=None):
        if audio.duration == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        if audio.duration == ENDLESS:
            time.sleep(1000)
        return EmotionScores(EMOTIONS, (1.0, *(0.0,) * (len(EMOTIONS) - 1)), model=self.name)

    def transcribe(self, segment, *, hotwords=""):
        return Segment(segment.start, segment.end, hashlib.sha256(segment.audio.samples.tobytes()).hexdigest())


class Speaker:
    name = "speaker"
    capabilities = frozenset()

    def voices(self):
        return (Voice("youngwoman", "female", ""),)

    def check(self, mood, voice):
        pass

    def synthesise(self, text, mood, voice, *, strength=1.0):
        seed = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
        sound = 0.1 * np.random.default_rng(seed).standard_normal(4800)
        return Speech(Audio(sound.astype(np.float32), 24000), text, mood.word, voice, self.name)


STAND_INS = {"recognition": Listener(), "transcription": Listener(), "synthesis": Speaker()}


def stand_in(put=setattr) -> None:
    """Put the stand-ins in the place of the engines, in whatever process this is."""
    put(Engines, "_get", lambda self, registry, wanted, language="": STAND_INS[registry.stage])
    put(Engines, "reader", lambda self: None)
    put(Engines, "check", lambda self, *settings, **languages: None)
    put(Engines, "check_voice", lambda self, mood, voice, **language: None)


if __name__ in ("__main__", "__mp_main__"):
    # At the top of the module, so that worker processes, which import it under the second name, have them too.
    stand_in()


def stand_in_pipeline() -> VoicePipeline:
    """Return a pipeline of this process with the same engines."""
    return VoicePipeline(
        recogniser=STAND_INS["recognition"], transcriber=STAND_INS["transcription"], synthesiser=STAND_INS["synthesis"]
    )


def tone(path: Path, number: int, seconds: float = 1.0) -> Path:
    """Write a recording that differs from those of other numbers."""
    time_line = np.arange(round(seconds * 16000)) / 16000
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * (200 + 7 * number) * time_line), 16000)
    return path


def main() -> None:
    recordings, output, workers, limit, *verb = sys.argv[1:]
    if verb:
        how = ["--workers", workers] if workers else []
        command([*verb, recordings, "-o", output, "-f", "json,srt", *how, "--quiet"])
    for outcome in VoicePipeline().convert_many(
        [recordings], "happy", output=output, workers=workers, time_limit=float(limit)
    ):
        print(outcome.source, getattr(outcome, "output", None) or outcome.error.message, flush=True)


if __name__ == "__main__":
    main()
