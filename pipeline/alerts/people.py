"""People: who of a call is the customer, and what they said and how. Nobody else is judged.

Recognising the emotions of employees at work is forbidden in the European Union, but for medical or safety reasons
(Regulation 2024/1689, article 5(1)(f)). So the sound of other people is not given to the recognition of emotions.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.audio import SAMPLE_RATE
from pipeline.audio.channels import ChannelComparison
from pipeline.audio.decoding import HEAR_EACH_CHANNEL
from pipeline.chain import VoicePipeline
from pipeline.chain.recordings import read_in_parts, read_split
from pipeline.core.errors import NoSpeech, SettingsError, UsageError
from pipeline.core.options import AlertOptions
from pipeline.core.results import Transcript
from pipeline.core.values import Audio, Segment

__all__ = [
    "AGENT", "CUSTOMER", "EVERYBODY", "Heard", "People", "customer_of", "customer_pattern", "hear", "require_customer",
]  # fmt: skip

CUSTOMER: Final = "customer"
"""What the customer is called in segments and alerts."""

AGENT: Final = "agent"
"""What everybody else is called."""

EVERYBODY: Final = "everybody"
"""Value of `customer_speaker` for recordings in which only customers speak."""

_NAME_THE_CHANNEL: Final = "--customer-channel N says which one is the customer's."
"""What to do here where each channel holds a speaker."""

_SPEAKER: Final = re.compile(rf"speaker [1-9]\d*|{EVERYBODY}")
"""What `customer_speaker` can be: a speaker as they are told apart; a role would decide nothing."""

_STAFF: Final = re.compile(
    r"(the |our |my |call ?cent(re|er) |support |customer service )*"
    r"(agent|employee|staff|staff member|operator|worker|clerk|advis[eo]r|representative|mitarbeiter|mitarbeiterin)"
    r"(s|nen)?( ?\d+)?"
)
"""Names of people at work, without differences of case."""

_TURN: Final = 0.3
"""Seconds of speech below which there is nothing to judge; set by hand."""


@dataclass(frozen=True)
class People:
    """Who of a call is judged."""

    channel: int = 0
    """Channel of the customer, counted from 1; 0 if channels do not tell."""
    speaker: str = ""
    """Speaker who is the customer, or `everybody`; empty if a channel tells."""
    employees_because: str = ""
    """Why it is lawful to judge employees as well; empty if they are not judged."""

    @classmethod
    def of(cls, options: AlertOptions) -> People:
        """Return what options say.

        Raises:
            UsageError: They do not say who the customer is, or say it twice.
        """
        channel, speaker = int(options.customer_channel or 0), " ".join(options.customer_speaker.split())
        if not (channel or speaker):
            raise UsageError(
                "Nobody says who of a call is the customer, and nobody else may be judged.",
                hint="Give --customer-channel 2, --customer-speaker 'speaker 1', or --customer-speaker everybody"
                " for voice messages.",
            )
        if channel and speaker:
            raise UsageError("A channel and a speaker are both said to be the customer.", hint="Leave one of them out.")
        require_customer(speaker)
        if speaker and not _SPEAKER.fullmatch(speaker.casefold()):
            raise UsageError(
                f"--customer-speaker cannot be '{speaker}': only the sound tells who speaks.",
                hint=f"Give 'speaker 1', 'speaker 2' and so on, or {EVERYBODY} for voice messages.",
            )
        return cls(channel, speaker, options.judge_employees_because)


def require_customer(name: str) -> None:
    """Refuse a customer who is plainly somebody at work.

    Args:
        name: Of whom somebody says that they are the customer.

    Raises:
        UsageError: It is the name of a role at work, not of a customer.
    """
    if _STAFF.fullmatch(" ".join(name.casefold().replace("-", " ").replace("_", " ").split())):
        raise UsageError(
            "An agent is no customer, and is not judged.",
            hint="Only --judge-employees-because 'medical: …' or 'safety: …' allows it.",
        )


@dataclass(frozen=True)
class Heard:
    """What was found out about a call."""

    segments: tuple[Segment, ...]
    """What those who are judged said, and how, in order of time; speakers are `customer` and `agent`."""
    duration: float
    """Seconds of the call."""
    problem: str = ""
    """Why nobody, or not everything, was judged; empty if all was."""

    @property
    def model(self) -> str:
        """What told the emotions; empty if nothing was judged."""
        return next((segment.emotion.model for segment in self.segments if segment.emotion), "")


def hear(pipeline: VoicePipeline, recording: str, people: People) -> Heard:
    """Find out what those who may be judged said in a recording, and how.

    Args:
        pipeline: Its engines hear.
        recording: Path.
        people: Who may be judged.

    Raises:
        UnreadableAudio: The recording cannot be read.
        EngineMissing: An engine is not ready on this machine.
    """
    if people.channel:
        return _heard_by_channel(pipeline, recording, people)
    if people.speaker.casefold() == EVERYBODY:
        duration, together = _who_is_together(pipeline, recording)
        if not together:
            problem = (
                "Several people speak in it, each on a channel: not everybody is a customer, so nobody was judged."
            )
            return Heard((), duration, f"{problem} --customer-channel says which one is.")
        found = pipeline.transcribe(recording, emotions=True)
        return Heard(_called(CUSTOMER, found.segments), found.duration, " ".join(found.notes))
    return _heard_by_speaker(pipeline, recording, people)


def _heard_by_channel(pipeline: VoicePipeline, recording: str, people: People) -> Heard:
    """Hear the channel of the customer, and others only where that is lawful."""
    notes: list[str] = []
    channels = read_split(recording, pipeline.options.changed(channels="split"), notes=notes)
    duration = channels[0].duration
    if len(channels) < max(2, people.channel):
        count = "one channel" if len(channels) == 1 else f"{len(channels)} channels"
        return Heard((), duration, f"It has {count}, so nobody knows who the customer is: nobody was judged.")
    if _are_the_same(channels):
        return Heard((), duration, "Both channels hold the same sound: nobody knows who the customer is.")
    segments: list[Segment] = []
    for number, channel in enumerate(channels, start=1):
        if number != people.channel and not people.employees_because:
            continue
        found = pipeline.transcribe(channel, name=recording, emotions=True, channels="mix")
        segments += _called(CUSTOMER if number == people.channel else AGENT, found.segments)
        notes += found.notes if number == people.channel else ()
    return Heard(_in_order(segments), duration, " ".join(dict.fromkeys(notes)))


def _heard_by_speaker(pipeline: VoicePipeline, recording: str, people: People) -> Heard:
    """Tell speakers apart first, and then judge what the customer said."""
    count = pipeline.options.speakers or 0
    found: Transcript = pipeline.transcribe(recording, speakers=count, emotions=False, timeline=False)
    told = [note.replace(HEAR_EACH_CHANNEL, _NAME_THE_CHANNEL) for note in found.notes]
    who = people.speaker.casefold()
    speakers = list(dict.fromkeys(segment.speaker or "" for segment in found.segments))
    if who not in map(str.casefold, speakers):
        known = f"The speakers are {', '.join(speakers)}." if any(speakers) else "No speakers were told apart."
        notes = [*told, f"There is no {people.speaker} in it: nobody was judged.", known]
        return Heard((), found.duration, " ".join(notes))
    audio = pipeline.read(recording)
    segments: list[Segment] = []
    for segment in found.segments:
        is_customer = (segment.speaker or "").casefold() == who
        if is_customer or people.employees_because:
            judged = _judged(pipeline, segment, audio.slice(segment.start, segment.end))
            segments += _called(CUSTOMER if is_customer else AGENT, (judged,))
    return Heard(_in_order(segments), found.duration, " ".join(told))


def _who_is_together(pipeline: VoicePipeline, recording: str) -> tuple[float, bool]:
    """Return the seconds of a recording, and whether no two of its channels may hold a speaker each.

    A doubt counts against judging, so that it is stricter than what advises to split channels.
    """
    samples = 0
    compared: dict[tuple[int, int], ChannelComparison] = {}
    for channels in read_in_parts(recording, pipeline.options.changed(channels="split"), notes=[]):
        samples += len(channels[0].samples)
        for pair in itertools.combinations(range(len(channels)), 2):
            comparison = compared.setdefault(pair, ChannelComparison(channels[0].sample_rate))
            comparison.add(np.stack([channels[index].samples for index in pair], axis=1))
    return samples / SAMPLE_RATE, not any(comparison.may_be_apart for comparison in compared.values())


def _judged(pipeline: VoicePipeline, segment: Segment, audio: Audio) -> Segment:
    """Return a segment with its emotion."""
    if audio.duration < _TURN:
        return segment
    source = pipeline.options.emotion_from
    try:
        found = pipeline.recognise(audio, text=segment.text if source != "speech" else "", timeline=False)
    except NoSpeech:
        return segment
    return dataclasses.replace(segment, emotion=found.fused.of(source) if found.fused else found.scores)


def _are_the_same(channels: tuple[Audio, ...]) -> bool:
    comparison = ChannelComparison(channels[0].sample_rate)
    comparison.add(np.stack([channel.samples for channel in channels], axis=1))
    return comparison.same


def _called(name: str, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    return tuple(dataclasses.replace(segment, speaker=name) for segment in segments)


def _in_order(segments: list[Segment]) -> tuple[Segment, ...]:
    return tuple(sorted(segments, key=lambda segment: segment.start))


def customer_pattern(options: AlertOptions) -> re.Pattern[str] | None:
    """Return what finds the customer in the path of a recording; None for its subfolder.

    Raises:
        SettingsError: The pattern cannot be, or has no group.
    """
    if not options.customer_pattern:
        return None
    try:
        pattern = re.compile(options.customer_pattern)
    except re.error as error:
        raise SettingsError(
            f"--customer-pattern is no regular expression: {error.msg}.", hint=r"Write such as '_(\d+)\.wav$'."
        ) from error
    if not pattern.groups:
        raise SettingsError(
            "--customer-pattern has no group that would be the customer.", hint=r"Write such as '_(\d+)\.wav$'."
        )
    return pattern


def customer_of(recording: str, folder: str, pattern: re.Pattern[str] | None) -> str:
    r"""Return whose call a recording is; empty if its path does not tell.

    Args:
        recording: Path.
        folder: Where it was found.
        pattern: Its first group, or the one named `customer`, is the customer; None for the first subfolder.

    >>> customer_of("calls/Anna/1.wav", "calls", None), customer_of("calls/1.wav", "calls", None)
    ('Anna', '')
    >>> customer_of("calls/agent7_4917.wav", "calls", re.compile(r"_(\d+)\.wav$"))
    '4917'
    """
    parts = list(_parts(recording, folder))
    if pattern is None:
        return parts[0] if len(parts) > 1 else ""
    if not (found := pattern.search("/".join(parts))):
        return ""
    return (found["customer"] if "customer" in pattern.groupindex else found[1]) or ""


def _parts(recording: str, folder: str) -> Iterator[str]:
    """Yield the parts of a path below a folder."""
    path, root = Path(recording).absolute(), Path(folder).absolute()
    yield from path.relative_to(root).parts if path.is_relative_to(root) else (path.name,)
