"""Where each of Kokoro's voices speaks by itself: its usual F0, and how far above it the voice goes.

    python benchmarks/melodies.py > pipeline/synthesis/kokoro/melodies.tsv

Measured on the F0 that Kokoro plans, over all voiced steps of six English sentences, or of four Mandarin ones for the
voices that read Mandarin; no sound is made.
"""

from __future__ import annotations

from pathlib import Path

import common
import numpy as np
from synthesis import SENTENCES

from pipeline.synthesis.kokoro.english import EnglishReader
from pipeline.synthesis.kokoro.mandarin import MandarinReader
from pipeline.synthesis.kokoro.parts import Parts
from pipeline.synthesis.kokoro.voice import Kokoro
from pipeline.synthesis.kokoro.voices import Styles, find_voice, listed_voices
from pipeline.synthesis.sentences import sentences
from pipeline.weights import require

ENGLISH = SENTENCES[:6]
MANDARIN = [
    "今天天气很好，我们去公园走走吧。",
    "他昨天买了三本书和一支笔。",
    "请把桌子上的杯子拿给我。",
    "明天早上八点我们在车站见面。",
]


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--weights", type=Path, help="folder of the parts and voices, if not pulled")
    folder = parser.parse_args().weights or require("kokoro")
    parts, styles = Parts(folder), Styles(folder / "voices")
    american = Kokoro(parts, styles, EnglishReader())
    british = Kokoro(parts, styles, EnglishReader(british=True))
    chinese = Kokoro(parts, styles, MandarinReader(), han=True)
    print("# id, usual F0 in Hz, semitones above it that 2 % of the voice pass: by benchmarks/melodies.py")
    for voice in (find_voice(listed.name) for listed in listed_voices() if "_" in listed.name):
        kokoro = {"b": british, "z": chinese}.get(voice.accent, american)
        texts = MANDARIN if kokoro.han else ENGLISH
        plans = [kokoro.plan(each, voice.preset) for text in texts for each in sentences(text, han=kokoro.han)]
        f0 = np.concatenate([plan.f0[plan.voiced] for plan in plans])
        usual = np.median(f0)
        peak = 12 * np.log2(np.percentile(f0, 98) / usual)
        print(f"{voice.preset.voice.name}\t{usual:.0f}\t{peak:.1f}")


if __name__ == "__main__":
    main()
