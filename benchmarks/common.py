"""What the benchmarks share: arguments, corpora, clocks, processes of their own, and how figures are printed.

Whatever the product's engines are called is asked for here, so that a benchmark says only what it measures.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

USUAL = dict(os.environ)
"""The environment that a person would start a command in."""
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Numerical libraries read it when they are loaded: benchmarks import this module first.

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

DATA = Path("../shared/data")
"""Where the corpora lie, seen from the project's root."""
RATE = 16_000
"""Hz, of the sound that engines hear."""
_FOLDERS = {"librispeech": "librispeech_test_other"}
"""Folders of corpora that are not called like them."""
SILENCE = 0.4
"""Seconds in front of synthetic speech: transcribers lose words at the very edge, and `verify` puts as much there."""
_MEGABYTE = 1024**2 if sys.platform == "darwin" else 1024
"""What one megabyte is in the unit of `ru_maxrss`: bytes on macOS, elsewhere kilobytes."""


# -- Arguments and corpora ---------------------------------------------------------------------------------------------


def parser(documentation: str | None) -> argparse.ArgumentParser:
    """Return a parser whose help is the docstring of the benchmark."""
    return argparse.ArgumentParser(
        description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )


def folder(name: str | Path) -> Path:
    """Return the folder of a corpus, or end the benchmark; also for the `type` of an argument."""
    path = Path(name)
    if not path.is_dir():
        raise SystemExit(
            f"There is no folder {path}.\n"
            f"Run benchmarks from the project's root with the corpora in {DATA}, or name their folder."
        )
    return path


def sounds(corpus: Path, pattern: str = "*.flac") -> list[Path]:
    """Return the sound files in the folder of a corpus and below, in a fixed order."""
    return sorted(folder(corpus).rglob(pattern))


def add_data(options: argparse.ArgumentParser, *corpora: str, positional: bool = False) -> None:
    """Add the arguments that say where corpora lie.

    Args:
        options: The parser.
        corpora: One argument `--CORPUS` each; none for one argument `--data`, the folder of all corpora.
        positional: The only corpus is the argument `data`, which may be left out.
    """
    if positional or not corpora:
        default = DATA.joinpath(*corpora)
        names, more = (["data"], {"nargs": "?"}) if positional else (["--data"], {})
        options.add_argument(*names, type=folder, default=str(default), help=f"folder; {default} by default", **more)
        return
    for name in corpora:
        default = DATA / name
        options.add_argument(f"--{name}", type=folder, default=str(default), help=f"folder; {default} by default")


class Clip(NamedTuple):
    """A recording and what is said in it."""

    path: Path
    text: str


