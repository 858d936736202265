"""How well speakers are told apart in conversations made by joining clips of several speakers.

    python benchmarks/speakers.py --seeds 6 --words --baseline

Every conversation takes its speakers at random and lets them speak in turns of three kinds:
whole clips or cuts of 2 to 6 s with pauses of 0.2 to 1 s between,
and, harder, cuts of 1 to 3 s with pauses of up to 0.3 s.
The diarization error rate is the share of the time of speech that is missed, false or given to the wrong speaker
under the best assignment of speakers (the Hungarian method), 0.25 s about every boundary left out as is the custom.
Nothing is trained here: the network of the voices was trained on VoxCeleb. The thresholds were chosen with
`--corpus ravdess --first-seed 0`, after a look at conversations of LibriSpeech's five readers too, of seeds under 100:
they are no speakers unheard in the strict sense. Measured is from seed 100 on.
`--words` also transcribes, and counts the words that got the wrong speaker;
`--baseline` gives the lines and speaker numbers of Moonshine's own library.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np
from scipy.optimize import linear_sum_assignment

from pipeline.audio import detect_speech, read_audio
from pipeline.core.values import Audio, Turn
from pipeline.transcription.speakers import DIARISERS
from pipeline.transcription.speakers.attribution import attributed

STEP = 0.01
COLLAR = 0.25
TURNS = 12
KINDS = {"clips": (0.0, 0.0, 0.2, 1.0), "cuts": (2.0, 6.0, 0.2, 1.0), "short": (1.0, 3.0, 0.0, 0.3)}
"""Seconds of a turn, from and to (0 is a whole clip), and of a pause, from and to."""

Speakers = dict[str, list[np.ndarray]]


def trimmed(path: Path) -> np.ndarray:
    """Return the samples of a clip from its first speech to its last."""
    audio = read_audio(path)
    spans = detect_speech(audio).spans(padding=0.05)
    return audio.slice(spans[0][0], spans[-1][1]).samples if spans else audio.samples


def corpus(name: str, data: Path) -> Speakers:
    """Return the clips of each speaker; RAVDESS's neutral to sad ones, three joined to one."""
    speakers: Speakers = {}
    if name == "librispeech":
        for path in common.sounds(data / "librispeech_test_other"):
            speakers.setdefault(path.stem.split("-")[0], []).append(trimmed(path))
        return speakers
    for folder in sorted(common.folder(data / "ravdess").glob("Actor_*")):
        clips = [trimmed(path) for emotion in (1, 2, 3, 4) for path in sorted(folder.glob(f"??-??-{emotion:02}-01-*"))]
        clips = [clips[index] for index in np.random.default_rng(len(speakers)).permutation(len(clips))]
        threes = (clips[index : index + 3] for index in range(0, len(clips) - 2, 3))
        speakers[folder.name] = [np.concatenate([np.pad(clip, (0, 3000)) for clip in three]) for three in threes]
    return speakers


