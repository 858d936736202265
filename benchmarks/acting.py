"""Whether the emotion is heard: agreement of judges with the emotion that a voice was asked for.

    python benchmarks/acting.py --judges egemaps is09                 # while rules are chosen
    python benchmarks/acting.py --final --words --strengths 0.5 1 1.5   # for the figures of docs/acting.md
    python benchmarks/acting.py --final --words --moved 20              # neutral recordings moved by resynthesis

Renders sentences (the first of `synthesis.py`) in every voice and emotion and asks the judges of `judges.py`
(there is who they are, what they were trained on, and which of them tuning may see) which of the seven emotions
they hear; chance is 0.14. They know the voice's neutral: the mean over its neutral sentences.
Words wrong are heard by Moonshine tiny as in `synthesis.py`, and given as points above the same voice's neutral.
Tones told apart: x-vectors (pyannote/embedding) of all emotions, a shrunk discriminant learned on every other sentence
and asked about the rest.
With `--moved N` neutral clips of RAVDESS, two of each actor, are moved to every emotion by resynthesis instead; the
neutral that the judges know is the same clips moved to neutral. The judges have heard these actors: read it as that.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from judges import ACTED, FINAL, TUNING, Judge, features, heard, recordings, trained
from synthesis import SENTENCES, Listener, wrong_words

from pipeline.audio import limited, read_audio, resampled
from pipeline.audio.speaker_embeddings import embedding
from pipeline.core.emotions import Mood
from pipeline.core.values import Audio
from pipeline.recognition import RECOGNISERS
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.prosody.tones import TONES
from pipeline.synthesis.resynthesis import SAMPLE_RATE, create
from pipeline.training.corpora import Recording, read_ravdess


def spoken(
    engine: Any, sentences: Sequence[str], voices: Sequence[str], emotion: str, strength: float
) -> Iterator[tuple[str, str, Audio]]:
    """Yield voice, sentence and sound."""
    for voice in voices:
        for sentence in sentences:
            yield voice, sentence, engine.synthesise(sentence, Mood(emotion), voice, strength=strength).audio


def moved(count: int, data: Path) -> Callable[[str, float], Iterator[tuple[str, str, Audio]]]:
    """Return what yields actor, sentence and sound of neutral recordings that were moved to an emotion."""
    recogniser, engine = RECOGNISERS.create(RECOGNISERS.choose("auto"), threads=1), create()
    neutral: dict[str, list[Recording]] = defaultdict(list)
    for recording in read_ravdess(data):
        if recording.emotion == "neutral":
            neutral[recording.speaker].append(recording)
    chosen = [recording for own in neutral.values() for recording in own[::2][:2]][:count]
    clips = [(clip, read_audio(str(clip.path), sample_rate=SAMPLE_RATE)) for clip in chosen]
    detected = [recogniser.recognise(resampled(audio, 16_000)) for _, audio in clips]

    def render(emotion: str, strength: float) -> Iterator[tuple[str, str, Audio]]:
        for (clip, audio), scores in zip(clips, detected, strict=True):
            asked = [(phrase, Mood(emotion)) for phrase in engine.phrases(audio)]
            pieces = engine.resynthesise(audio, asked, scores, strength=strength)
            parts = [speech.audio.samples for *_, speech in pieces]
            yield clip.speaker, clip.sentence, limited(Audio(np.concatenate(parts), SAMPLE_RATE))

    return render


def wrong_share(clips: Sequence[tuple[str, str, Audio]], listener: Listener) -> float:
    """Return the share of words that are heard wrongly."""
    errors = np.array([wrong_words(sentence, listener.hear(audio)) for _, sentence, audio in clips])
    return float(errors[:, 0].sum() / errors[:, 1].sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--judges", nargs="+", default=list(TUNING), choices=[*FINAL, *TUNING], metavar="JUDGE")
    parser.add_argument("--final", action="store_true", help="ask the judges that tuning never saw, too")
    parser.add_argument("--sentences", type=int, default=20)
    parser.add_argument("--voices", nargs="+", default=list(TONES), choices=list(TONES), metavar="VOICE")
    parser.add_argument("--moved", type=int, default=0, metavar="N", help="neutral recordings moved by resynthesis")
    parser.add_argument("--strengths", nargs="+", type=float, default=[1.0])
    parser.add_argument("--words", action="store_true", help="count the words that are heard wrongly")
    parser.add_argument("--tones", action="store_true", help="tell the voices apart in every emotion")
    parser.add_argument("--ravdess", type=Path, default=Path("../shared/data/ravdess"))
    parser.add_argument("--tess", type=Path, default=Path("../shared/data/tess"))
    parser.add_argument("--cache", type=Path, default=Path("runs/judges"), help="where features of the corpora are")
    arguments = parser.parse_args()
    names = list(dict.fromkeys([*arguments.judges, *(FINAL if arguments.final else ())]))

    listener = Listener() if arguments.words else None
    sentences = SENTENCES[: arguments.sentences]
    corpora = recordings(arguments.ravdess, arguments.tess)
    judges = [trained(name, corpora, arguments.cache) for name in names]

    if arguments.moved:
        render = moved(arguments.moved, arguments.ravdess)
        arguments.engine = "resynthesis"
    else:
        engine: Any = SYNTHESISERS.create(SYNTHESISERS.choose(arguments.engine), threads=1)
        render = partial(spoken, engine, sentences, arguments.voices)
    neutral = list(render("neutral", 1.0))
    arguments.voices = list(dict.fromkeys(voice for voice, *_ in neutral))
    references = references_of(judges, neutral)
    usual = wrong_share(neutral, listener) if listener else 0.0
    if listener:
        print(f"words wrong, neutral: {usual:.1%}")
    for strength in arguments.strengths:
        started, sounded = time.process_time(), 0.0
        answers: dict[tuple[str, str], list[str]] = defaultdict(list)
        right: dict[tuple[str, str], list[bool]] = defaultdict(list)
        words = {}
        identities: dict[str, list[tuple[str, str, Any]]] = {}
        for emotion in ACTED:
            clips = list(render(emotion, strength))
            if arguments.tones:
                identities[emotion] = [(voice, text, embedding(heard(audio).samples)) for voice, text, audio in clips]
            if listener:
                words[emotion] = wrong_share(clips, listener) - usual
            for voice, _, audio in clips:
                sounded += audio.duration
                clip = heard(audio)
                for judge in judges:
                    value = features(judge.name, clip)[None] - references[judge.name, voice]
                    answer = ACTED[int(judge.scores(value).argmax())]
                    answers[judge.name, emotion].append(answer)
                    for group in (emotion, voice, "all"):
                        right[judge.name, group].append(answer == emotion)
        said = arguments.moved or len(sentences)
        print(f"\n## {arguments.engine}, strength {strength:g}: {said} sentences, {len(ACTED)} emotions\n")
        print(f"| judge | all | {' | '.join(ACTED)} | {' | '.join(arguments.voices)} |")
        print("|---" * (2 + len(ACTED) + len(arguments.voices)) + "|")
        for name in names:
            groups = ("all", *ACTED, *arguments.voices)
            shares = " | ".join(f"{np.mean(right[name, group]):.2f}" for group in groups)
            print(f"| {name} | {shares} |")
        if listener:
            points = " | ".join(f"{100 * words[emotion]:+.1f}" for emotion in ACTED)
            print(f"| words wrong, points | {100 * np.mean(list(words.values())):+.1f} | {points} |")
        if arguments.tones:
            told = " | ".join(f"{share:.2f}" for share in tones_told(identities, sentences).values())
            print(f"| tones told apart | {told} |")
        for name in names:
            wrong = {
                emotion: {answer: given.count(answer) for answer in ACTED if given.count(answer)}
                for (judge, emotion), given in answers.items()
                if judge == name
            }
            print(f"\n{name} answered: " + "; ".join(f"{emotion}: {given}" for emotion, given in wrong.items()))
        print(f"\n{time.process_time() - started:.0f} s of processor time for {sounded:.0f} s of sound", flush=True)


def tones_told(identities: dict[str, list[tuple[str, str, Any]]], sentences: Sequence[str]) -> dict[str, float]:
    """Return the share of clips whose voice is told by its x-vector: of all, and of each emotion."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    learned = set(sentences[::2])
    rows = [(emotion, *row) for emotion, clips in identities.items() for row in clips]
    train = [row for row in rows if row[2] in learned]
    test = [row for row in rows if row[2] not in learned]
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    model.fit(np.stack([row[3] for row in train]), [row[1] for row in train])
    right = model.predict(np.stack([row[3] for row in test])) == [row[1] for row in test]
    shares = {"all": float(np.mean(right))}
    for emotion in identities:
        shares[emotion] = float(np.mean([answer for answer, row in zip(right, test, strict=True) if row[0] == emotion]))
    return shares


def references_of(judges: Sequence[Judge], neutral: Sequence[tuple[str, str, Audio]]) -> dict[tuple[str, str], Any]:
    """Return what each judge keeps of each voice's neutral."""
    rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for voice, _, audio in neutral:
        clip = heard(audio)
        for judge in judges:
            rows[judge.name, voice].append(features(judge.name, clip))
    by_name = {judge.name: judge for judge in judges}
    return {key: by_name[key[0]].reference(np.stack(values)) for key, values in rows.items()}


if __name__ == "__main__":
    main()
