"""Whether the emotion is heard: agreement of judges with the emotion that a voice was asked for.

    python benchmarks/acting.py --judges egemaps is09 --skip 40       # while rules are chosen
    python benchmarks/acting.py --final --words --strengths 0.5 1 1.5   # for the figures of docs/acting.md
    python benchmarks/acting.py --final --words --moved 20              # neutral recordings moved by resynthesis

Renders sentences (the first of `sentences.txt`, or those after `--skip`: what rules are chosen with is not what the
figures are of) in every voice and emotion and asks the judges of `judges.py`
(there is who they are, what they were trained on, and which of them tuning may see) which of the seven emotions
they hear; chance is 0.14. They know the voice's neutral: the mean over its neutral sentences.
Words wrong are heard by Moonshine tiny as in `synthesis.py`, and given as points above the same voice's neutral.
Presets told apart: x-vectors (pyannote/embedding) of all emotions, a shrunk discriminant learned on every other
sentence and asked about the rest.
With `--moved N` neutral clips of RAVDESS, two of each actor, are moved to every emotion by resynthesis instead; the
neutral that the judges know is the same clips moved to neutral. The judges have heard these actors: read it as that.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np
from judges import ACTED, FINAL, TUNING, Judge, features, heard, recordings, trained
from synthesis import SENTENCES, wrong_words

from pipeline.audio import read_audio, resampled
from pipeline.audio.speaker_embeddings import embedding
from pipeline.core.emotions import Mood
from pipeline.core.values import Audio
from pipeline.synthesis.prosody.presets import PRESETS
from pipeline.synthesis.resynthesis import SAMPLE_RATE
from pipeline.training.corpora import Recording

Said = tuple[str, str, Audio]
"""Voice or actor, sentence and sound."""


def add_rendering(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is rendered."""
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--sentences", type=int, default=20)
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="sentences to leave out at the beginning")
    parser.add_argument("--voices", nargs="+", default=list(PRESETS), choices=list(PRESETS), metavar="VOICE")
    parser.add_argument("--moved", type=int, default=0, metavar="N", help="neutral recordings moved by resynthesis")
    common.add_data(parser, "ravdess", "tess")


def chosen(arguments: argparse.Namespace) -> list[str]:
    """Return the sentences that are rendered."""
    return SENTENCES[arguments.skip :][: arguments.sentences]


def renderer(arguments: argparse.Namespace) -> Callable[[str, float], Iterator[Said]]:
    """Return what renders everything in an emotion at a strength."""
    if arguments.moved:
        arguments.engine = "resynthesis"
    engine = common.synthesiser(arguments.engine)

    def spoken(emotion: str, strength: float) -> Iterator[Said]:
        for voice in arguments.voices:
            for sentence in chosen(arguments):
                yield voice, sentence, engine.synthesise(sentence, Mood(emotion), voice, strength=strength).audio

    if not arguments.moved:
        return spoken
    neutral: dict[str, list[Recording]] = defaultdict(list)
    for recording in common.recordings("ravdess", arguments.ravdess):
        if recording.emotion == "neutral":
            neutral[recording.speaker].append(recording)
    some = [recording for own in neutral.values() for recording in own[::2][:2]][: arguments.moved]
    clips = [(clip, read_audio(str(clip.path), sample_rate=SAMPLE_RATE)) for clip in some]
    recogniser = common.recogniser()
    detected = [recogniser.recognise(resampled(audio, common.RATE)) for _, audio in clips]

    def moved(emotion: str, strength: float) -> Iterator[Said]:
        for (clip, audio), scores in zip(clips, detected, strict=True):
            yield clip.speaker, clip.sentence, common.moved(engine, audio, emotion, scores, strength)

    return moved


def answered(answers: Mapping[tuple[str, str], Sequence[str]], names: Iterable[str]) -> None:
    """Print which emotions each judge heard for each that was asked."""
    for name in names:
        counts = {emotion: Counter(given) for (judge, emotion), given in answers.items() if judge == name}
        told = (f"{e}: { ({a: given[a] for a in ACTED if given[a]}) }" for e, given in counts.items())
        print(f"\n{name} answered: {'; '.join(told)}")


def wrong_share(clips: Sequence[Said], listener: Any) -> float:
    """Return the share of words that are heard wrongly."""
    errors = common.Errors()
    for _, sentence, audio in clips:
        errors.add(wrong_words(sentence, common.words(listener, audio, silence=common.SILENCE)))
    return errors.share


