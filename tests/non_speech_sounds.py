"""Sounds without speech, made from formulas: 48 kinds, each in as many variants as wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Audio

RATE: Final = 16000

Wave = NDArray[np.float64]
Maker = Callable[[np.random.Generator, float], Wave]


def non_speech(kind: str, variant: int = 0, seconds: float = 0.0) -> Audio:
    """Return a sound of a kind of `KINDS` at 16 kHz; 2 to 6 s long, or as long as asked."""
    random = np.random.default_rng([sorted(KINDS).index(kind), variant])
    seconds = seconds or float(random.uniform(2, 6))
    sound = KINDS[kind](random, seconds)[: round(seconds * RATE)]
    faint = 1e-4 * random.standard_normal(len(sound))
    return Audio((0.3 * sound / np.abs(sound).max() + faint).astype(np.float32), RATE)


def clock(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE)) / RATE


def arch(time: Wave, every: float = 0.0) -> Wave:
    """Return a curve that rises from 0 to 1 and falls again: once, or every so many seconds."""
    return np.abs(np.sin(np.pi * time / (every or time[-1])))


def tone(hertz: float | Wave, time: Wave, harmonics: int = 1, slope: float = 1.0) -> Wave:
    """Return a tone of a pitch that may change, with harmonics that fall in strength."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, time.shape)) / RATE
    top = max(1, min(harmonics, int(7500 / np.max(hertz))))
    return sum(np.sin(n * phase + n) / n**slope for n in range(1, top + 1))


def coloured(random: np.random.Generator, length: int, exponent: float, low: float = 0, high: float = 8000) -> Wave:
    """Return noise whose power falls with the frequency to an exponent, in a band."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    spectrum *= np.maximum(hertz, 20.0) ** (-exponent / 2) * ((hertz >= low) & (hertz <= high))
    found = np.fft.irfft(spectrum, length)
    return found / (found.std() + 1e-12)


def slow(random: np.random.Generator, length: int, hertz: float) -> Wave:
    """Return a curve from 0 to 1 that changes about so often a second."""
    points = random.uniform(size=max(3, round(length / RATE * hertz * 2)))
    return np.interp(np.arange(length), np.linspace(0, length, len(points)), points)


def resonant(sound: Wave, *formants: tuple[float, float]) -> Wave:
    """Return sound through resonances, each (Hz, bandwidth in Hz)."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    gain = sum(1 / (1 + ((hertz - centre) / width) ** 2) for centre, width in formants)
    return np.fft.irfft(spectrum * gain, len(sound))


def placed(length: int, starts: Wave, make: Callable[[], Wave]) -> Wave:
    """Return short sounds at times, in seconds."""
    sound = np.zeros(length)
    for start in starts:
        first = round(start * RATE)
        piece = make()[: max(0, length - first)]
        sound[first : first + len(piece)] += piece
    return sound


def times(random: np.random.Generator, seconds: float, every: float, jitter: float = 0.1) -> Wave:
    """Return times at about one distance."""
    found = np.arange(0.1, seconds, every)
    return np.clip(found + every * jitter * random.standard_normal(len(found)), 0, None)


def struck(random: np.random.Generator, length: float, decay: float, *hertz: float) -> Wave:
    """Return a sound that is struck and dies away: partials, or noise where there are none."""
    time = clock(length)
    body = sum(np.sin(2 * np.pi * each * time) for each in hertz) if hertz else random.standard_normal(len(time))
    return body * np.exp(-decay * time)


def hum(random: np.random.Generator, seconds: float) -> Wave:
    return tone(random.choice([50.0, 60.0, 100.0, 120.0]), clock(seconds), int(random.integers(1, 12)), 0.8)


def hummed_note(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    pitch = random.uniform(100, 260) * (1 + 0.01 * np.sin(2 * np.pi * 5 * time) + 0.02 * slow(random, len(time), 1))
    return resonant(tone(pitch, time, 30, 1.2), (250, 60), (1100, 300)) * (0.7 + 0.3 * slow(random, len(time), 1))


def hummed_tune(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    notes = 150 * 2 ** (random.integers(0, 12, max(2, int(seconds * 2))) / 12)
    pitch = notes[np.minimum((time * 2).astype(int), len(notes) - 1)] * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * time))
    return resonant(tone(pitch, time, 30, 1.2), (280, 60), (1200, 300)) * arch(time, 0.5) ** 0.3


