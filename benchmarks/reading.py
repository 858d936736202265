"""How well English is read: the share of a table of readings that is right in each class, and sentences per second.

    python benchmarks/reading.py
    python benchmarks/reading.py --before ../before                # beside another checkout of this project
    python benchmarks/reading.py --packages num2words wetext nemo  # beside packages that are installed

The table is `tests/frontend/english.tsv`. What counts are the words that the embedded voice says, whatever their case
and punctuation; letters are letters, whether the text or the lexicon spells them.
Packages get the benefit of the doubt: capitals that they leave may be letters.
Speed: the hundred sentences of `benchmarks/sentences.txt` from text to words, and to words and phonemes; the best round
of two seconds. Each reader has a process of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common

sys.path.insert(0, str(common.ROOT / "tests" / "frontend"))
from readings import english_cases, folded

OURS = """
from pipeline.frontend.english.g2p import EnglishPronouncer
from pipeline.frontend.english.normalisation import normalise_english as words
from pipeline.frontend.english.reading import read_sentence


def said(word):
    plain = "".join(sound for sound in " ".join(word.phonemes) if not sound.isdigit())
    spelled = "".join(sound for sound in " ".join(EnglishPronouncer().spell(word.text)) if not sound.isdigit())
    return " ".join(word.text) if len(word.text) > 1 and plain == spelled else word.text

def read(text):
    return read_sentence(text)

def written(text):
    return " ".join(map(said, read_sentence(text)))
"""
PACKAGES = {
    "num2words": """
import re
from num2words import num2words

def words(text):
    text = re.sub(r"[$](\\d+(?:[.]\\d+)?)", lambda m: num2words(m[1], to="currency", currency="USD"), text)
    text = re.sub(r"\\b(\\d+)(?:st|nd|rd|th)\\b", lambda m: num2words(int(m[1]), to="ordinal"), text)
    text = re.sub(r"\\b(1[1-9]\\d\\d|20\\d\\d)\\b", lambda m: num2words(int(m[1]), to="year"), text)
    numbers = r"\\d+(?:,\\d{3})+(?:[.]\\d+)?|\\d+(?:[.]\\d+)?"
    return re.sub(numbers, lambda m: f" {num2words(m[0].replace(',', ''))} ", text)
""",
    "wetext": """
from wetext import Normalizer

words = Normalizer(lang="en", operator="tn").normalize
""",
    "kitten": """
from kitten_text_processing import Normalizer

words = Normalizer(lang="en").normalize
""",
    "normt2s": """
import normt2s

def words(text):
    return normt2s.normalize(text, lang="en")
""",
    "voxnorm": """
import voxnorm

def words(text):
    return voxnorm.normalize(text, "en")
""",
    "nemo": """
from nemo_text_processing.text_normalization.normalize import Normalizer

words = Normalizer(input_case="cased", lang="en").normalize
""",
}
REST = """
import json, sys, time
with open(sys.argv[1], encoding="utf-8") as file:
    table, prose = json.load(file)
seconds = time.process_time()
words("Warm up at 10:30.")
read = globals().get("read", words)
written = globals().get("written", words)

def attempt(text):
    try:
        return written(text)
    except Exception as error:  # a reader that fails is wrong
        return f"{type(error).__name__}"

def speed(work):
    best = spent = 0.0
    while best == 0.0 or spent < 2:
        began = time.process_time()
        for text in prose:
            work(text)
        spent += time.process_time() - began
        best = max(best, len(prose) / (time.process_time() - began))
    return best

print(json.dumps({"ready": seconds, "words": speed(words), "read": speed(read), "table": list(map(attempt, table))}))
"""


def run(program: str, inputs: Path, place: Path = common.ROOT) -> dict[str, Any]:
    """Return what a reader makes of the texts, in a process of its own."""
    ran = common.fresh("-c", program + REST, inputs, environment={"PYTHONPATH": str(place)}, cwd=place)
    found: dict[str, Any] = ran.found
    return found


def letters(text: str) -> str:
    """Return a text with its words in capitals letter by letter."""
    return re.sub(r"\b[A-Z]{2,}s?\b", lambda match: " ".join(match[0]), text)


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--before", type=common.folder, help="another checkout of this project")
    parser.add_argument("--packages", nargs="*", default=[], choices=PACKAGES, metavar="PACKAGE")
    parser.add_argument("--errors", action="store_true", help="show what is read wrongly")
    arguments: argparse.Namespace = parser.parse_args()
    cases = english_cases()
    prose = (common.ROOT / "benchmarks" / "sentences.txt").read_text(encoding="utf-8").splitlines()
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([[case.written for case in cases], prose], file)
        file.flush()
        inputs = Path(file.name)
        readers = {"before": run(OURS, inputs, arguments.before.resolve())} if arguments.before else {}
        readers["now"] = run(OURS, inputs)
        readers |= {name: run(PACKAGES[name], inputs) for name in arguments.packages}

    right = {name: Counter[str]() for name in readers}
    for name, reader in readers.items():
        for case, said in zip(cases, reader["table"], strict=True):
            readings = {folded(said), folded(letters(said))} if name in PACKAGES else {folded(said)}
            if readings & case.readings:
                right[name][case.group] += 1
            elif arguments.errors:
                print(f"<!-- {name}, {case.group}: {case.written} | {said} -->")

    def rows() -> Iterator[tuple[object, ...]]:
        counts = Counter(case.group for case in cases)
        for group, count in sorted(counts.items()):
            yield group, count, *(f"{right[name][group] / count:.0%}" for name in readers)
        yield "all", len(cases), *(f"{sum(right[name].values()) / len(cases):.1%}" for name in readers)
        for what, label in (("words", "sentences to words, per second"), ("read", "… to words and phonemes")):
            yield label, len(prose), *(f"{reader[what]:,.0f}" for reader in readers.values())
        yield "seconds until it is loaded", "", *(f"{reader['ready']:.2f}" for reader in readers.values())

    common.table(("class", "cases", *readers), rows())


if __name__ == "__main__":
    main()
