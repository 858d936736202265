"""Word error rates and speed of a transcription engine on real recordings.

Run from the project's root, with the corpora in ../shared/data:

    python benchmarks/transcription.py --asr moonshine --clips 200
    python benchmarks/transcription.py --asr whisper:base --language auto --corpora ravdess aishell3

Every clip goes through the engine as a recording of its own would: segmentation, recognition, word times.
A corpus's rate is its wrong words over its words (`pipeline.transcription.scoring`).
RAVDESS is a random choice of clips by seed, or all with `--clips 0`.
Of Mandarin (aishell3) every character is a word, so that its rate is that of wrong characters.
"""

from __future__ import annotations

import argparse
import collections
import csv
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.audio import read_audio
from pipeline.transcription import TRANSCRIBERS, Transcriber
from pipeline.transcription.scoring import word_errors

Clip = tuple[Path, str, tuple[str, ...]]

SENTENCES = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
COLD_START = """
import sys, time
began = time.perf_counter()
from pipeline.audio import read_audio
from pipeline.transcription import TRANSCRIBERS
engine = TRANSCRIBERS.create(TRANSCRIBERS.choose(sys.argv[1]), threads=int(sys.argv[2]), language=sys.argv[3])
loaded = time.perf_counter()
engine.transcribe(read_audio(sys.argv[4]))
print(loaded - began, time.perf_counter() - began)
"""


def listed(folder: Path) -> list[Clip]:
    """Return the clips of a corpus that has a list of texts."""
    with (folder / "metadata.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(folder / row["file"], row["text"], ()) for row in rows]


def acted(folder: Path, count: int, seed: int) -> list[Clip]:
    """Return clips of RAVDESS with sex and emotion; the sentence is written in the name."""
    paths = sorted(folder.glob("Actor_*/*.flac"))
    chosen = random.Random(seed).sample(paths, count) if count else paths
    clips = []
    for path in chosen:
        _, _, emotion, _, sentence, _, actor = path.stem.split("-")
        groups = ("women" if int(actor) % 2 == 0 else "men", EMOTIONS[int(emotion) - 1])
        clips.append((path, SENTENCES[sentence], groups))
    return clips


def measure(engine: Transcriber, clips: Sequence[Clip]) -> Iterator[tuple[str, float | int]]:
    """Yield the name and value of each figure of a corpus."""
    wrong: dict[str, int] = {"all": 0}
    words: dict[str, int] = {"all": 0}
    seconds = working = computing = 0.0
    untimed = empty = 0
    languages: collections.Counter[str] = collections.Counter()
    for path, text, groups in clips:
        audio = read_audio(path)
        began, processor = time.perf_counter(), time.process_time()
        segments = engine.transcribe(audio)
        working += time.perf_counter() - began
        computing += time.process_time() - processor
        seconds += audio.duration
        errors, length = word_errors(text, " ".join(segment.text for segment in segments))
        for group in ("all", *groups):
            wrong[group] = wrong.get(group, 0) + errors
            words[group] = words.get(group, 0) + length
        empty += not segments
        languages.update(segment.language or "" for segment in segments[:1])
        untimed += sum(word.confidence is None for segment in segments for word in segment.words)
    yield "clips", len(clips)
    for group, errors in wrong.items():
        yield f"word error rate, {group}, %", round(100 * errors / words[group], 2)
    yield "clips in which nothing was heard", empty
    for language, heard in languages.most_common():
        yield f"clips in language '{language}'", heard
    yield "words whose times are guessed", untimed
    yield "seconds per second of audio", round(working / seconds, 4)
    yield "processor seconds per second of audio", round(computing / seconds, 4)


def cold_start(name: str, threads: int, language: str, clip: Path, runs: int = 5) -> Iterator[tuple[str, float]]:
    """Yield the medians of a fresh process that loads the engine and hears one clip."""
    times = []
    for _ in range(runs):
        command = [sys.executable, "-c", COLD_START, name, str(threads), language, str(clip)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        times.append([float(figure) for figure in output.split()])
    loaded, finished = (sorted(column)[runs // 2] for column in zip(*times, strict=True))
    yield "seconds until loaded", round(loaded, 2)
    yield "seconds until the first clip is heard", round(finished, 2)


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asr", default="auto")
    parser.add_argument("--language", default="en", help="auto to find it out")
    parser.add_argument("--corpora", nargs="+", default=["ravdess", "ljspeech", "librispeech_test_other"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--clips", type=int, default=200, help="clips of RAVDESS; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    spec = TRANSCRIBERS.choose(arguments.asr, arguments.language)
    engine = TRANSCRIBERS.create(spec, threads=arguments.threads, language=arguments.language)
    ravdess = acted(arguments.data / "ravdess", arguments.clips, arguments.seed)
    report: dict[str, object] = {
        "engine": engine.name,
        "language": arguments.language,
        "threads": arguments.threads,
        "seed": arguments.seed,
    }
    for name in arguments.corpora:
        report[name] = dict(measure(engine, ravdess if name == "ravdess" else listed(arguments.data / name)))
        print(name, "done", file=sys.stderr)
    report["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report["cold start"] = dict(cold_start(spec.label, arguments.threads, arguments.language, ravdess[0][0]))
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
