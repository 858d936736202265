"""How well the voices are understood, what they cost, and how far they move in each emotion.

    python benchmarks/synthesis.py                       # every engine that is ready, 12 sentences
    python benchmarks/synthesis.py espeak --sentences 30

Words wrong: every sentence, voice and emotion is heard by Moonshine tiny after 0.4 s of silence (`word_errors`).
Cost: seconds of processor time of the engine (with its child process) per second of sound, on one thread.
Movement: median over the sentences of the change from the same voice's neutral, measured on the finished sound
by DIO and StoneMask, beside what actors did (`pipeline/synthesis/prosody/emotions.json`).
The emotion of the sound is not judged here.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import math
import statistics
from typing import Any

import numpy as np

from pipeline.audio.loudness import loudness, normalised
from pipeline.audio.resampling import resampled
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.values import Audio
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.prosody.rules import NEUTRAL, manner_of
from pipeline.synthesis.prosody.tones import TONES
from pipeline.synthesis.prosody.world import analyse
from pipeline.transcription.scoring import word_errors

SENTENCES = """\
The train to Manchester leaves at half past seven every morning.
My brother Daniel has lived in Chicago since 1998.
The total comes to $27, including tax.
Could you tell me where the nearest bank is?
We waited for 45 minutes, but the doctor never came.
Margaret and Thomas are getting married in September.
She bought 3 apples, 12 oranges and a bag of flour.
I cannot believe you ate the whole cake!
Please call Mr. Johnson back as soon as you can.
The old bridge was built more than 300 years ago.
Have you ever seen the northern lights?
William forgot his umbrella on the bus again.
Please put the blue folder on my desk before lunch.
The children were playing football in the rain.
Turn left at the church and go down to the river.
The report must be ready by Friday, March 5th.
Our uncle keeps two dogs and a very old cat.
Nobody knew when the lights went out last night.
He opened the window and looked at the snow.
The museum is closed on Monday and Tuesday.
Why did you leave the party so early?
Anna works as a nurse at a hospital in Boston.
The coffee was cold, but the soup was excellent.
There are about 250 students in our school.
The garden looks beautiful after the summer storm.
It takes 20 minutes to walk to the station.
They moved the meeting from Tuesday to Thursday afternoon.
I would like a glass of water with ice, please.
The price of bread went up by 15 percent.
The whole room was quiet when the judge came in.
""".splitlines()

SILENCE = 0.4
HEARING_RATE = 16_000


class Listener:
    """Hears words, with as little of its own as possible: no cutting, one level, silence in front."""

    def __init__(self) -> None:
        from moonshine_voice import ModelArch, Transcriber, get_assets_path

        options = {"vad_threshold": "0", "vad_max_segment_duration": "30", "return_audio_data": "false"}
        self._engine = Transcriber(f"{get_assets_path()}/tiny-en", ModelArch.TINY, options=options)

    def hear(self, audio: Audio) -> str:
        """Return what was understood."""
        samples = normalised(resampled(audio, HEARING_RATE)).samples
        silence = np.zeros(round(SILENCE * HEARING_RATE), np.float32)
        heard = self._engine.transcribe_without_streaming(np.concatenate([silence, samples]).tolist(), HEARING_RATE)
        return " ".join(line.text for line in heard.lines)


def processor_seconds() -> float:
    """Return what this process has used; Festival's own part is in `child_seconds`."""
    times = os.times()
    return times.user + times.system


def child_seconds() -> float:
    """Return the processor time of the living children of this process, in seconds (Linux)."""
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measured(audio: Audio) -> tuple[float, float, float]:
    """Return the median F0 in semitones, the duration in seconds and the loudness in LUFS."""
    spoken = analyse(audio)
    return float(np.median(12 * np.log2(spoken.pitch[spoken.voiced]))), spoken.duration, loudness(audio)


def run(name: str, sentences: list[str], listener: Listener) -> None:
    engine: Any = SYNTHESISERS.create(SYNTHESISERS.choose(name), threads=1)
    engine.synthesise("Warm up.", Mood("neutral"), "youngwoman")
    neutral: dict[tuple[str, str], tuple[float, float, float]] = {}
    spent = sounded = 0.0
    print(f"\n## {name}: {len(sentences)} sentences\n")
    print("| voice | emotion | words wrong | F0, st (actors) | duration (actors) | LUFS |")
    print("|---|---|---|---|---|---|")
    totals: dict[str, list[int]] = {}
    for voice, tone in TONES.items():
        for emotion in EMOTIONS:
            wrong = words = 0
            moves = []
            for text in sentences:
                before = processor_seconds() + child_seconds()
                audio = engine.synthesise(text, Mood(emotion), voice).audio
                spent += processor_seconds() + child_seconds() - before
                sounded += audio.duration
                errors, count = word_errors(text, listener.hear(audio))
                wrong, words = wrong + errors, words + count
                figures = measured(audio)
                reference = neutral.setdefault((voice, text), figures)
                moves.append((figures[0] - reference[0], figures[1] / reference[1], figures[2]))
            target = NEUTRAL if emotion == "neutral" else manner_of({emotion: 1.0}, tone.voice.sex)
            shift, ratio, level = (statistics.median(column) for column in zip(*moves, strict=True))
            slower = math.exp(target.tempo) + target.pauses
            print(
                f"| {voice} | {emotion} | {wrong / words:.1%} | {shift:+.1f} ({target.shift * tone.shift:+.1f}) |"
                f" {ratio:.2f} ({slower:.2f}) | {level:.1f} |",
                flush=True,
            )
            for key in (voice, emotion, "all"):
                entry = totals.setdefault(key, [0, 0])
                entry[0] += wrong
                entry[1] += words
    print("\n" + ", ".join(f"{key} {wrong / words:.1%}" for key, (wrong, words) in totals.items()))
    print(f"\n{spent / sounded:.3f} s of processor time per second of sound ({sounded:.0f} s).")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines", nargs="*", help="engines; all that are ready by default")
    parser.add_argument("--sentences", type=int, default=12, help="how many of the 30 sentences")
    arguments = parser.parse_args()
    ready = [spec.name for spec in SYNTHESISERS.specs if not spec.missing()]
    listener = Listener()
    for name in arguments.engines or ready:
        run(name, SENTENCES[: arguments.sentences], listener)


if __name__ == "__main__":
    main()
