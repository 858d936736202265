"""How natural the voices sound, neutral and in each emotion: what DistillMOS says listeners would say, 1 to 5.

    python benchmarks/naturalness.py                                    # the embedded voice, neutral and seven emotions
    python benchmarks/naturalness.py --tts kokoro --emotions neutral
    python benchmarks/naturalness.py --emotions angry sad --strength 1.5 --from 25    # while something is chosen

Needs the extra `naturalness`. Sentences are those of `sentences.txt`. A cell is the mean and its standard error over
the sentences of a voice; the last row is over all voices. `--from` takes other sentences than those of the final table.
The judge is that of `verify`. It knows nothing of the words: a voice that nobody understands can sound natural.
"""

from __future__ import annotations

from collections.abc import Sequence

import common
import numpy as np
from synthesis import SENTENCES

from pipeline.audio import detect_speech, resampled
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.recognition.naturalness import NATURALNESS_JUDGES, naturalness_of
from pipeline.synthesis.prosody.presets import PRESETS


def mean_and_error(scores: Sequence[float]) -> str:
    """Return the mean of some scores and its standard error, as text."""
    error = np.std(scores, ddof=1) / np.sqrt(len(scores)) if len(scores) > 1 else float("nan")
    return f"{np.mean(scores):.2f} ± {error:.2f}"


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--tts", default="embedded", help="the engine that speaks")
    parser.add_argument("--sentences", type=int, default=25, help="how many of the 100 sentences")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them, counted from 0")
    parser.add_argument("--voices", nargs="+", default=list(PRESETS), metavar="VOICE")
    parser.add_argument("--emotions", nargs="+", default=list(EMOTIONS), choices=list(EMOTIONS), metavar="EMOTION")
    parser.add_argument("--strength", type=float, default=1.0)
    arguments = parser.parse_args()
    sentences = SENTENCES[arguments.first :][: arguments.sentences]
    judge = NATURALNESS_JUDGES.create(NATURALNESS_JUDGES.choose(), threads=1)
    engine = common.synthesiser(arguments.tts)

    def score(sentence: str, emotion: str, voice: str) -> float:
        audio = resampled(
            engine.synthesise(sentence, Mood(emotion), voice, strength=arguments.strength).audio, common.RATE
        )
        heard = naturalness_of(judge, audio, detect_speech(audio))
        return judge.score(audio) if heard is None else heard

    everything: dict[str, list[float]] = {emotion: [] for emotion in arguments.emotions}
    acted = [emotion for emotion in arguments.emotions if emotion != "neutral"]

    def row(name: str, scores: dict[str, list[float]]) -> tuple[str, ...]:
        means = [np.mean(scores[emotion]) for emotion in acted]
        summary = (f"{np.mean(means):.2f}", f"{np.min(means):.2f}") if acted else ("", "")
        return name, *(mean_and_error(each) for each in scores.values()), *summary

    print(f"\n## {engine.name}, strength {arguments.strength:g}: {len(sentences)} sentences, judged by {judge.name}\n")

    def rows():
        for voice in arguments.voices:
            scores = {emotion: [score(sentence, emotion, voice) for sentence in sentences] for emotion in everything}
            for emotion, each in scores.items():
                everything[emotion] += each
            yield row(voice, scores)
        yield row("all", everything)

    common.table(("voice", *everything, "acted, mean", "acted, least"), rows())


if __name__ == "__main__":
    main()