def conversation(speakers: Speakers, count: int, kind: str, seed: int) -> tuple[Audio, list[Turn]]:
    """Return a conversation of some speakers and who speaks when; nobody follows himself unless he is alone."""
    shortest, longest, least_pause, most_pause = KINDS[kind]
    random = np.random.default_rng((seed, count, list(KINDS).index(kind)))
    names = [list(speakers)[index] for index in random.permutation(len(speakers))[:count]]
    order = [int(index) for index in random.permutation(count)]
    while len(order) < TURNS:
        order.append(int(random.choice([index for index in range(count) if index != order[-1] or count == 1])))
    parts, turns, position = [np.zeros(common.RATE // 4, np.float32)], [], common.RATE // 4
    for index in order:
        length = round(random.uniform(shortest, longest) * common.RATE)
        clips = speakers[names[index]]
        fitting = [clip for clip in clips if len(clip) >= length] or [max(clips, key=len)]
        clip = fitting[random.integers(len(fitting))]
        if length:
            first = random.integers(max(1, len(clip) - length + 1))
            clip = clip[first : first + length]
        pause = round(random.uniform(least_pause, most_pause) * common.RATE)
        parts += [clip, np.zeros(pause, np.float32)]
        turns.append(Turn(position / common.RATE, (position + len(clip)) / common.RATE, names[index]))
        position += len(clip) + pause
    samples = np.concatenate(parts)
    return Audio(samples + random.normal(scale=1e-4, size=len(samples)).astype(np.float32), common.RATE), turns


def frames(turns: Sequence[Turn], names: Sequence[str], count: int) -> np.ndarray:
    """Return the number of the speaker of each hundredth of a second; -1 where nobody speaks."""
    result = np.full(count, -1)
    for turn in turns:
        result[round(turn.start / STEP) : round(turn.end / STEP)] = names.index(turn.speaker)
    return result


def assigned(said: Sequence[Turn], found: Sequence[Turn]) -> dict[str, str]:
    """Return which true speaker each found speaker stands for, so that most of the time is right."""
    true, guessed = (sorted({turn.speaker for turn in turns}) for turns in (said, found))
    shared = np.zeros((len(guessed), len(true)))
    for turn in found:
        for other in said:
            overlap = min(turn.end, other.end) - max(turn.start, other.start)
            shared[guessed.index(turn.speaker), true.index(other.speaker)] += max(0.0, overlap)
    rows, columns = linear_sum_assignment(-shared)
    return {guessed[row]: true[column] for row, column in zip(rows, columns, strict=True)}


def errors(said: Sequence[Turn], found: Sequence[Turn]) -> tuple[float, float, float]:
    """Return the shares of the time of speech that are missed, false, and given to the wrong speaker."""
    names = assigned(said, found)
    renamed = [Turn(turn.start, turn.end, names.get(turn.speaker, "nobody")) for turn in found]
    every = [*sorted({turn.speaker for turn in said}), "nobody"]
    count = round(max(turn.end for turn in [*said, *found]) / STEP)
    true, guessed = frames(said, every, count), frames(renamed, every, count)
    scored = np.ones(count, bool)
    for time_ in (time_ for turn in said for time_ in (turn.start, turn.end)):
        scored[max(0, round((time_ - COLLAR) / STEP)) : round((time_ + COLLAR) / STEP)] = False
    true, guessed = true[scored], guessed[scored]
    speech = max(1, (true >= 0).sum())
    wrong = (true >= 0) & (guessed >= 0) & (true != guessed)
    return tuple(
        float(part.sum() / speech) for part in ((true >= 0) & (guessed < 0), (true < 0) & (guessed >= 0), wrong)
    )  # type: ignore[return-value]


def wrong_words(said: Sequence[Turn], found: Sequence[Turn], segments: Sequence[Any]) -> tuple[int, int]:
    """Return how many words got the wrong speaker, and how many words there are."""
    names = assigned(said, found)
    wrong = words = 0
    for segment in attributed(segments, found):
        for word in segment.words:
            middle = (word.start + word.end) / 2
            truth = min(said, key=lambda turn: max(turn.start - middle, middle - turn.end))
            words += 1
            wrong += names.get(segment.speaker) != truth.speaker
    return wrong, words


class Moonshine:
    """The library's own phrases and speaker numbers."""

    def __init__(self) -> None:
        from moonshine_voice import ModelArch, Transcriber, get_assets_path

        options = {"return_audio_data": "false", "identify_speakers": "true"}
        self._make = lambda: Transcriber(
            model_path=str(Path(get_assets_path()) / "tiny-en"), model_arch=ModelArch.TINY, options=options
        )

    def turns(self, audio: Audio) -> tuple[Turn, ...]:
        """Return one turn for each line."""
        lines = self._make().transcribe_without_streaming(audio.samples.tolist(), common.RATE).lines
        return tuple(Turn(line.start_time, line.start_time + line.duration, f"{line.speaker_index}") for line in lines)


def turns(diariser: Any, audio: Audio, count: int = 0) -> tuple[Turn, ...]:
    """Return who speaks when in a conversation; 0 finds out how many there are."""
    diarisation = diariser.stream()
    diarisation.add(audio, detect_speech(audio))
    return diarisation.turns(count)


def measure(speakers: Speakers, count: int, kind: str, arguments: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of each figure of one sort of conversation."""
    diariser = DIARISERS.create(DIARISERS.choose())
    ways: dict[str, Any] = {
        "number given": lambda audio: turns(diariser, audio, count),
        "auto": lambda audio: turns(diariser, audio),
    }
    if arguments.baseline:
        baseline = Moonshine()
        ways["Moonshine's library"] = baseline.turns
    transcriber = common.transcriber("auto") if arguments.words else None
    found: dict[str, list[tuple[float, ...]]] = {way: [] for way in ways}
    words: dict[str, list[tuple[int, int]]] = {way: [] for way in ways}
    spent = {way: common.Clock() for way in ways}
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        audio, said = conversation(speakers, count, kind, seed)
        segments = common.heard(transcriber, audio) if transcriber else ()
        for way, tell in ways.items():
            with spent[way].of(audio.duration):
                turns = tell(audio)
            found[way].append((*errors(said, turns), len({turn.speaker for turn in turns}) == count))
            words[way].append(wrong_words(said, turns, segments))
    yield "minutes", round(spent["auto"].sound / 60, 1)
    for way, results in found.items():
        missed, false, wrong, right = (float(mean) for mean in np.mean(results, axis=0))
        figures = {
            "diarization error rate, %": round(100 * (missed + false + wrong), 2),
            "missed, %": round(100 * missed, 2),
            "false, %": round(100 * false, 2),
            "wrong speaker, %": round(100 * wrong, 2),
            "conversations with the right number of speakers, %": round(100 * right, 1),
            "processor seconds per second of audio": round(spent[way].cost, 4),
        }
        if transcriber:
            wrongly, all_words = np.sum(words[way], axis=0).tolist()
            figures["words with the wrong speaker, %"] = round(100 * wrongly / max(1, all_words), 2)
        yield way, figures


def main() -> None:
    """Measure and print one JSON object."""
    parser = common.parser(__doc__)
    parser.add_argument("--corpus", choices=["librispeech", "ravdess"], default="librispeech")
    common.add_data(parser)
    parser.add_argument("--seeds", type=int, default=6, help="conversations of each sort")
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--speakers", nargs="+", type=int, default=[1, 2, 3, 4])
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--baseline", action="store_true")
    arguments = parser.parse_args()

    speakers = corpus(arguments.corpus, arguments.data)
    report: dict[str, Any] = {"corpus": arguments.corpus, "first seed": arguments.first_seed, "seeds": arguments.seeds}
    for kind in arguments.kinds:
        for count in arguments.speakers:
            report[f"{kind}, {count} speakers"] = dict(measure(speakers, count, kind, arguments))
            print(kind, count, "done", file=sys.stderr)
    common.report(report)


if __name__ == "__main__":
    main()
