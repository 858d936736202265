"""How well a timeline follows emotions that change, and from how much speech an answer can be trusted.

    python benchmarks/timeline.py ../shared/data/ravdess

The shipped model was trained on these clips: the figures compare windows, they do not tell how good the model is.
"""

from __future__ import annotations

from itertools import pairwise

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.core.values import Audio
from pipeline.recognition.speech.conditioning import phrases

SPEAKERS = 4
CLIPS = 12


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser, "ravdess", positional=True)
    recordings = common.recordings("ravdess", parser.parse_args().data)
    recogniser = common.recogniser("cnn1d")
    random = np.random.default_rng(0)
    raw = held = right_raw = right_held = judged = true_changes = 0
    for speaker in sorted({recording.speaker for recording in recordings})[:: 20 // SPEAKERS]:
        own = [recording for recording in recordings if recording.speaker == speaker]
        chosen = [own[index] for index in random.choice(len(own), CLIPS, replace=False)]
        sounds = [read_audio(recording.path).samples for recording in chosen]
        ends = np.cumsum([len(sound) for sound in sounds]) / common.RATE
        windows = recogniser.timeline(Audio(np.concatenate(sounds), common.RATE)).windows
        tops = [max(window.probabilities, key=lambda label: window.probabilities[label]) for window in windows]
        labels = [window.emotion for window in windows]
        middles = [(window.start + window.end) / 2 for window in windows]
        truth = [chosen[min(int(np.searchsorted(ends, middle)), CLIPS - 1)].emotion for middle in middles]
        raw += sum(before != after for before, after in pairwise(tops))
        held += sum(before != after for before, after in pairwise(labels))
        true_changes += sum(before != after for before, after in pairwise(truth))
        right_raw += sum(top == true for top, true in zip(tops, truth, strict=True))
        right_held += sum(label == true for label, true in zip(labels, truth, strict=True))
        judged += len(windows)
    print(f"{judged} windows, {true_changes} changes of the acted emotion")
    print(f"most likely emotion: {raw} changes, {right_raw / judged:.1%} of the windows right")
    print(f"with hysteresis:     {held} changes, {right_held / judged:.1%} of the windows right")

    for seconds in (0.25, 0.5, 0.75, 1.0, 1.5):
        same = []
        for recording in recordings[::20]:
            whole = max(phrases(read_audio(recording.path)), key=lambda phrase: phrase.speech, default=None)
            if whole is None or whole.end - whole.start <= seconds:
                continue
            start = int(random.integers(0, len(whole.samples) - round(seconds * common.RATE)))
            part = whole.samples[start : start + round(seconds * common.RATE)]
            answers = [recogniser.probabilities(sound).argmax() for sound in (whole.samples, part)]
            same.append(answers[0] == answers[1])
        print(f"{seconds:.2f} s of speech: the answer of the whole clip in {np.mean(same):.0%} of {len(same)} clips")


if __name__ == "__main__":
    main()
