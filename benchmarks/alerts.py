"""Which alerts of calls are right, on corpora that the emotion model never heard.

    python benchmarks/alerts.py runs/cnn1d-corpus      # after the training of configs/cnn1d.yaml

Calls are made of one speaker's clips: eight moods of three clips each, drawn anew for each call, and each clip is a
segment of three seconds, judged alone or knowing the speaker's others in the call. An alert is right if the speaker
plays its emotion in at least half of its segments; a mood is found if an alert of its emotion meets it.
"""

from __future__ import annotations

from pathlib import Path

import common
import numpy as np

from pipeline.alerts.rules import AlertRule, find_alerts
from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import EmotionScores, Segment
from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech.speaker import judged_together
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.speech.left_out import abroad

WATCHED = ("angry", "sad")
THRESHOLDS = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
MOODS, CLIPS, SECONDS = 8, 3, 3.0
"""Moods of a call, clips of each, and seconds of each clip."""
MOST = 16
"""Segments of a speaker beyond which more say no more, as in the product."""
CALLS = 120
"""Of each corpus, shared among its speakers."""
CHOOSING, WANTED = "angry", 0.5
"""Emotion by whose alerts a threshold is chosen, and the share of them that must be right on every corpus."""


def calls(labels, speakers, random):
    """Yield places of the clips of each call."""
    people = np.unique(speakers)
    for person in people:
        own = speakers == person
        present = np.unique(labels[own])
        for _ in range(-(-CALLS // len(people))):
            moods = random.permutation(np.resize(random.permutation(present), MOODS))
            yield np.concatenate(
                [random.choice(np.flatnonzero(own & (labels == mood)), CLIPS, replace=False) for mood in moods]
            )


def counted(probabilities, labels, rule, unsure_below):
    """Return for each watched emotion alerts, those that are right, moods, and those that are found."""
    segments = [
        Segment(
            SECONDS * place,
            SECONDS * (place + 1),
            "",
            speaker="customer",
            emotion=EmotionScores(EMOTIONS, tuple(row.tolist()), "cnn1d", unsure_below=unsure_below),
        )
        for place, row in enumerate(probabilities)
    ]
    alerts = find_alerts(segments, rule)
    moods = labels[::CLIPS]
    found = {}
    for name in WATCHED:
        number = EMOTIONS.index(name)
        spans = [
            np.arange(round(each.start / SECONDS), round(each.end / SECONDS)) for each in alerts if each.emotion == name
        ]
        met = {int(place) // CLIPS for span in spans for place in span}
        found[name] = np.array(
            [
                len(spans),
                sum(float(np.mean(labels[span] == number)) >= 0.5 for span in spans),
                np.sum(moods == number),
                sum(moods[mood] == number for mood in met),
            ]
        )
    return found


def main() -> None:
    """Print a row for each threshold, and what is chosen where a corpus is left out."""
    parser = common.parser(__doc__)
    parser.add_argument("run", type=Path)
    arguments = parser.parse_args()
    recordings, logits, judged = common.answers(arguments.run)
    found = abroad(logits, recordings)
    labels, names = numbers_of(recordings), np.array([each.corpus for each in recordings])
    people = np.array([each.speaker for each in recordings])
    counts: dict[tuple[str, str, float], dict[str, np.ndarray]] = {}
    for corpus, told in found.corpora.items():
        own = np.flatnonzero(judged & (names == corpus))
        for clips in calls(labels[own], people[own], np.random.default_rng(0)):
            alone = softmax(logits[0][own[clips]], told["temperature"])
            for state, answers in (("alone", alone), ("known", judged_together(alone, MOST, told["known_gain"]))):
                for threshold in THRESHOLDS:
                    rule = AlertRule(WATCHED, threshold, round(threshold - 0.1, 2))
                    new = counted(answers, labels[own[clips]], rule, found.unsure_below)
                    sums = counts.setdefault((corpus, state, threshold), {})
                    for name, values in new.items():
                        sums[name] = sums.get(name, 0) + values

    def precision(corpus, threshold):
        """Return the share of alerts for a known speaker that are right; 0 if there are none."""
        alerts, right = counts[corpus, "known", threshold][CHOOSING][:2]
        return right / max(1, alerts)

    rows = []
    for state in ("alone", "known"):
        for threshold in THRESHOLDS:
            for name in WATCHED:
                row = [state, f"{threshold:g}", name]
                for corpus in found.corpora:
                    alerts, right, moods, met = counts[corpus, state, threshold][name]
                    row.append(f"{right} of {alerts}, {met / max(1, moods):.0%}")
                rows.append(row)
    common.table(("speaker", "from", "emotion", *(f"{name}: right, found" for name in found.corpora)), rows)

    def chosen(corpora):
        """Return the lowest threshold at which enough of the alerts of known speakers are right, or the highest."""
        enough = [each for each in THRESHOLDS if min(precision(name, each) for name in corpora) >= WANTED]
        return min(enough, default=THRESHOLDS[-1])

    print()
    for corpus in found.corpora:
        threshold = chosen([name for name in found.corpora if name != corpus])
        print(f"{corpus}: {threshold:g} by the others, {precision(corpus, threshold):.0%} of its alerts are right")
    print(f"all: {chosen(found.corpora):g}")


if __name__ == "__main__":
    main()
