"""How well the voices are understood, what they cost, and how far they move in each emotion.

    python benchmarks/synthesis.py                       # every engine that is ready, 12 sentences
    python benchmarks/synthesis.py embedded --sentences 100 --emotions neutral --errors

Words wrong: all is heard by the embedded transcriber after 0.4 s of silence (`word_errors`);
numbers, times and money are compared as they are read aloud, however they are written.
Cost: seconds of processor time of the engine (with its child process) per second of sound, on one thread.
First sound: processor seconds from the call of `stream` with all sentences as one text to the first sentence.
Movement: median over the sentences of the change from the same voice's neutral, measured on the finished sound
by DIO and StoneMask, beside what actors did (`pipeline/synthesis/prosody/emotions.json`).
The emotion of the sound is not judged here.
"""

from __future__ import annotations

import os
import re

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import math
import statistics
import time
from typing import Any

import numpy as np

from emotivoice.frontend.english_normalisation import normalise_english
from pipeline.audio.loudness import loudness
from pipeline.audio.resampling import resampled
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.values import Audio
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.prosody.changes import NEUTRAL, emotion_change
from pipeline.synthesis.prosody.presets import PRESETS
from pipeline.synthesis.world.analysis import analyse
from pipeline.transcription import TRANSCRIBERS
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
Dr. Nelson has two patients at 9:15 tomorrow.
The flight to Toronto was delayed by 3 hours.
About 60 percent of the voters said no.
Rebecca and Jonathan live at 48 Park Avenue.
My grandmother was born on June 21, 1936.
This jacket costs $89.99, which is too much.
The train leaves from platform 7 in ten minutes.
He read the letter twice before he answered.
Do you want to read the paper after breakfast?
They will record a new song in Nashville next week.
She broke the world record by two seconds.
Close the door, please, it is cold outside.
The post office is close to the town hall.
We use water from the well, but it is of no use today.
The wind blew all night and the lights went out.
I would like to present this present to Professor Adams.
The population of Sweden is about 10 million.
Water boils at 100 degrees, and ice melts at zero.
Only 1 in 5 people knew the right answer.
The second half of the game was much better.
In 2019, nearly 4,000 people visited the island.
Is there any milk left in the fridge?
What time does the concert start on Saturday?
How many people live in Brazil?
Did Michael really win the first prize?
Where did you put the keys to the garage?
Why is the sky blue?
Who wrote this wonderful book?
Stop the car right now!
That is the best news I have heard all year!
What a beautiful morning!
Be careful, the floor is wet.
Yes, I think you are right.
No, thank you, I have already eaten.
Good evening, ladies and gentlemen.
Thank you very much for your help.
See you on Wednesday.
If it rains tomorrow, we will stay at home and play cards.
Because the bridge was closed, they had to drive around the lake.
Although he was tired, he finished the work before midnight.
The man who lives next door plays the violin every evening.
My sister, who works in Paris, is coming home for Christmas.
When the phone rang, nobody in the office wanted to answer it.
You can pay by card or in cash, as you like.
The soup needs salt, pepper and a little lemon juice.
Elizabeth studied chemistry at Oxford and medicine in Berlin.
Patrick and Christopher went fishing with their father.
The Amazon is the largest river in South America.
Mount Everest is 8,849 meters high.
Mexico, Canada and Spain will send their teams.
The doctor told her to drink more water and sleep longer.
Our company has offices in Tokyo, London and San Francisco.
The judge asked the witness to speak a little louder.
A strange noise woke the dog in the middle of the night.
The farmer sold all of his sheep and bought a tractor.
Fresh bread smells better than any perfume.
The young girl drew a picture of a yellow house.
Several important questions remain without an answer.
The engine makes a terrible noise above 50 miles per hour.
Please send the invoice to our New York office by the 15th.
The winner will receive a prize of 2,500 dollars.
The weather was fine on Sunday, but on Monday it snowed.
He measured the table with a ruler and wrote the number down.
The thieves escaped through a window on the third floor.
Jennifer asked for a larger room with a view of the sea.
Nothing in the world is more valuable than a good friend.
The bus stops at the corner of Main Street and Oak Road.
Robert has been the director of the museum since 2008.
Vegetables are cheaper at the market than in the shop.
We laughed, we cried, and then we laughed again.
""".splitlines()

SILENCE = 0.4
HEARING_RATE = 16_000


class Listener:
    """The transcriber that hears recordings, with silence in front as `--verify` puts it there."""

    def __init__(self) -> None:
        self._engine = TRANSCRIBERS.create(TRANSCRIBERS.choose("moonshine", "en"), threads=1)

    def hear(self, audio: Audio) -> str:
        """Return what was understood."""
        silence = np.zeros(round(SILENCE * HEARING_RATE), np.float32)
        samples = np.concatenate([silence, resampled(audio, HEARING_RATE).samples])
        return " ".join(segment.text for segment in self._engine.transcribe(Audio(samples, HEARING_RATE)))


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
    frames = analyse(audio)
    return float(np.median(12 * np.log2(frames.f0[frames.voiced]))), frames.duration, loudness(audio)


def wrong_words(text: str, heard: str) -> tuple[int, int]:
    """Return the number of wrong words and of words, both texts written as they are read aloud."""
    said, understood = (
        normalise_english(re.sub(r"\bto-(?=day|morrow|night)", "to", each)).replace("per cent", "percent")
        for each in (text, heard)
    )
    return word_errors(said, understood)


def first_sound(engine: Any, text: str, voice: str) -> float:
    """Return the processor seconds until the first sentence of a long text is there, as on a machine that is free."""
    before = time.process_time()
    next(engine.stream(text, Mood("happy"), voice))
    return time.process_time() - before


def run(
    name: str, sentences: list[str], voices: list[str], emotions: list[str], listener: Listener, errors_shown: bool
) -> None:
    engine: Any = SYNTHESISERS.create(SYNTHESISERS.choose(name), threads=1)
    engine.synthesise("Warm up.", Mood("neutral"), "youngwoman")
    neutral: dict[tuple[str, str], tuple[float, float, float]] = {}
    spent = sounded = 0.0
    print(f"\n## {name}: {len(sentences)} sentences\n")
    print("| voice | emotion | words wrong | F0, st (actors) | duration (actors) | LUFS |")
    print("|---|---|---|---|---|---|")
    totals: dict[str, list[int]] = {}
    for voice in voices:
        preset = PRESETS[voice]
        for emotion in emotions:
            wrong = words = 0
            moves = []
            for text in sentences:
                before = processor_seconds() + child_seconds()
                audio = engine.synthesise(text, Mood(emotion), voice).audio
                spent += processor_seconds() + child_seconds() - before
                sounded += audio.duration
                heard = listener.hear(audio)
                errors, count = wrong_words(text, heard)
                if errors and errors_shown:
                    print(f"<!-- {voice}, {emotion}: {text} | {heard} -->")
                wrong, words = wrong + errors, words + count
                figures = measured(audio)
                reference = neutral.setdefault((voice, text), figures)
                moves.append((figures[0] - reference[0], figures[1] / reference[1], figures[2]))
            target = NEUTRAL if emotion == "neutral" else emotion_change({emotion: 1.0}, preset.voice.sex)
            shift, ratio, level = (statistics.median(column) for column in zip(*moves, strict=True))
            slower = math.exp(target.tempo) + target.pauses
            print(
                f"| {voice} | {emotion} | {wrong / words:.1%}"
                f" | {shift:+.1f} ({target.shift * preset.register.rise:+.1f}) | {ratio:.2f} ({slower:.2f})"
                f" | {level:.1f} |",
                flush=True,
            )
            for key in (voice, emotion, "all"):
                entry = totals.setdefault(key, [0, 0])
                entry[0] += wrong
                entry[1] += words
    print("\n" + ", ".join(f"{key} {wrong / words:.1%}" for key, (wrong, words) in totals.items()))
    print(f"\n{spent / sounded:.3f} s of processor time per second of sound ({sounded:.0f} s).")
    if hasattr(engine, "stream"):
        seconds = statistics.median(
            first_sound(engine, " ".join(sentences[place:]), voices[0]) for place in range(min(9, len(sentences)))
        )
        print(f"\nFirst sound of a long text after {seconds:.3f} s of processor time.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engines", nargs="*", help="engines; all that are ready by default")
    parser.add_argument("--sentences", type=int, default=12, help="how many of the 100 sentences")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them, counted from 0")
    parser.add_argument("--voices", nargs="+", default=list(PRESETS), choices=list(PRESETS), metavar="VOICE")
    parser.add_argument("--emotions", nargs="+", default=list(EMOTIONS), choices=list(EMOTIONS), metavar="EMOTION")
    parser.add_argument("--errors", action="store_true", help="show what was heard wrongly")
    arguments = parser.parse_args()
    ready = [spec.name for spec in SYNTHESISERS.specs if not spec.missing()]
    listener = Listener()
    for name in arguments.engines or ready:
        run(
            name,
            SENTENCES[arguments.first :][: arguments.sentences],
            arguments.voices,
            arguments.emotions,
            listener,
            arguments.errors,
        )


if __name__ == "__main__":
    main()
