"""Word error rates and speed of a transcription engine on real recordings.

    python benchmarks/transcription.py --asr moonshine --clips 200
    python benchmarks/transcription.py --asr whisper:base --language auto --corpora ravdess aishell3

Every clip goes through the engine as a recording of its own would: segmentation, recognition, word times.
A corpus's rate is its wrong words over its words (`pipeline.transcription.scoring`).
RAVDESS is a random choice of clips by seed, or all with `--clips 0`.
Of Mandarin (aishell3) every character is a word, so that its rate is that of wrong characters.
"""

from __future__ import annotations

import collections
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import common

from pipeline.audio import read_audio
from pipeline.transcription import Transcriber
from pipeline.transcription.scoring import word_errors

Clip = tuple[Path, str, tuple[str, ...]]
"""File, text, and the groups that it belongs to."""

SENTENCES = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
COLD_START = """
import sys, time
began = time.perf_counter()
from pipeline.audio import read_audio
from pipeline.audio.speech_segments import speech_segments
from pipeline.transcription import TRANSCRIBERS
engine = TRANSCRIBERS.create(TRANSCRIBERS.choose(sys.argv[1]), threads=int(sys.argv[2]), language=sys.argv[3])
loaded = time.perf_counter()
[engine.transcribe(speech) for speech in speech_segments(read_audio(sys.argv[4]))]
print([loaded - began, time.perf_counter() - began])
"""


def acted(folder: Path, count: int, seed: int) -> list[Clip]:
    """Return clips of RAVDESS with sex and emotion; the sentence is written in the name."""
    paths = common.sounds(folder)
    chosen = random.Random(seed).sample(paths, count) if count else paths
    clips = []
    for path in chosen:
        _, _, emotion, _, sentence, _, actor = path.stem.split("-")
        groups = ("women" if int(actor) % 2 == 0 else "men", EMOTIONS[int(emotion) - 1])
        clips.append((path, SENTENCES[sentence], groups))
    return clips


def measure(engine: Transcriber, clips: Sequence[Clip]) -> Iterator[tuple[str, float | int]]:
    """Yield the name and value of each figure of a corpus."""
    errors: dict[str, common.Errors] = collections.defaultdict(common.Errors)
    clock = common.Clock()
    untimed = empty = 0
    languages: collections.Counter[str] = collections.Counter()
    for path, text, groups in clips:
        audio = read_audio(path)
        with clock.of(audio.duration):
            segments = common.heard(engine, audio)
        counts = word_errors(text, " ".join(segment.text for segment in segments))
        for group in ("all", *groups):
            errors[group].add(counts)
        empty += not segments
        languages.update(segment.language or "" for segment in segments[:1])
        untimed += sum(word.confidence is None for segment in segments for word in segment.words)
    yield "clips", len(clips)
    for group, found in errors.items():
        yield f"word error rate, {group}, %", round(100 * found.share, 2)
    yield "clips in which nothing was heard", empty
    for language, heard in languages.most_common():
        yield f"clips in language '{language}'", heard
    yield "words whose times are guessed", untimed
    yield "seconds per second of audio", round(clock.wall / clock.sound, 4)
    yield "processor seconds per second of audio", round(clock.cost, 4)


def cold_start(name: str, threads: int, language: str, clip: Path, runs: int = 5) -> dict[str, float]:
    """Return the medians of a fresh process that loads the engine and hears one clip."""
    times = [common.fresh("-c", COLD_START, name, threads, language, clip).found for _ in range(runs)]
    loaded, finished = (statistics.median(column) for column in zip(*times, strict=True))
    return {"seconds until loaded": round(loaded, 2), "seconds until the first clip is heard": round(finished, 2)}


def main() -> None:
    """Measure and print one JSON object."""
    parser = common.parser(__doc__)
    parser.add_argument("--asr", default="auto")
    parser.add_argument("--language", default="en", help="auto to find it out")
    parser.add_argument("--corpora", nargs="+", default=["ravdess", "ljspeech", "librispeech_test_other"])
    common.add_data(parser)
    parser.add_argument("--clips", type=int, default=200, help="clips of RAVDESS; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    engine = common.transcriber(arguments.asr, arguments.language, arguments.threads)
    ravdess = acted(arguments.data / "ravdess", arguments.clips, arguments.seed)
    report: dict[str, object] = {
        "engine": engine.name,
        "language": arguments.language,
        "threads": arguments.threads,
        "seed": arguments.seed,
    }
    for name in arguments.corpora:
        clips = ravdess if name == "ravdess" else [(*clip, ()) for clip in common.listed(arguments.data / name)]
        report[name] = dict(measure(engine, clips))
        print(name, "done", file=sys.stderr)
    report["peak memory, MB"] = int(common.peak_megabytes())
    report["cold start"] = cold_start(engine.name, arguments.threads, arguments.language, ravdess[0][0])
    common.report(report)


if __name__ == "__main__":
    main()