def listed(corpus: Path) -> list[Clip]:
    """Return the clips of a corpus that has a list of texts, `metadata.tsv`."""
    with (folder(corpus) / "metadata.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Clip(corpus / row["file"], row["text"]) for row in rows]


def recordings(corpus: str, place: Path) -> tuple[Any, ...]:
    """Return the labelled clips of a corpus of acted speech that lies in a folder."""
    from pipeline.training.corpora import CORPORA

    return CORPORA.find(corpus).read(place)


# -- Clocks ------------------------------------------------------------------------------------------------------------


class Answers(NamedTuple):
    """What the models of a training answered to clips that they had not heard."""

    recordings: Sequence[Any]
    """The clips."""
    logits: Any
    """(1, clips, labels), of seed 0; not a number where a clip was not judged."""
    judged: Any
    """(clips,): whether it was judged, and its emotion learned from others."""


def answers(run: Path, protocol: str = "corpus") -> Answers:
    """Return what is in the folder of a training of a speech model.

    Args:
        run: The folder; its corpora are looked for in the project's data.
        protocol: How its clips were split.
    """
    import numpy as np

    from pipeline.training.configuration import read_settings
    from pipeline.training.corpora.recordings import numbers_of
    from pipeline.training.runs import read_about
    from pipeline.training.speech.evaluation import read_logits
    from pipeline.training.speech.left_out import learned
    from pipeline.training.speech.training import learned_from
    from pipeline.training.splits import split_recordings

    about = read_about(run)
    places = {name: folder(DATA / _FOLDERS.get(name, name)) for name in (about["corpus"], *about["also"])}
    first = places.pop(about["corpus"])
    recordings, _ = learned_from(about["corpus"], first, places, read_settings(run))
    place = split_recordings(recordings, protocol, about["folds"], 0)
    logits = read_logits(run, (0,), place[np.newaxis])
    return Answers(recordings, logits, (place >= 0) & learned(logits, numbers_of(recordings))[0])


class Clock:
    """Adds up the time of blocks of work, and the seconds of sound that they were spent on.

    `with clock.of(seconds): ...`
    """

    def __init__(self) -> None:
        self.wall = self.processor = self.sound = 0.0

    def of(self, sound: float = 0.0) -> Clock:
        """Return itself, having noted so many seconds of sound."""
        self.sound += sound
        return self

    def __enter__(self) -> Clock:
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._began[0]
        self.processor += time.process_time() - self._began[1]

    @property
    def cost(self) -> float:
        """Processor seconds per second of sound."""
        return self.processor / max(self.sound, 1e-9)


def median_milliseconds(
    work: Callable[[], object], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the median time of some work, after one time that does not count."""
    work()
    times = []
    for _ in range(repeats):
        began = clock()
        work()
        times.append(clock() - began)
    return 1000 * statistics.median(times)


# -- Processes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """What a process cost."""

    code: int
    """Exit code."""
    seconds: float
    """From start to end."""
    processor: float
    """Processor seconds."""
    megabytes: float
    """Peak of resident memory."""
    output: str
    """Standard output."""
    said: str
    """Standard error."""

    @property
    def found(self) -> Any:
        """The JSON in the last line of the output."""
        return json.loads(self.output.splitlines()[-1])


def fresh(
    *arguments: object,
    check: bool = True,
    shown: bool = False,
    watch: Callable[[subprocess.Popen[str]], object] = lambda _: None,
    environment: dict[str, str] | None = None,
    **more: Any,
) -> Ran:
    """Run Python in a process of its own, as a person would start it, and return what it cost.

    Args:
        arguments: After `python`.
        check: End the benchmark where the process fails.
        shown: Let it print where the benchmark prints, and keep nothing of that.
        watch: What to do with the process while it runs.
        environment: Variables to set besides `USUAL`.
        more: For `subprocess.Popen`.
    """
    command = [sys.executable, *map(str, arguments)]
    path = os.pathsep.join(filter(None, [str(ROOT), USUAL.get("PYTHONPATH")]))
    settings = {**USUAL, "PYTHONPATH": path, **(environment or {})}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as talk:
        began = time.perf_counter()
        streams = {} if shown else {"stdout": output, "stderr": talk}
        process = subprocess.Popen(command, env=settings, text=True, **streams, **more)
        watch(process)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (output, talk):
            file.seek(0)
            texts.append(file.read().strip())
    if check and process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{texts[1]}")
    computed = usage.ru_utime + usage.ru_stime
    return Ran(process.returncode, seconds, computed, usage.ru_maxrss / _MEGABYTE, *texts)


def peak_megabytes() -> float:
    """Return the peak of the resident memory of this process."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used (proc(5), fields 14 and 15; Linux)."""
    with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds() -> float:
    """Return the processor time of the living children of this process (Linux)."""
    listed = (name for name in os.listdir("/proc") if name.isdigit())
    total = 0.0
    for number in map(int, listed):
        with contextlib.suppress(OSError):
            parent = Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            total += processor_seconds(number) if int(parent) == os.getpid() else 0.0
    return total


# -- Printing ----------------------------------------------------------------------------------------------------------


def table(columns: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table, each row as soon as it is known."""
    print(_row(columns))
    print("|---" * len(columns) + "|", flush=True)
    for cells in rows:
        print(_row(cells), flush=True)


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def report(figures: dict[str, Any]) -> None:
    """Print figures as one JSON object."""
    print(json.dumps(figures, indent=2))


# -- The product's engines ---------------------------------------------------------------------------------------------


def transcriber(name: str = "moonshine", language: str = "en", threads: int = 1) -> Any:
    """Return an engine that hears words."""
    from pipeline.transcription import TRANSCRIBERS

    os.environ["OMP_NUM_THREADS"] = str(threads)
    return TRANSCRIBERS.create(TRANSCRIBERS.choose(name, language), threads=threads, language=language)


def recogniser(name: str = "auto", threads: int = 1) -> Any:
    """Return an engine that hears emotions."""
    from pipeline.recognition import RECOGNISERS

    return RECOGNISERS.create(RECOGNISERS.choose(name), threads=threads)


def synthesiser(name: str = "embedded", threads: int = 1) -> Any:
    """Return a voice."""
    from pipeline.synthesis import SYNTHESISERS

    return SYNTHESISERS.create(SYNTHESISERS.choose(name), threads=threads)


def heard(engine: Any, audio: Any, hotwords: str = "") -> list[Any]:
    """Return the segments of what a transcriber hears in a sound."""
    from pipeline.audio import resampled
    from pipeline.audio.speech_segments import speech_segments
    from pipeline.transcription.script import written_in

    found = (engine.transcribe(speech, hotwords=hotwords) for speech in speech_segments(resampled(audio, RATE)))
    return [written_in(segment, "simplified") for segment in found if segment]


def words(engine: Any, audio: Any, *, silence: float = 0.0) -> str:
    """Return what a transcriber hears, after some seconds of silence."""
    import numpy as np

    from pipeline.audio import resampled
    from pipeline.core.values import Audio

    if silence:
        quiet = np.zeros(round(silence * RATE), np.float32)
        audio = Audio(np.concatenate([quiet, resampled(audio, RATE).samples]), RATE)
    return " ".join(segment.text for segment in heard(engine, audio))


class Errors:
    """Adds up words that were heard wrongly."""

    def __init__(self) -> None:
        self.wrong = self.words = 0

    def add(self, counts: tuple[int, int]) -> None:
        """Add what `word_errors` counted: wrong words, and words."""
        self.wrong += counts[0]
        self.words += counts[1]

    @property
    def share(self) -> float:
        """Wrong words per word."""
        return self.wrong / max(self.words, 1)


def moved(engine: Any, audio: Any, emotion: str, detected: Any, strength: float = 1.0) -> Any:
    """Return a recording that resynthesis, `engine`, has moved to an emotion."""
    import numpy as np

    from pipeline.audio import detect_speech, limited
    from pipeline.core.emotions import Mood
    from pipeline.core.values import Audio

    asked = [(phrase, Mood(emotion)) for phrase in engine.phrases(detect_speech(audio))]
    pieces = engine.resynthesise(audio, asked, detected, strength=strength)
    samples = np.concatenate([speech.audio.samples for *_, speech in pieces])
    return limited(Audio(samples, audio.sample_rate))
