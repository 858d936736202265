"""Does the training command teach? Half an hour on one core.

    python benchmarks/emotivoice_training.py FOLDER

The embedded voice speaks ten sentences in three emotions; `python -m emotivoice.train` learns the thirty recordings
from scratch, in the sizes of `tiny.yaml`; the project's transcriber hears what the model says then of the same
sentences, after 0.4 s of silence, and the words that are wrong are counted.
Pitch (median of DIO), level (mean of the sentences) and seconds (of all ten) by prompt show whether prompts steer it.
The teacher itself is judged first, in the same way.
A second call goes on where the first one stopped.

3500 steps from scratch, seed 0, one thread of an x86-64 core with AVX-512 while others worked on the other core:
27 minutes of processor time, 31 by the clock.

| who | prompt | words wrong | pitch Hz | level dB | seconds |
|---|---|---|---|---|---|
| teacher | neutral | 0% | 202 | -22.6 | 25.1 |
| teacher | happy | 0% | 288 | -20.1 | 26.9 |
| teacher | sad | 0% | 254 | -26.5 | 29.5 |
| model | neutral | 1% | 188 | -26.3 | 25.1 |
| model | happy | 5% | 301 | -24.0 | 26.7 |
| model | sad | 5% | 250 | -29.6 | 29.3 |

Checkpoints a few hundred steps apart differ by some words in a hundred.
Sentences that it has not learned were not tried: thirty recordings do not teach a language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import common
import numpy as np
import soundfile
import yaml

from pipeline.audio import read_audio
from pipeline.core.values import Audio
from pipeline.transcription.scoring import word_errors

SENTENCES = """
The train to the coast leaves in the early morning.
My sister bought a red coat for the winter.
We had soup and bread for dinner last night.
The children are playing in the garden behind the house.
Please close the window before you go to bed.
He reads the newspaper every day after breakfast.
There is a small shop at the end of the street.
The doctor told him to drink more water.
She wrote a long letter to her best friend.
The old man sat under the tree and smiled.
""".strip().splitlines()
EMOTIONS = {"neutral": 0.0, "happy": 2.0, "sad": -4.0}
"""Prompts, and the decibels by which each is taught louder: the engines bring all of them to one loudness."""


def write_recordings(folder: Path, teacher: str) -> None:
    """Let the teacher speak every sentence in every emotion."""
    from pipeline.core.emotions import Mood

    folder.mkdir(parents=True, exist_ok=True)
    actor, rows = common.synthesiser(teacher), []
    for number, sentence in enumerate(SENTENCES):
        for emotion, decibels in EMOTIONS.items():
            audio = actor.synthesise(sentence, Mood(emotion), "youngwoman").audio
            name = f"{number}-{emotion}.wav"
            soundfile.write(folder / name, audio.samples * 10 ** (decibels / 20), audio.sample_rate)
            rows.append({"wav": name, "text": sentence, "speaker": "youngwoman", "emotion": emotion})
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def write_configuration(path: Path, steps: int) -> None:
    """Write the tiny configuration, with everything that a start from nothing needs."""
    from emotivoice.configuration import read_configuration

    configuration = yaml.safe_load(read_configuration("tiny"))
    # Few long segments: at the edges of one the vocoder lacks the frames that it has beside it when it speaks.
    configuration["segment_size"] = 64
    configuration["training"] = {
        "data": "recordings",
        "output": "run",
        "steps": steps,
        "batch": 4,
        "learning_rate": 1e-3,
        "decay": 0.995,
        "adversarial_from": 10**9,
        # What speaks without discriminators is taught best by a longer memory and by spectra at many resolutions.
        "betas": [0.8, 0.99],
        "spectral_weight": 20.0,
        # Less, and the frames would follow the gradient of the waveform alone, which sees a fifth of them.
        "frame_weight": 20.0,
        "discriminator_width": 0.125,
        "train_style": True,
        "ignore_content": True,
        "validation": 0,
        "validate_every": 10**9,
        "checkpoint_every": 100,
        "keep_checkpoints": 1,
        "device": "auto",
    }
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")


def judged(folder: Path) -> Iterator[tuple[str, ...]]:
    """Yield for teacher, model and prompt: words wrong, median pitch, mean level, seconds of all sentences."""
    import pyworld

    from emotivoice import EmotiVoice

    listener, engine = common.transcriber(), EmotiVoice(folder / "run")
    for who, emotion in ((who, emotion) for who in ("teacher", "model") for emotion in EMOTIONS):
        errors, seconds = common.Errors(), 0.0
        pitches, levels = [], []
        for number, sentence in enumerate(SENTENCES):
            if who == "teacher":
                samples = read_audio(folder / "recordings" / f"{number}-{emotion}.wav", sample_rate=common.RATE).samples
            else:
                samples = engine.synthesise(sentence, prompt=emotion, speaker="youngwoman")
            heard = common.words(listener, Audio(samples, common.RATE), silence=common.SILENCE)
            errors.add(word_errors(sentence, heard))
            pitch, _ = pyworld.dio(samples.astype(float), common.RATE)
            pitches += [value for value in pitch if value]
            levels.append(10 * np.log10(np.mean(samples**2) + 1e-9))
            seconds += len(samples) / common.RATE
        figures = np.median(pitches or [0]), np.mean(levels), seconds
        yield who, emotion, f"{errors.share:.0%}", f"{figures[0]:.0f}", f"{figures[1]:.1f}", f"{figures[2]:.1f}"


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=3500)
    parser.add_argument("--teacher", default="embedded", help="engine that speaks what is to be learned")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only-judge", action="store_true", help="hear what a run has learned by now")
    arguments = parser.parse_args()
    if not arguments.only_judge:
        if not (arguments.folder / "recordings" / "train.jsonl").exists():
            write_recordings(arguments.folder / "recordings", arguments.teacher)
        configuration = arguments.folder / "config.yaml"
        write_configuration(configuration, arguments.steps)
        command = ("-m", "emotivoice.train", "--config", configuration.resolve(), "--threads", arguments.threads)
        ran = common.fresh(*command, shown=True, cwd=common.ROOT)
        print(f"This call trained for {ran.processor / 60:.0f} minutes of processor time.\n")
    common.table(("who", "prompt", "words wrong", "pitch Hz", "level dB", "seconds"), judged(arguments.folder))


if __name__ == "__main__":
    main()
