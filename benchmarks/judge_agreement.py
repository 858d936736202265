"""How often the judge of `verify`, or the emotion recogniser in its place, hears what a voice was asked for.

    python benchmarks/judge_agreement.py                 # 20 sentences, four tones, seven emotions
    python benchmarks/judge_agreement.py --moved 40      # neutral recordings of RAVDESS, moved by resynthesis

As `verify` does, each sound is judged beside the same voice's neutral of the same sentence; seven answers, chance 0.14.
The sentences are the first of `synthesis.py`. Both have heard RAVDESS's actors, from whom the acting was learnt.
How often the judge is right about natural speech of actors whom it never heard says `checkpoints/judge/MODEL_CARD.md`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from acting import moved, spoken
from judges import ACTED
from synthesis import SENTENCES

from pipeline.audio import resampled
from pipeline.recognition import RECOGNISERS, ComparingRecogniser
from pipeline.recognition.judges import JUDGES
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.prosody.tones import TONES

RATE = 16_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--sentences", type=int, default=20)
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--moved", type=int, default=0, metavar="N", help="neutral recordings moved by resynthesis")
    parser.add_argument("--ravdess", type=Path, default=Path("../shared/data/ravdess"))
    arguments = parser.parse_args()
    ears: dict[str, Any] = {
        "judge": JUDGES.create(JUDGES.find("judge"), threads=1),
        "recogniser": RECOGNISERS.create(RECOGNISERS.choose("auto"), threads=1),
    }
    if arguments.moved:
        render = moved(arguments.moved, arguments.ravdess)
    else:
        engine: Any = SYNTHESISERS.create(SYNTHESISERS.choose(arguments.engine), threads=1)
        render = partial(spoken, engine, SENTENCES[: arguments.sentences], list(TONES))
    neutral = [resampled(audio, RATE) for *_, audio in render("neutral", 1.0)]
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    likely: dict[str, list[float]] = defaultdict(list)
    answers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for emotion in ACTED:
        for (voice, _, audio), plain in zip(render(emotion, arguments.strength), neutral, strict=True):
            for name, one in ears.items():
                if not isinstance(one, ComparingRecogniser):
                    raise SystemExit(f"The {name} cannot compare a voice with its own neutral.")
                scores = one.beside(resampled(audio, RATE), plain)
                likely[name].append(dict(zip(scores.labels, scores.probabilities, strict=True))[emotion])
                answers[name, emotion].append(scores.top)
                for group in ("all", emotion, *(() if arguments.moved else (voice,))):
                    right[name, group].append(scores.top == emotion)
    groups = ["all", *ACTED, *(() if arguments.moved else TONES)]
    print(f"| ears | {' | '.join(groups)} | probability of the asked |")
    print("|---" * (2 + len(groups)) + "|")
    for name in ears:
        shares = " | ".join(f"{np.mean(right[name, group]):.2f}" for group in groups)
        print(f"| {name} | {shares} | {np.mean(likely[name]):.2f} |")
    for name in ears:
        told = {e: {a: answers[name, e].count(a) for a in ACTED if answers[name, e].count(a)} for e in ACTED}
        print(f"\n{name} answered: " + "; ".join(f"{emotion}: {given}" for emotion, given in told.items()))


if __name__ == "__main__":
    main()
