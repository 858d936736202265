"""How often the judge of `verify`, or the emotion recogniser in its place, hears what a voice was asked for.

    python benchmarks/judge_agreement.py                 # 20 sentences, four presets, seven emotions
    python benchmarks/judge_agreement.py --moved 40      # neutral recordings of RAVDESS, moved by resynthesis

As `verify` does, each sound is judged beside the same voice's neutral of the same sentence; seven answers, chance 0.14.
The sentences are the first of `sentences.txt`. Both have heard RAVDESS's actors, from whom the acting was learned.
How often the judge is right about natural speech of actors whom it never heard says `checkpoints/judge/MODEL_CARD.md`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import common
import numpy as np
from acting import add_rendering, answered, renderer
from judges import ACTED

from pipeline.audio import resampled
from pipeline.core.engines import capabilities_of
from pipeline.recognition import COMPARISON
from pipeline.recognition.judges import JUDGES


def main() -> None:
    parser = common.parser(__doc__)
    add_rendering(parser)
    parser.add_argument("--strength", type=float, default=1.0)
    arguments = parser.parse_args()
    ears: dict[str, Any] = {
        "judge": JUDGES.create(JUDGES.find("judge"), threads=1),
        "recogniser": common.recogniser(),
    }
    for name, one in ears.items():
        if COMPARISON not in capabilities_of(one):
            raise SystemExit(f"The {name} cannot compare a voice with its own neutral.")
    render = renderer(arguments)
    neutral = [resampled(audio, common.RATE) for *_, audio in render("neutral", 1.0)]
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    likely: dict[str, list[float]] = defaultdict(list)
    answers: dict[tuple[str, str], list[str]] = defaultdict(list)
    voices = () if arguments.moved else tuple(arguments.voices)
    for emotion in ACTED:
        for (voice, _, audio), plain in zip(render(emotion, arguments.strength), neutral, strict=True):
            for name, one in ears.items():
                scores = one.score_against_neutral(resampled(audio, common.RATE), plain)
                likely[name].append(dict(zip(scores.labels, scores.probabilities, strict=True))[emotion])
                answers[name, emotion].append(scores.top)
                for group in {"all", emotion, *({voice} & {*voices})}:
                    right[name, group].append(scores.top == emotion)
    groups = ("all", *ACTED, *voices)
    common.table(
        ("ears", *groups, "probability of the asked"),
        (
            (name, *(f"{np.mean(right[name, group]):.2f}" for group in groups), f"{np.mean(likely[name]):.2f}")
            for name in ears
        ),
    )
    answered(answers, ears)


if __name__ == "__main__":
    main()
