"""How well Mandarin is read: the share of a table of readings that is right in each class, and what it costs.

    python benchmarks/mandarin.py
    python benchmarks/mandarin.py --before ../before               # beside another checkout of this project
    python benchmarks/mandarin.py --packages wetext cn2an nemo     # beside packages that are installed

The table is `tests/frontend/mandarin.tsv`. What counts are the characters that are said, whatever their punctuation.
Speed: the table, and a sentence with three numbers, in processor time. Each reader has a process of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import common

OURS = "from pipeline.frontend.chinese.normalisation import normalise_chinese as read"
PACKAGES = {
    "wetext": "from wetext import Normalizer\nread = Normalizer(lang='zh', operator='tn').normalize",
    "cn2an": "import cn2an\nread = lambda text: cn2an.transform(text, 'an2cn')",
    "nemo": "from nemo_text_processing.text_normalization.normalize import Normalizer\n"
    "read = Normalizer(input_case='cased', lang='zh').normalize",
}
REST = """
import json, sys, time
with open(sys.argv[1], encoding="utf-8") as file:
    texts = [line.split("\\t")[1] for line in file]

def attempt(text):
    try:
        return read(text)
    except Exception as error:  # a reader that fails is wrong
        return type(error).__name__

def timed(work, times):
    began = time.process_time()
    for _ in range(times):
        found = work()
    return found, (time.process_time() - began) / times

read("1")
ready = time.process_time()
sentence = "今天天气很好，我们一起去公园散步，看见许多人在湖边放风筝。他说2024年花了3.5亿元，增长12.5%。"
said, table = timed(lambda: [attempt(text) for text in texts], 1)
_, prose = timed(lambda: read(sentence), 100)
print(json.dumps({"said": said, "ready": ready, "case": table / len(texts), "character": prose / len(sentence)}))
"""


def main() -> None:
    """Print a row for each class and one column for each reader."""
    arguments = common.parser(__doc__)
    arguments.add_argument("--before", type=common.folder, help="another checkout of this project")
    arguments.add_argument("--packages", nargs="*", default=[], choices=sorted(PACKAGES))
    given = arguments.parse_args()
    path = common.ROOT / "tests" / "frontend" / "mandarin.tsv"
    cases = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    readers: dict[str, tuple[str, Path]] = {"now": (OURS, common.ROOT)}
    if given.before:
        readers = {"before": (OURS, given.before)} | readers
    readers |= {name: (PACKAGES[name], common.ROOT) for name in given.packages}
    right: dict[str, Counter[str]] = {}
    costs = {}
    for name, (program, place) in readers.items():
        ran = common.fresh("-c", f"{program}\n{REST}", path, environment={"PYTHONPATH": str(place)}, cwd=place)
        costs[name] = ran.found
        right[name] = Counter(
            group
            for (group, _, spoken), said in zip(cases, ran.found["said"], strict=True)
            if re.fullmatch(spoken, re.sub(r"[\W_]", "", said), re.IGNORECASE)
        )
    count = Counter(group for group, _, _ in cases)
    rows: list[tuple[object, ...]] = [
        (group, count[group], *(each[group] for each in right.values())) for group in count
    ]
    totals = [each.total() for each in right.values()]
    rows.append(("**all**", f"**{len(cases)}**", *(f"{total} ({total / len(cases):.0%})" for total in totals)))
    labels = (("ready", "ready, s of processor time", 1), ("case", "a case of the table, ms", 1e3))
    for what, label, factor in (*labels, ("character", "a character of prose, µs", 1e6)):
        rows.append((label, "", *(f"{cost[what] * factor:.2g}" for cost in costs.values())))
    common.table(("class", "cases", *readers), rows)


if __name__ == "__main__":
    main()
