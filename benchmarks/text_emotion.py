"""Size and speed of a text model, and what it does together with speech.

    python benchmarks/text_emotion.py speed
    python benchmarks/text_emotion.py negation
    python benchmarks/text_emotion.py fusion --run RUN --data ../shared/data/ravdess --texts ../shared/data/goemotions

`speed`: bytes, milliseconds per sentence on one thread (median of the clock, mean of the processor), seconds of a fresh
process from start to its first answer.

`negation`: the share of `tests/text/negation.tsv` that is read as meant, as written and as spoken text, as it is served
and by the network alone. With `--texts` and `--dialogue`, what the treatment of denials does to the dev parts of
GoEmotions and MELD: both scores, and how many texts get another answer.

`fusion` takes a finished run of `detect.py evaluate` on RAVDESS, whose models judged speakers that they had not heard.
Its clips say two plain sentences, which carry no emotion, so beside their own words (as the chain hears them with
`--heard`) each clip is paired with a comment of GoEmotions' dev part that people found to be in the same emotion.
Weights are fitted on four fifths of the speakers and comments and judged on the fifth; `--save` fits them on all
and writes them into the checkpoint. Contradictions are pairs of a glad comment and a bad voice, and the reverse.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import statistics
from pathlib import Path
from typing import Any

import common
import numpy as np

from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import EmotionScores
from pipeline.recognition.calibration import cross_fitted, low_confidence_threshold, softmax
from pipeline.recognition.checkpoint import MODEL
from pipeline.recognition.fusion import FusionWeights, fitted_weights, fused
from pipeline.recognition.text.recogniser import TextRecogniser
from pipeline.training.corpora import TEXT_CORPORA
from pipeline.training.metrics import confusion, f1
from pipeline.training.speech.evaluation import read_logits
from pipeline.training.splits import speaker_folds
from pipeline.training.text.checkpoints import write_text_card
from tests.text.negation_table import fits, rows

FOLDS = 5
SENTENCE = "I never thought that I would say this, but it was a lovely evening."
FRESH = (
    "import sys; from pathlib import Path; from pipeline.recognition.text.recogniser import TextRecogniser;"
    "TextRecogniser(Path(sys.argv[1]), threads=1).recognise(sys.argv[2])"
)


def speed(checkpoint: Path, texts: Path | None) -> dict[str, Any]:
    recogniser = TextRecogniser(checkpoint, threads=1)
    sentences = [SENTENCE] * 300
    if texts:
        sentences = [text.text for text in TEXT_CORPORA.find("goemotions").read(texts) if text.part == "dev"][:300]
    clocks = [common.Clock() for _ in sentences]
    for sentence, clock in zip(sentences, clocks, strict=True):
        with clock:
            recogniser.recognise(sentence)
    fresh = [common.fresh("-c", FRESH, checkpoint, SENTENCE).seconds for _ in range(5)]
    return {
        "megabytes": round((checkpoint / MODEL).stat().st_size / 1e6, 1),
        "milliseconds_per_sentence": round(1000 * statistics.median(clock.wall for clock in clocks), 2),
        "processor_milliseconds_per_sentence": round(1000 * statistics.mean(clock.processor for clock in clocks), 2),
        "cold_start_seconds": round(statistics.median(fresh), 2),
        "fastest_cold_start_seconds": round(min(fresh), 2),
    }


def negation(checkpoint: Path, corpora: dict[str, Path | None]) -> dict[str, Any]:
    recogniser = TextRecogniser(checkpoint, threads=1)
    table = rows()
    found: dict[str, Any] = {"sentences": len(table)}
    for name, spoken in (("written", False), ("spoken", True)):
        held = collections.defaultdict(list)
        for row in table:
            top = recogniser.recognise(row["text"], spoken=spoken).top
            held[row["kind"]].append(fits(top, row["may be"]))
        alone = recogniser.answers([row["text"] for row in table], spoken=spoken).logits.argmax(axis=1)
        right = [fits(recogniser.card.labels[place], row["may be"]) for place, row in zip(alone, table, strict=True)]
        found[name] = {"all": round(float(np.mean([each for kind in held.values() for each in kind])), 3)}
        found[name]["network_alone"] = round(float(np.mean(right)), 3)
        found[name] |= {kind: f"{sum(each)} of {len(each)}" for kind, each in held.items()}
    return found | {name: _served(recogniser, name, folder) for name, folder in corpora.items() if folder}


def _served(recogniser: TextRecogniser, corpus: str, folder: Path) -> dict[str, Any]:
    """Return the scores of a dev part by the network alone and as it is served."""
    source = TEXT_CORPORA.find(corpus)
    texts = [text for text in source.read(folder) if text.part == "dev" and len(text.emotions) == 1]
    labels = recogniser.card.labels
    true = np.array([labels.index(text.emotions[0]) for text in texts])
    alone = recogniser.answers([text.text for text in texts], spoken=source.spoken).logits.argmax(axis=1)
    scores = [recogniser.recognise(text.text, spoken=source.spoken) for text in texts]
    served = np.array([labels.index(each.top) for each in scores])
    other = served != alone
    return {
        "texts": len(texts),
        "macro_f1": {
            name: round(float(f1(confusion(true, answers, len(labels))[None]).mean()), 4)
            for name, answers in (("network", alone), ("served", served))
        },
        "read_in_other_words": sum(bool(each.notes) for each in scores),
        "another_answer": int(other.sum()),
        "better": int((other & (served == true)).sum()),
        "worse": int((other & (alone == true)).sum()),
    }


def fusion(checkpoint: Path, run: Path, data: Path, texts: Path, *, heard: Path | None, save: bool) -> dict[str, Any]:
    recordings = common.recordings("ravdess", data)
    labels = np.array([EMOTIONS.index(recording.emotion) for recording in recordings])
    folds = speaker_folds([recording.speaker for recording in recordings], FOLDS)
    voice = cross_fitted(read_logits(run, (0,), folds[None])[0], labels, folds)
    voice_unsure = low_confidence_threshold(voice, labels)
    recogniser = TextRecogniser(checkpoint, threads=1)
    spoken = _transcripts(recordings, heard) if heard else [recording.sentence for recording in recordings]
    known = {text: recogniser.recognise(text, spoken=True) for text in set(spoken) if text}
    own = [known.get(text) for text in spoken]
    comments = [
        text for text in TEXT_CORPORA.find("goemotions").read(texts) if text.part == "dev" and len(text.emotions) == 1
    ]
    written = [
        EmotionScores(
            recogniser.card.labels,
            tuple(row.tolist()),
            recogniser.name,
            calibrated=True,
            unsure_below=recogniser.card.unsure_below,
        )
        for row in softmax(recogniser.answers([text.text for text in comments]).logits, recogniser.card.temperature)
    ]
    random = np.random.default_rng(0)
    by_emotion = {
        emotion: [place for place, text in enumerate(comments) if text.emotions[0] == emotion] for emotion in EMOTIONS
    }

    def pair(emotion: str, fold: int) -> EmotionScores:
        places = by_emotion["neutral" if emotion == "calm" else emotion]
        return written[int(random.choice([place for place in places if place % FOLDS == fold]))]

    paired = [pair(EMOTIONS[label], int(fold)) for label, fold in zip(labels, folds, strict=True)]
    speech = [
        EmotionScores(EMOTIONS, tuple(row.tolist()), "speech", calibrated=True, unsure_below=voice_unsure)
        for row in voice
    ]
    names = recogniser.card.labels
    plain = [part or EmotionScores(names, (1.0, *[0.0] * (len(names) - 1)), "none") for part in own]
    words = np.array([part.probabilities for part in (*plain, *paired)])
    twice, both_labels, both_folds = np.concatenate([voice, voice]), np.tile(labels, 2), np.tile(folds, 2)

    def fit(rows: np.ndarray) -> FusionWeights:
        return fitted_weights(twice[rows], EMOTIONS, words[rows], names, both_labels[rows])

    weights = {fold: fit(both_folds != fold) for fold in range(FOLDS)}

    def right(parts: list[EmotionScores | None]) -> float:
        found = [fused(speech[row], part, weights[int(folds[row])]).scores.top for row, part in enumerate(parts)]
        return float(np.mean([EMOTIONS.index(top) == label for top, label in zip(found, labels, strict=True)]))

    glad, bad = EMOTIONS.index("happy"), [EMOTIONS.index(name) for name in ("sad", "angry", "fearful", "disgusted")]
    opposed = [row for row, label in enumerate(labels) if label == glad or label in bad]
    against = [pair("angry" if labels[row] == glad else "happy", int(folds[row])) for row in opposed]

    def told_of(row: int, part: EmotionScores) -> bool:
        """Return whether a contradiction is reported as certain: the voice alone decides then."""
        found = fused(speech[row], part, weights[0])
        return bool(found.contradiction) and found.used == ("speech",)

    told = [told_of(row, part) for row, part in zip(opposed, against, strict=True)]
    sure = [not (speech[row].unsure or part.unsure) for row, part in zip(opposed, against, strict=True)]
    agreeing = [told_of(row, paired[row]) for row in opposed]
    result = {
        "clips": len(labels),
        "voice_alone": float((voice.argmax(axis=1) == labels).mean()),
        "with_its_own_words": right(own),
        "voice_alone_again": right([None] * len(labels)),
        "words_of_the_same_emotion_alone": float(
            np.mean([part.top == ("neutral" if EMOTIONS[label] == "calm" else EMOTIONS[label])
                     for part, label in zip(paired, labels, strict=True)])
        ),
        "with_words_of_the_same_emotion": right(list(paired)),
        "contradictions_told": float(np.mean(told)),
        "contradictions_told_where_both_are_sure": float(np.mean(np.array(told)[np.array(sure)])),
        "contradictions_told_of_agreeing_pairs": float(np.mean(agreeing)),
        "own_words_read_as": {
            text: f"{part.top} {part.confidence:.2f}{' (unsure)' if part.unsure else ''}"
            for text, part in sorted(known.items(), key=lambda entry: -spoken.count(entry[0]))[:6]
        },
        "weights": {fold: weights[fold].to_dict() for fold in weights},
    }  # fmt: skip
    if save:
        final = fit(np.ones(len(both_labels), bool))
        write_text_card(checkpoint, dataclasses.replace(recogniser.card, fusion=final.to_dict()))
        result["saved"] = final.to_dict()
    return result


def _transcripts(recordings: Any, kept: Path) -> list[str]:
    """Return what the chain hears in every clip; kept in a file, for it takes minutes."""
    known: dict[str, str] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    missing = [recording for recording in recordings if recording.path.stem not in known]
    if missing:
        from pipeline import VoicePipeline

        pipeline = VoicePipeline()
        for recording in missing:
            known[recording.path.stem] = pipeline.transcribe(recording.path).text
        kept.write_text(json.dumps(known), encoding="utf-8")
    return [known[recording.path.stem] for recording in recordings]


def main() -> None:
    parser = common.parser(__doc__)
    verbs = parser.add_subparsers(dest="what", required=True)
    for verb in ("speed", "negation", "fusion"):
        options = verbs.add_parser(verb)
        options.add_argument("--checkpoint", type=Path, default=Path("checkpoints/text"))
        options.add_argument("--texts", type=common.folder, help="folder of GoEmotions", required=verb == "fusion")
        if verb == "negation":
            options.add_argument("--dialogue", type=common.folder, help="folder of MELD")
    options.add_argument("--run", type=Path, required=True)
    options.add_argument("--data", type=common.folder, default="../shared/data/ravdess", help="folder of RAVDESS")
    options.add_argument("--heard", type=Path, help="JSON file that keeps what the chain hears in the clips")
    options.add_argument("--save", action="store_true")
    given = parser.parse_args()
    if given.what == "speed":
        found = speed(given.checkpoint, given.texts)
    elif given.what == "negation":
        found = negation(given.checkpoint, {"goemotions": given.texts, "meld": given.dialogue})
    else:
        found = fusion(given.checkpoint, given.run, given.data, given.texts, heard=given.heard, save=given.save)
    common.report(found)


if __name__ == "__main__":
    main()
