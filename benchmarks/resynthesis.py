"""What moving a recording to another emotion costs and does, and what verification adds.

    python benchmarks/resynthesis.py ../shared/data/ravdess --clips 24

Clips are neutral ones of RAVDESS, drawn with a seed; each is moved to all eight emotions, the neutral one included.
Cost: seconds of processor time, on one thread, per second of recording. The analysis is part of it.
Agreement: how often the judge of `--verify` hears the asked emotion most (chance is one of eight), and its mean
probability. The shipped recogniser judges where `checkpoints/judge` is missing; it was trained on these very actors.
Words wrong: as the transcriber hears the result after 0.4 s of silence, beside the recording itself.
"""

from __future__ import annotations

import random
from collections import defaultdict

import common
import numpy as np

from pipeline import VoicePipeline
from pipeline.audio import loudness, read_audio
from pipeline.core.emotions import EMOTIONS
from pipeline.core.settings import Settings
from pipeline.synthesis.resynthesis import SAMPLE_RATE, create
from pipeline.transcription.scoring import word_errors


def main() -> None:
    """Measure and print."""
    parser = common.parser(__doc__)
    common.add_data(parser, "ravdess", positional=True)
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strength", type=float, default=1.0)
    arguments = parser.parse_args()

    neutral = [
        recording for recording in common.recordings("ravdess", arguments.data) if recording.emotion == "neutral"
    ]
    clips = random.Random(arguments.seed).sample(neutral, arguments.clips)
    pipeline = VoicePipeline(Settings(threads=1))
    engine = create()
    moving, checking = common.Clock(), common.Clock()
    judged: dict[str, list[tuple[bool, float]]] = {emotion: [] for emotion in EMOTIONS}
    wrong: dict[str, common.Errors] = defaultdict(common.Errors)
    levels: list[float] = []
    judge = ""
    for recording in clips:
        text, clip = recording.sentence, str(recording.path)
        audio = read_audio(clip, sample_rate=SAMPLE_RATE)
        detected = pipeline.recognise(clip).scores
        wrong["recording"].add(word_errors(text, pipeline.verify(clip, text=text).text_heard))
        for emotion in EMOTIONS:
            with moving.of(audio.duration):
                result = common.moved(engine, audio, emotion, detected, arguments.strength)
            with checking.of(result.duration):
                found = pipeline.verify(result, text=text, emotion=emotion)
            judge = found.judge
            judged[emotion].append((bool(found.agrees), found.probability_of_asked or 0.0))
            for group in (emotion, *(["acted"] if emotion != "neutral" else [])):
                wrong[group].add(word_errors(text, found.text_heard))
            levels.append(loudness(result))

    print(f"{len(clips)} neutral clips of {arguments.data.name}, seed {arguments.seed}, strength {arguments.strength}")
    print()
    parts = {"moving, with analysis": moving, "verification": checking}
    common.table(("part", "processor seconds per second"), ((name, f"{one.cost:.3f}") for name, one in parts.items()))
    print(f"\nLoudness {min(levels):.1f} to {max(levels):.1f} LUFS. Judged by {judge}.\n")
    judged["**all but neutral**"] = [one for emotion in EMOTIONS if emotion != "neutral" for one in judged[emotion]]
    wrong["**all but neutral**"] = wrong["acted"]
    rows = []
    for emotion, results in judged.items():
        agrees, probability = np.mean(results, axis=0)
        rows.append((emotion, f"{agrees:.2f}", f"{probability:.2f}", f"{wrong[emotion].share:.1%}"))
    rows.append(("(the recordings)", "", "", f"{wrong['recording'].share:.1%}"))
    common.table(("moved to", "heard most", "mean probability", "words wrong"), rows)


if __name__ == "__main__":
    main()
