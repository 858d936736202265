"""Long texts: what speaking them costs in memory, from half a minute to as many minutes as are asked for.

    python benchmarks/long_speech.py --minutes 24

The command says one sentence again and again, in a fresh process for each length.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import common
import soundfile

SENTENCE = "The train to the city leaves at seven in the morning, and nobody wants to be late for it. "
SECONDS = 6.0
"""Seconds that it takes, said sadly, with its pause."""


def main() -> None:
    """Measure and print."""
    parser = common.parser(__doc__)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--format", default="wav")
    arguments = parser.parse_args()

    def rows() -> Iterator[tuple[str, str, str]]:
        for minutes in (0.4, arguments.minutes / 2, arguments.minutes):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"long.{arguments.format}"
                text = SENTENCE * round(60 * minutes / SECONDS)
                ran = common.fresh(common.ROOT / "detect.py", "speak", text, "sad", "-o", path, "--quiet")
                yield f"{soundfile.info(path).duration:.0f} s", f"{ran.megabytes:.0f} MB", f"{ran.seconds:.0f} s"

    common.table(("speech", "peak memory", "time"), rows())


if __name__ == "__main__":
    main()