def tones_told(identities: dict[str, list[tuple[str, str, Any]]], sentences: Sequence[str]) -> list[float]:
    """Return the share of clips whose voice is told by its x-vector: of all, and of each emotion."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    learned = set(sentences[::2])
    rows = [(emotion, *row) for emotion, clips in identities.items() for row in clips]
    train = [row for row in rows if row[2] in learned]
    test = [row for row in rows if row[2] not in learned]
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    model.fit(np.stack([row[3] for row in train]), [row[1] for row in train])
    right = model.predict(np.stack([row[3] for row in test])) == np.array([row[1] for row in test])
    emotions = np.array([row[0] for row in test])
    return [float(right.mean()), *(float(right[emotions == emotion].mean()) for emotion in identities)]


def references_of(judges: Sequence[Judge], neutral: Sequence[Said]) -> dict[tuple[str, str], Any]:
    """Return what each judge keeps of each voice's neutral."""
    rows: dict[str, list[Audio]] = defaultdict(list)
    for voice, _, audio in neutral:
        rows[voice].append(heard(audio))
    return {
        (judge.name, voice): judge.reference(np.stack([features(judge.name, clip) for clip in clips]))
        for judge in judges
        for voice, clips in rows.items()
    }


def main() -> None:
    parser = common.parser(__doc__)
    add_rendering(parser)
    parser.add_argument("--judges", nargs="+", default=list(TUNING), choices=[*FINAL, *TUNING], metavar="JUDGE")
    parser.add_argument("--final", action="store_true", help="ask the judges that tuning never saw, too")
    parser.add_argument("--strengths", nargs="+", type=float, default=[1.0])
    parser.add_argument("--words", action="store_true", help="count the words that are heard wrongly")
    parser.add_argument("--tones", action="store_true", help="tell the voices apart in every emotion")
    parser.add_argument("--cache", type=Path, default=Path("runs/judges"), help="where features of the corpora are")
    arguments = parser.parse_args()
    names = list(dict.fromkeys([*arguments.judges, *(FINAL if arguments.final else ())]))

    listener = common.transcriber() if arguments.words else None
    corpora = recordings(arguments.ravdess, arguments.tess)
    judges = [trained(name, corpora, arguments.cache) for name in names]
    render = renderer(arguments)
    neutral = list(render("neutral", 1.0))
    voices = list(dict.fromkeys(voice for voice, *_ in neutral))
    references = references_of(judges, neutral)
    usual = wrong_share(neutral, listener) if listener else 0.0
    if listener:
        print(f"words wrong, neutral: {usual:.1%}")
    for strength in arguments.strengths:
        clock = common.Clock()
        answers: dict[tuple[str, str], list[str]] = defaultdict(list)
        right: dict[tuple[str, str], list[bool]] = defaultdict(list)
        words: list[float] = []
        identities: dict[str, list[tuple[str, str, Any]]] = {}
        with clock:
            for emotion in ACTED:
                clips = list(render(emotion, strength))
                if arguments.tones:
                    identities[emotion] = [
                        (voice, text, embedding(heard(audio).samples)) for voice, text, audio in clips
                    ]
                if listener:
                    words.append(wrong_share(clips, listener) - usual)
                for voice, _, audio in clips:
                    clock.of(audio.duration)
                    clip = heard(audio)
                    for judge in judges:
                        value = features(judge.name, clip)[None] - references[judge.name, voice]
                        answer = ACTED[int(judge.scores(value).argmax())]
                        answers[judge.name, emotion].append(answer)
                        for group in (emotion, voice, "all"):
                            right[judge.name, group].append(answer == emotion)
        said = arguments.moved or arguments.sentences
        print(f"\n## {arguments.engine}, strength {strength:g}: {said} sentences, {len(ACTED)} emotions\n")
        groups = ("all", *ACTED, *voices)
        rows = [(name, *(f"{np.mean(right[name, group]):.2f}" for group in groups)) for name in names]
        if listener:
            rows.append(("words wrong, points", *(f"{100 * one:+.1f}" for one in (np.mean(words), *words))))
        if arguments.tones:
            told = tones_told(identities, chosen(arguments))
            rows.append(("tones told apart", *(f"{share:.2f}" for share in told)))
        common.table(("judge", *groups), rows)
        answered(answers, names)
        print(f"\n{clock.processor:.0f} s of processor time for {clock.sound:.0f} s of sound", flush=True)


if __name__ == "__main__":
    main()