def whistle(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    return tone(random.uniform(800, 2000) * (1 + 0.4 * slow(random, len(time), 2)), time)


def siren_wail(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    swing = 0.5 + 0.5 * np.sin(2 * np.pi * time / random.uniform(1.5, 5))
    return tone(random.uniform(450, 700) + random.uniform(500, 900) * swing, time, int(random.integers(1, 8)))


def siren_yelp(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    return tone(500 + 900 * ((time * random.uniform(2, 4)) % 1), time, int(random.integers(1, 8)))


def siren_two_tone(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    low = random.uniform(380, 500)
    return tone(np.where((time * random.uniform(0.8, 2)) % 1 < 0.5, low, 1.33 * low), time, 10)


def air_raid(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    return tone(random.uniform(300, 450) * np.clip(time / 3, 0.3, 1), time, 12, 0.7)


def bark(random: np.random.Generator, seconds: float) -> Wave:
    base = random.uniform(250, 600)

    def one() -> Wave:
        time = clock(random.uniform(0.12, 0.3))
        shape = arch(time) ** 0.7
        voice = tone(base * (0.7 + 0.6 * shape), time, 25, 0.8) + random.standard_normal(len(time))
        return resonant(voice, (700, 200), (1600, 300), (2600, 500)) * shape * random.uniform(0.6, 1)

    return placed(round(seconds * RATE), times(random, seconds, random.uniform(0.4, 0.9), 0.2), one)


def howl(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    pitch = random.uniform(300, 500) * (1 + 0.5 * arch(time))
    return resonant(tone(pitch, time, 20, 1.0), (700, 150), (1300, 300)) * arch(time)


def meow(random: np.random.Generator, seconds: float) -> Wave:
    def one() -> Wave:
        time = clock(random.uniform(0.5, 0.9))
        voice = tone(random.uniform(400, 650) * (1 + 0.3 * arch(time)), time, 15, 0.8)
        closed, opened = resonant(voice, (500, 150), (2500, 300)), resonant(voice, (1000, 200), (1600, 300))
        return (closed * (1 - arch(time)) + opened * arch(time)) * arch(time) ** 0.5

    return placed(round(seconds * RATE), times(random, seconds, random.uniform(1, 1.6)), one)


def birds(random: np.random.Generator, seconds: float) -> Wave:
    def one() -> Wave:
        time = clock(random.uniform(0.05, 0.2))
        pitch = random.uniform(2000, 5000) * (1 + random.uniform(-0.3, 0.3) * time / time[-1])
        return tone(pitch, time) * arch(time)

    return placed(round(seconds * RATE), times(random, seconds, random.uniform(0.15, 0.5), 0.4), one)


def crow(random: np.random.Generator, seconds: float) -> Wave:
    def one() -> Wave:
        time = clock(random.uniform(0.25, 0.5))
        rough = tone(random.uniform(350, 500), time, 18, 0.5) * (1 + 0.8 * np.sin(2 * np.pi * 70 * time))
        return resonant(rough, (1300, 300), (2300, 500)) * arch(time) ** 0.4

    return placed(round(seconds * RATE), times(random, seconds, random.uniform(0.6, 1.2), 0.2), one)


def crickets(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    gate = np.sin(2 * np.pi * random.uniform(15, 35) * time) > 0
    return tone(random.uniform(3500, 5000), time) * gate * ((time * 2) % 1 < 0.6)


def beeps(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    return tone(random.uniform(400, 2500), time, int(random.integers(1, 4))) * ((time * random.uniform(1, 5)) % 1 < 0.5)


def dtmf(random: np.random.Generator, seconds: float) -> Wave:
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    length = random.uniform(0.1, 0.25)
    return placed(
        round(seconds * RATE),
        times(random, seconds, length * random.uniform(1.5, 2.5), 0.02),
        lambda: struck(random, length, 0.0, random.choice(rows), random.choice(columns)),
    )


def dial_tone(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    low, high = [(350, 440), (440, 480), (480, 620), (425, 425)][int(random.integers(4))]
    return (tone(low, time) + tone(high, time)) * ((time * random.choice([0.0, 1.0, 2.0])) % 1 < 0.5)


def modem(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    bits = random.integers(0, 2, int(seconds * 300) + 1)
    return tone(np.where(bits[(time * 300).astype(int)], 1200.0, 2200.0), time)


def telephone_bell(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    bell = sum(tone(hertz, time) for hertz in random.uniform(900, 4000, 4))
    return bell * np.abs(np.sin(2 * np.pi * 10 * time)) * ((time / 2) % 1 < 0.6)


def chords(random: np.random.Generator, seconds: float) -> Wave:
    def one() -> Wave:
        root = 110 * 2 ** (random.integers(0, 12) / 12)
        time = clock(0.8)
        return sum(tone(root * 2 ** (step / 12), time, 8) for step in (0, random.choice([3, 4]), 7, 12)) * np.exp(
            -2 * time
        )

    return placed(round(seconds * RATE), times(random, seconds, 0.5, 0.0), one)


def organ(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    root = random.uniform(80, 200)
    return sum(tone(root * ratio, time, 12, 0.9) for ratio in (1, 1.26, 1.5, 2)) * (
        0.8 + 0.2 * slow(random, len(time), 1)
    )


def plucked_tune(random: np.random.Generator, seconds: float) -> Wave:
    def one() -> Wave:
        time = clock(0.7)
        return tone(196 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12), time, 10) * np.exp(-5 * time)

    return placed(round(seconds * RATE), times(random, seconds, random.uniform(0.2, 0.5), 0.0), one)


def bowed_tune(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    notes = 220 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12], max(2, int(seconds * 3))) / 12)
    pitch = notes[np.minimum((time * 3).astype(int), len(notes) - 1)] * (1 + 0.008 * np.sin(2 * np.pi * 6 * time))
    return resonant(tone(pitch, time, 25, 1.0), (500, 300), (1500, 600), (3000, 800)) * (
        0.6 + 0.4 * slow(random, len(time), 3)
    )


def band(random: np.random.Generator, seconds: float) -> Wave:
    length = round(seconds * RATE)
    drums = placed(length, times(random, seconds, 0.5, 0.0), lambda: 2 * struck(random, 0.2, 20, 60, 90))
    snares = placed(length, times(random, seconds, 0.5, 0.0) + 0.25, lambda: struck(random, 0.15, 25))
    return drums + 0.5 * snares + 0.3 * chords(random, seconds)[:length] + 0.3 * bowed_tune(random, seconds)[:length]


def noise(exponent: float) -> Maker:
    return lambda random, seconds: coloured(random, round(seconds * RATE), exponent)


def wind(random: np.random.Generator, seconds: float) -> Wave:
    length = round(seconds * RATE)
    return coloured(random, length, 2, 40, 900) * slow(random, length, 1) ** 2


def waves(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    return coloured(random, len(time), 1) * np.sin(np.pi * time / random.uniform(2, 4)) ** 4


def rain(random: np.random.Generator, seconds: float) -> Wave:
    length = round(seconds * RATE)
    drops = placed(
        length, random.uniform(0, seconds, int(60 * seconds)), lambda: random.uniform() * struck(random, 0.01, 500)
    )
    return coloured(random, length, 0.5) * 0.2 + drops


def thunder(random: np.random.Generator, seconds: float) -> Wave:
    length = round(seconds * RATE)
    return coloured(random, length, 2.5, 20, 600) * slow(random, length, 4) * np.exp(-clock(seconds) / 1.5)


def speech_shaped(random: np.random.Generator, seconds: float) -> Wave:
    return resonant(coloured(random, round(seconds * RATE), 1, 80), (500, 300), (1500, 500), (2500, 600))


def babble(random: np.random.Generator, seconds: float) -> Wave:
    """Return speech-shaped noise in bands that swell as often as syllables do, each on its own."""
    length = round(seconds * RATE)
    bands = ((100, 500), (500, 1200), (1200, 2500), (2500, 6000))
    return sum(
        coloured(random, length, 1, *edges) * slow(random, length, random.uniform(3, 6)) ** 2 / (1 + number)
        for number, edges in enumerate(bands)
    )


def buzzing_syllables(random: np.random.Generator, seconds: float) -> Wave:
    """Return a buzz at the pitch of a voice that swells as often as syllables do, without formants."""
    time = clock(seconds)
    return tone(random.uniform(90, 220), time, 30, 0.7) * slow(random, len(time), 4) ** 2


def claps(random: np.random.Generator, seconds: float) -> Wave:
    return placed(
        round(seconds * RATE),
        times(random, seconds, random.uniform(0.3, 0.7)),
        lambda: resonant(struck(random, 0.08, 60), (1200, 500), (2500, 800)),
    )


def applause(random: np.random.Generator, seconds: float) -> Wave:
    starts = random.uniform(0, seconds, int(random.uniform(30, 150) * seconds))
    return placed(
        round(seconds * RATE), starts, lambda: resonant(struck(random, 0.04, 90), (random.uniform(800, 2500), 500))
    )


def knocks(random: np.random.Generator, seconds: float) -> Wave:
    return placed(
        round(seconds * RATE),
        times(random, seconds, random.uniform(0.2, 0.6)),
        lambda: struck(random, 0.15, 40, random.uniform(100, 200), random.uniform(250, 500)),
    )


def keyboard(random: np.random.Generator, seconds: float) -> Wave:
    starts = times(random, seconds, 0.15, 0.3)
    return placed(round(seconds * RATE), starts, lambda: random.uniform(0.4, 1) * struck(random, 0.02, 300))


def bells(random: np.random.Generator, seconds: float) -> Wave:
    root = random.uniform(250, 700)
    return placed(
        round(seconds * RATE),
        times(random, seconds, random.uniform(0.8, 1.5), 0.0),
        lambda: struck(random, 2.0, 2, *(root * ratio for ratio in (0.5, 1, 1.2, 1.5, 2, 2.7))),
    )


def engine(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    speed = random.uniform(25, 60) * (1 + 0.6 * slow(random, len(time), 0.7))
    return tone(speed, time, 60, 0.6) + coloured(random, len(time), 1.5, 40, 2000)


def motorbike(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    speed = random.uniform(70, 120) * (1 + slow(random, len(time), 1))
    return resonant(tone(speed, time, 60, 0.3), (400, 200), (1200, 500))


def drill(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    return tone(random.uniform(150, 300) * (1 + 0.1 * slow(random, len(time), 2)), time, 30, 0.3) + coloured(
        random, len(time), 0, 1000
    )


def helicopter(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    return coloured(random, len(time), 1.5, 40, 1500) * (
        0.2 + (np.sin(2 * np.pi * random.uniform(10, 20) * time) > 0.5)
    )


def breath(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    sound = resonant(coloured(random, len(time), 0.5, 200), (700, 300), (1700, 400), (2800, 500))
    return sound * np.sin(np.pi * time / random.uniform(1.2, 2)) ** 2


def snore(random: np.random.Generator, seconds: float) -> Wave:
    time = clock(seconds)
    flutter = tone(random.uniform(30, 60), time, 40, 0.4) + coloured(random, len(time), 1, 100, 2000)
    return resonant(flutter, (300, 150), (900, 300)) * np.sin(np.pi * time / random.uniform(1.2, 2)) ** 4


def cough(random: np.random.Generator, seconds: float) -> Wave:
    def one() -> Wave:
        time = clock(random.uniform(0.15, 0.35))
        burst = random.standard_normal(len(time)) * np.exp(-12 * time) + 0.3 * tone(180.0, time, 20, 0.8) * np.exp(
            -8 * time
        )
        return resonant(burst, (600, 300), (1500, 500), (2600, 700))

    return placed(round(seconds * RATE), times(random, seconds, random.uniform(0.4, 1.0), 0.2), one)


KINDS: Final[dict[str, Maker]] = {
    "air raid siren": air_raid,
    "applause": applause,
    "babble": babble,
    "band": band,
    "bark": bark,
    "beeps": beeps,
    "bells": bells,
    "birds": birds,
    "blue noise": noise(-1),
    "bowed tune": bowed_tune,
    "breath": breath,
    "brown noise": noise(2),
    "buzzing syllables": buzzing_syllables,
    "chords": chords,
    "claps": claps,
    "cough": cough,
    "crickets": crickets,
    "crow": crow,
    "dial tone": dial_tone,
    "drill": drill,
    "dtmf": dtmf,
    "engine": engine,
    "helicopter": helicopter,
    "howl": howl,
    "hum": hum,
    "hummed note": hummed_note,
    "hummed tune": hummed_tune,
    "keyboard": keyboard,
    "knocks": knocks,
    "meow": meow,
    "modem": modem,
    "motorbike": motorbike,
    "organ": organ,
    "pink noise": noise(1),
    "plucked tune": plucked_tune,
    "rain": rain,
    "siren, two tones": siren_two_tone,
    "siren, wail": siren_wail,
    "siren, yelp": siren_yelp,
    "snore": snore,
    "speech-shaped noise": speech_shaped,
    "telephone bell": telephone_bell,
    "thunder": thunder,
    "violet noise": noise(-2),
    "waves": waves,
    "whistle": whistle,
    "white noise": noise(0),
    "wind": wind,
}
"""Kinds of sound without speech."""
