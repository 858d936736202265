"""Telling: what is heard becomes numbered events, kept for whoever connects again."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from pipeline.transcription.live import LiveSegment

__all__ = ["Events", "SegmentTeller"]

_MOST_EVENTS: Final = 4000
"""Events that can be told again: those of hours. Set by hand."""

_HYPOTHESIS: Final = "resay.hypothesis"
_TRANSCRIPTION: Final = "conversation.item.input_audio_transcription"
"""Beginning of the names of OpenAI's events about words."""


class Events:
    """The events of a session: those that have a number are kept, of others the latest of each type."""

    def __init__(self) -> None:
        self.number = 0
        """Of the last event that has one."""
        self.version = 0
        """Counts the others."""
        self._numbered: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_MOST_EVENTS)
        self._latest: dict[str, tuple[int, dict[str, Any]]] = {}

    def tell(self, event: dict[str, Any]) -> None:
        """Number an event, and keep it for whoever connects again."""
        self.number += 1
        self._numbered.append((self.number, {"event_id": f"event_{self.number}"} | event))

    def replace(self, event: dict[str, Any]) -> None:
        """Take an event in the place of the last one of its type; nobody needs that one any more."""
        self.version += 1
        self._latest[event["type"]] = (self.version, event)

    def withdraw(self, kind: str) -> None:
        """Let go of the latest event of a type: there is nothing to say of it any more."""
        self._latest.pop(kind, None)

    def since(self, number: int, version: int) -> list[dict[str, Any]]:
        """Return the events that are new to somebody who knows those up to a number and a version."""
        return [event for each, event in self._numbered if each > number] + [
            event for changed, event in self._latest.values() if changed > version
        ]


class SegmentTeller:
    """Tells of segments and who says them, in the events of OpenAI's API where they fit.

    Args:
        events: Of the session.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._item = ""
        self._items: list[str] = []
        self._names: tuple[str | None, ...] = ()
        self._known: dict[str, str] = {}

    def tell(self, live: LiveSegment, prosody: list[dict[str, float | None]] | None = None) -> None:
        """Tell what is new about a segment.

        Args:
            live: What is new.
            prosody: Loudness and pitch of its words; None if they were not measured.
        """
        segment, item = live.segment, f"item_{live.number}"
        if item != self._item:
            self._item = item
            milliseconds = round(1000 * segment.start)
            self._events.tell(
                {"type": "input_audio_buffer.speech_started", "item_id": item, "audio_start_ms": milliseconds}
            )
        if not live.final:
            times = {"start": round(segment.start, 3), "end": round(segment.end, 3)}
            self._events.replace({"type": _HYPOTHESIS, "item_id": item, "text": segment.text, **times})
            return
        self._events.withdraw(_HYPOTHESIS)
        milliseconds = round(1000 * segment.end)
        self._events.tell({"type": "input_audio_buffer.speech_stopped", "item_id": item, "audio_end_ms": milliseconds})
        content = {"item_id": item, "content_index": 0}
        if segment.text:
            self._items.append(item)
            self._events.tell({"type": f"{_TRANSCRIPTION}.delta", **content, "delta": segment.text})
        usage = {"type": "duration", "seconds": round(segment.end - segment.start, 3)}
        self._events.tell(
            {
                "type": f"{_TRANSCRIPTION}.completed",
                **content,
                "transcript": segment.text,
                "usage": usage,
                "segment": segment.to_dict(),
                **({} if prosody is None else {"prosody": prosody}),
            }
        )
        self.name(self._names)

    def name(self, names: tuple[str | None, ...]) -> None:
        """Tell whose speakers are known or known better.

        Args:
            names: Who says each segment that has words, as far as it is known, in their order.
        """
        self._names = names
        named = {item: name for item, name in zip(self._items, names, strict=False) if name}
        new = {item: name for item, name in named.items() if self._known.get(item) != name}
        if new:
            self._known |= new
            self._events.tell({"type": "resay.speakers", "speakers": new})
