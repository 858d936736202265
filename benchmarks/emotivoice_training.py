"""Does the training command teach? `python benchmarks/emotivoice_training.py FOLDER`, half an hour on one core.

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

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import yaml

from pipeline.core.values import Audio, Samples
from pipeline.transcription import TRANSCRIBERS, Transcriber
from pipeline.transcription.scoring import word_errors

ROOT = Path(__file__).resolve().parents[1]

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

RATE = 16_000
SILENCE = 0.4
"""Seconds in front of what the transcriber hears, which loses words at the very edge."""


def write_recordings(folder: Path, teacher: str) -> None:
    """Let the teacher speak every sentence in every emotion."""
    from pipeline.core.emotions import Mood
    from pipeline.synthesis import SYNTHESISERS

    folder.mkdir(parents=True, exist_ok=True)
    actor, rows = SYNTHESISERS.create(SYNTHESISERS.choose(teacher, "en"), language="en"), []
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


def judge(folder: Path) -> None:
    """Print how many words the transcriber hears wrongly of teacher and model, and what the prompts do."""
    from emotivoice import EmotiVoice
    from emotivoice.training.data import read_wave

    listener = TRANSCRIBERS.create(TRANSCRIBERS.choose("moonshine", "en"), threads=1)
    engine = EmotiVoice(folder / "run")

    def taught(number: int, emotion: str) -> Samples:
        return read_wave(folder / "recordings" / f"{number}-{emotion}.wav", RATE)

    def learned(number: int, emotion: str) -> Samples:
        return engine.synthesise(SENTENCES[number], prompt=emotion, speaker="youngwoman")

    print("| who | prompt | words wrong | pitch Hz | level dB | seconds |\n|---|---|---|---|---|---|")
    for who, speak in (("teacher", taught), ("model", learned)):
        _judge(who, speak, listener)


def _judge(who: str, speak: Callable[[int, str], Samples], listener: Transcriber) -> None:
    """Print a row for every prompt: words wrong, median pitch, mean level, seconds of all sentences."""
    import pyworld

    for emotion in EMOTIONS:
        wrong = words = 0
        pitches, levels, seconds = [], [], 0.0
        for number, sentence in enumerate(SENTENCES):
            samples = speak(number, emotion)
            silence = np.zeros(round(SILENCE * RATE), np.float32)
            heard = listener.transcribe(Audio(np.concatenate([silence, samples]), RATE))
            errors, count = word_errors(sentence, " ".join(segment.text for segment in heard))
            wrong, words = wrong + errors, words + count
            pitch, _ = pyworld.dio(samples.astype(float), RATE)
            pitches += [value for value in pitch if value]
            levels.append(10 * np.log10(np.mean(samples**2) + 1e-9))
            seconds += len(samples) / RATE
        print(
            f"| {who} | {emotion} | {wrong / words:.0%} | {np.median(pitches or [0]):.0f} "
            f"| {np.mean(levels):.1f} | {seconds:.1f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
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
        command = ["emotivoice.train", "--config", str(configuration.resolve()), "--threads", str(arguments.threads)]
        subprocess.run([sys.executable, "-m", *command], check=True, cwd=ROOT)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"This call trained for {(used.ru_utime + used.ru_stime) / 60:.0f} minutes of processor time.\n")
    judge(arguments.folder)


if __name__ == "__main__":
    main()
