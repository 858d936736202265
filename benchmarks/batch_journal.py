"""What the batch itself costs: claims of numbers, the journal and the digests, with workers that do nothing.

One process keeps the journal of a batch, however many workers there are. How many recordings a second it can hand out
bounds how many cores one batch can use, and what it remembers of each bounds how many recordings a folder may have.

    python benchmarks/batch_journal.py --recordings 20000
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import common
import numpy as np
import soundfile


class Idle:
    """Workers that are done as soon as they begin."""

    def run(self, items: Iterable[object], tell: object) -> Iterator[object]:
        """Yield an outcome for each item."""
        from pipeline.batch.items import Outcome, WorkItem

        for item in items:
            if isinstance(item, WorkItem):
                yield Outcome(item.index, item.name)


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--recordings", type=int, default=20000)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each")
    parser.add_argument("--folder", type=Path, help="where the work is done: the disk that is measured")
    options = parser.parse_args()
    from pipeline import VoicePipeline
    from pipeline.batch.batch import Batch
    from pipeline.batch.items import Recording
    from pipeline.batch.workers import resident

    rows = []
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        sound = folder / "recording.wav"
        noise = 0.1 * np.random.default_rng(0).standard_normal(round(16000 * options.seconds))
        soundfile.write(sound, noise, 16000)
        for job in ("convert", "transcribe", "recognise"):
            batch = Batch(VoicePipeline(), job, {}, output=folder / job, workers=Idle())
            several = (Recording(str(sound), stem=str(number)) for number in range(options.recordings))
            outcomes = batch.run(several)
            for _ in range(100):  # Imports and versions of the engines are told once.
                next(outcomes)
            before, began, computed = resident(), time.perf_counter(), time.process_time()
            count = sum(1 for _ in outcomes)
            spent, computed = time.perf_counter() - began, time.process_time() - computed
            kept = resident() - before
            batch.close()
            size = Path(batch.journal.path).stat().st_size if batch.journal else 0
            opened = time.perf_counter()
            Batch(VoicePipeline(), job, {}, output=folder / job, workers=Idle()).close()
            opened = time.perf_counter() - opened
            rows.append(
                (job, f"{1000 * spent / count:.2f}", f"{1000 * computed / count:.2f}", f"{kept / count:.0f}",
                 f"{size / options.recordings:.0f}", f"{opened:.2f}")
            )  # fmt: skip
    common.table(
        ("job", "ms a recording", "of processor", "bytes in memory", "bytes of journal", "s to open it again"), rows
    )


if __name__ == "__main__":
    main()
