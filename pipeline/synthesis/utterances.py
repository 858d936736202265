"""Utterances of a recording or of a subtitle file, said one by one and joined with their pauses or in their places."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipeline.audio.long_sounds import GrowingSound
from pipeline.audio.tempo import at_tempo
from pipeline.core.emotions import Mood
from pipeline.core.errors import NoSpeech
from pipeline.core.results import Rendition
from pipeline.core.values import Audio, EmotionScores, Segment, Speech, Word

__all__ = ["FASTEST", "SLOWEST", "Utterance", "joined", "merged"]

FASTEST: Final = 0.8
"""Least share of its duration that an utterance is pressed into."""
SLOWEST: Final = 1.25
"""Greatest share of its duration that an utterance is drawn to."""

_SAME_BREATH: Final = 0.3
"""Seconds of pause within which two utterances of one voice and mood are said in one breath."""
_UNHEARD: Final = 0.02
"""Share of the duration by which nobody hears that the tempo was changed."""
_NEVER_LATE: Final = 0.05
"""Seconds of delay that nobody notices."""


@dataclass(frozen=True)
class Utterance:
    """What is said at one time, and how."""

    text: str
    """What to say; may be empty if a recording itself is moved."""
    mood: Mood
    """An emotion or a custom mood."""
    voice: str
    """A voice of the engine."""
    start: float
    """Seconds in the recording or the subtitles."""
    end: float
    """Seconds in the recording or the subtitles."""
    words: tuple[Word, ...] = ()
    """The words as they were spoken in the recording, with their times in it."""


def merged(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Return the utterances with those put together that follow each other in one breath, one voice and one mood."""
    runs: list[list[Utterance]] = []
    for utterance in utterances:
        last = runs[-1][-1] if runs else None
        if (
            last
            and (last.mood, last.mood.strength, last.voice)
            == (utterance.mood, utterance.mood.strength, utterance.voice)
            and utterance.start - last.end < _SAME_BREATH
        ):
            runs[-1].append(utterance)
        else:
            runs.append([utterance])
    return [
        dataclasses.replace(
            run[0],
            text=" ".join(filter(None, (utterance.text for utterance in run))),
            end=run[-1].end,
            words=tuple(word for utterance in run for word in utterance.words),
        )
        for run in runs
    ]


def joined(said: Iterable[tuple[Utterance, Speech]], *, keep_timing: bool = False, duration: float = 0.0) -> Rendition:
    """Join utterances to one sound.

    The pauses between utterances stay as long as they were.
    If the timing is kept, each utterance begins where it began and is pressed or drawn, to 0.8 to 1.25 times its
    duration, to end where it ended; one that is still too long takes from the pause after it, and then makes
    the next one late.

    Args:
        said: Each utterance with its speech, in order of time; all from one engine. They are taken one at a time,
            and the sound of the whole may lie in a temporary file, so that memory does not grow with it.
        keep_timing: Whether utterances keep their places.
        duration: Seconds that the whole has at least, if the timing is kept.

    Raises:
        NoSpeech: There is no utterance.
    """
    sound = GrowingSound()
    words: list[Word] = []
    segments: list[Segment] = []
    moods: dict[str, None] = {}
    voices: dict[str, None] = {}
    notes: dict[str, None] = {}
    engine, rate, overflow, overflowing = "", 0, 0.0, 0
    previous_end: float | None = None

    for utterance, speech in said:
        engine, rate = speech.engine, speech.audio.sample_rate
        if keep_timing:
            late = sound.length / rate - utterance.start
            sound.add_silence(round(-late * rate))
            if late > _NEVER_LATE:
                overflow, overflowing = max(overflow, late), overflowing + 1
            speech = _fitted(speech, utterance.end - utterance.start)
        elif previous_end is not None:
            sound.add_silence(round((utterance.start - previous_end) * rate))
        previous_end = utterance.end
        start = sound.length / rate
        sound.add(speech.audio.samples)
        moods[utterance.mood.word] = voices[speech.voice] = None
        notes |= dict.fromkeys(speech.notes)
        spoken = tuple(word.shifted(start) for word in speech.words)
        words += spoken
        segments.append(
            Segment(
                start=spoken[0].start if spoken else start,
                end=spoken[-1].end if spoken else sound.length / rate,
                text=utterance.text or speech.text,
                words=spoken,
                emotion=EmotionScores.asked_for(utterance.mood, speech.engine),
                speaker=speech.voice,
            )
        )
    if previous_end is None:
        raise NoSpeech("There is nothing to say.")
    if keep_timing:
        late = sound.length / rate - max(previous_end, duration)
        overflow = max(overflow, late if late > _NEVER_LATE else 0.0)
        sound.add_silence(round(-late * rate))
    whole = Speech(
        audio=Audio(sound.samples(), rate),
        text=" ".join(segment.text for segment in segments).strip(),
        emotion=", ".join(moods),
        voice=", ".join(voices),
        engine=engine,
        words=tuple(words),
        notes=tuple(notes),
    )
    return Rendition(whole, tuple(segments), round(overflow, 3), overflowing)


def _fitted(speech: Speech, seconds: float) -> Speech:
    """Return the speech as long as its place, as far as it may be pressed or drawn."""
    ratio = min(max(seconds / max(speech.audio.duration, 1e-6), FASTEST), SLOWEST)
    if abs(ratio - 1) < _UNHEARD:
        return speech
    words = tuple(dataclasses.replace(word, start=word.start * ratio, end=word.end * ratio) for word in speech.words)
    return dataclasses.replace(speech, audio=at_tempo(speech.audio, ratio), words=words)
