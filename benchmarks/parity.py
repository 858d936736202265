"""How far the parts into which Kokoro's official graph is cut depart from the whole: greatest difference in amplitude.

    python benchmarks/parity.py            # all voices, one sentence; needs models pull kokoro

Encoder, repeated tokens, predictor and decoder run one after the other, and the whole graph beside them.
"""

from __future__ import annotations

from pathlib import Path

import common

from pipeline.synthesis.kokoro.splitting import difference
from pipeline.synthesis.kokoro.voices import Styles, find_voice
from pipeline.weights import require

SYMBOLS = 24
"""Length of the sentence that `difference` says, which chooses the style of a voice."""


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("voices", nargs="*", help="ids or mixtures; all that are there by default")
    parser.add_argument("--weights", type=Path, help="folder of Kokoro's graph, parts and voices, if not pulled")
    arguments = parser.parse_args()
    folder = arguments.weights or require("kokoro")
    styles = Styles(folder / "voices")
    names = arguments.voices or sorted(path.stem for path in (folder / "voices").glob("*.bin"))
    far = {name: difference(folder, styles.style(find_voice(name), SYMBOLS)) for name in names}
    worst = max(far, key=far.__getitem__)
    print(f"{len(far)} voices, greatest difference {far[worst]:.1e} ({worst})")


if __name__ == "__main__":
    main()
