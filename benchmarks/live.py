"""How soon live transcription is final, what it costs, and whether it says the same as the whole recording.

Run from the project's root, with the corpora in ../shared/data:

    python benchmarks/live.py --clips 20 --chunk 0.1

Clips of LibriSpeech test-other with pauses of 1.5 s between are fed in chunks, and then transcribed as one recording.
Latency is counted in the time of the sound: from where the detector finds the end of speech to the end of the chunk
that brought the final text; the time that the engine computes comes on top, and is given beside it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.audio import read_audio
from pipeline.audio.speech_segments import phrases
from pipeline.core.values import Audio
from pipeline.transcription import TRANSCRIBERS, Transcriber
from pipeline.transcription.live import LiveTranscriber
from pipeline.transcription.scoring import word_error_rate

RATE = 16000
PAUSE = 1.5


def stream(folder: Path, clips: int) -> Audio:
    """Return clips of all speakers in turn, with pauses between."""
    paths = sorted(folder.glob("*.flac"), key=lambda path: (path.stem.split("-")[-1], path.stem))[:clips]
    silence = np.zeros(round(PAUSE * RATE), np.float32)
    samples = np.concatenate([part for path in paths for part in (read_audio(path).samples, silence)])
    noise = np.random.default_rng(0).normal(scale=1e-4, size=len(samples))
    return Audio(samples + noise.astype(np.float32), RATE)


def run(transcriber: Transcriber, audio: Audio, chunk: int, *, partials: bool) -> dict[str, Any]:
    """Feed a recording in chunks of so many samples, and return what was seen."""
    live = LiveTranscriber(transcriber, partials=partials)
    ends = [phrase.end for phrase in phrases(audio)]
    finals, delays, slowest, readings = [], [], 0.0, 0
    began = time.process_time()
    for start in range(0, len(audio.samples), chunk):
        heard = time.process_time()
        results = live.feed(audio.samples[start : start + chunk])
        slowest = max(slowest, time.process_time() - heard)
        readings += sum(not result.final for result in results)
        now = (start + chunk) / RATE
        if any(result.final for result in results):
            delays.append(now - max(end for end in ends if end < now))
        finals += [result for result in results if result.final]
    finals += live.close()
    return {
        "texts": [result.segment.text for result in finals],
        "delays": delays,
        "slowest": slowest,
        "readings": readings,
        "processor": (time.process_time() - began) / audio.duration,
    }


def figures(transcriber: Transcriber, audio: Audio, chunk: int) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of each figure."""
    began = time.process_time()
    whole = [segment.text for segment in transcriber.transcribe(audio)]
    offline = (time.process_time() - began) / audio.duration
    with_partials, without = (run(transcriber, audio, chunk, partials=partials) for partials in (True, False))
    delays = with_partials["delays"]
    same = sum(live == said for live, said in itertools.zip_longest(with_partials["texts"], whole))
    yield "minutes", round(audio.duration / 60, 1)
    yield "phrases", len(whole)
    yield "phrases whose final text is that of the whole recording", same
    yield "words that differ, %", round(100 * word_error_rate(" ".join(whole), " ".join(with_partials["texts"])), 2)
    yield "seconds of sound from the end of speech to the final text, mean", round(float(np.mean(delays)), 3)
    yield "… largest", round(max(delays), 3)
    yield "longest computing of one chunk, processor seconds", round(with_partials["slowest"], 2)
    yield "partial texts a minute", round(60 * with_partials["readings"] / audio.duration, 1)
    yield "processor seconds per second of audio, with partial texts", round(with_partials["processor"], 3)
    yield "… without them", round(without["processor"], 3)
    yield "… of the whole recording at once", round(offline, 3)


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--chunk", type=float, default=0.1, help="seconds")
    arguments = parser.parse_args()

    spec = TRANSCRIBERS.choose(arguments.engine)
    transcriber = TRANSCRIBERS.create(spec, threads=1)
    audio = stream(arguments.data / "librispeech_test_other", arguments.clips)
    report = {"engine": spec.label, "chunk, s": arguments.chunk}
    print(json.dumps(report | dict(figures(transcriber, audio, round(arguments.chunk * RATE))), indent=2))


if __name__ == "__main__":
    main()
