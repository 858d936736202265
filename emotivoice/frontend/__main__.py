"""`python -m emotivoice.frontend TEXT` prints the tokens of a text.

`--compat FILE.jsonl` prints each text whose tokens differ from those of the official front end,
and the share that agrees.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from emotivoice.frontend import Frontend
from emotivoice.frontend.compat import CompatError, english_tokens, mixed_tokens


def compare(file: Path) -> tuple[int, int]:
    """Print each text whose phonemes differ from the file's.

    A text on which the official front end failed agrees when ours refuses it in the same mode.

    Args:
        file: JSON lines with `text`, `phonemes` or `error`, and optionally `function` and `exact`.

    Returns:
        How many texts agree, and how many there are.
    """
    agreeing = total = exact = exact_agreeing = 0
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        example = json.loads(line)
        tokens_of = english_tokens if "get_eng_phoneme" in example.get("function", "") else mixed_tokens
        try:
            found = " ".join(tokens_of(example["text"]))
        except CompatError as error:
            found = f"error: {error.message}"
        expected = " ".join(example.get("phonemes", "").split())
        agrees = found.startswith("error: ") if "error" in example else found == expected
        total += 1
        agreeing += agrees
        exact += example.get("exact", True)
        exact_agreeing += agrees and example.get("exact", True)
        if not agrees:
            print(f"{example['text']}\n  expected {example.get('error', expected)}\n  found    {found}")
    print(
        f"{agreeing} of {total} texts agree ({agreeing / max(total, 1):.1%}); "
        f"of those marked exact {exact_agreeing} of {exact}"
    )
    return agreeing, total


def main() -> int:
    """Read the command line; exit with 1 if texts differ."""
    parser = argparse.ArgumentParser(prog="python -m emotivoice.frontend", description=__doc__)
    parser.add_argument("text", nargs="*", help="a text to pronounce")
    parser.add_argument("--compat", type=Path, metavar="FILE.jsonl", help="examples of the official front end")
    arguments = parser.parse_args()
    if arguments.compat:
        agreeing, total = compare(arguments.compat)
        return 0 if agreeing == total else 1
    for text in arguments.text or sys.stdin.read().splitlines():
        print(" ".join(Frontend()(text).tokens))
    return 0


if __name__ == "__main__":
    sys.exit(main())
