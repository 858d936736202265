"""How soon live transcription is final, what it costs, and whether it says the same as the whole recording.

    python benchmarks/live.py --clips 20 --chunk 0.1

Clips of LibriSpeech test-other with pauses of 1.5 s between are fed in chunks, and then transcribed as one recording.
Latency is counted in the time of the sound: from where the detector finds the end of speech to the end of the chunk
that brought the final text; the time that the engine computes comes on top, and is given beside it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.audio.speech_segments import speech_segments
from pipeline.core.values import Audio
from pipeline.transcription.live import LiveTranscriber
from pipeline.transcription.scoring import word_error_rate

PAUSE = 1.5


def stream(folder: Path, clips: int) -> Audio:
    """Return clips of all speakers in turn, with pauses between."""
    paths = sorted(common.sounds(folder), key=lambda path: (path.stem.split("-")[-1], path.stem))[:clips]
    silence = np.zeros(round(PAUSE * common.RATE), np.float32)
    samples = np.concatenate([part for path in paths for part in (read_audio(path).samples, silence)])
    noise = np.random.default_rng(0).normal(scale=1e-4, size=len(samples))
    return Audio(samples + noise.astype(np.float32), common.RATE)


def run(transcriber: Any, audio: Audio, chunk: int, *, partials: bool) -> dict[str, Any]:
    """Feed a recording in chunks of so many samples, and return what was seen."""
    live = LiveTranscriber(transcriber.transcribe, transcriber.partial if partials else None)
    ends = [speech.end for speech in speech_segments(audio)]
    finals, delays, slowest, readings = [], [], 0.0, 0
    began = time.process_time()
    for start in range(0, len(audio.samples), chunk):
        heard = time.process_time()
        results = live.feed(audio.samples[start : start + chunk])
        slowest = max(slowest, time.process_time() - heard)
        readings += sum(not result.final for result in results)
        now = (start + chunk) / common.RATE
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


def figures(transcriber: Any, audio: Audio, chunk: int) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of each figure."""
    with common.Clock().of(audio.duration) as offline:
        whole = [segment.text for segment in common.heard(transcriber, audio)]
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
    yield "… of the whole recording at once", round(offline.cost, 3)


def main() -> None:
    """Measure and print one JSON object."""
    parser = common.parser(__doc__)
    parser.add_argument("--engine", default="auto")
    common.add_data(parser)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--chunk", type=float, default=0.1, help="seconds")
    arguments = parser.parse_args()

    transcriber = common.transcriber(arguments.engine)
    audio = stream(arguments.data / "librispeech_test_other", arguments.clips)
    report = {"engine": transcriber.name, "chunk, s": arguments.chunk}
    common.report(report | dict(figures(transcriber, audio, round(arguments.chunk * common.RATE))))


if __name__ == "__main__":
    main()
