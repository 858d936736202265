"""How soon words appear in live captions: from the end of a word to the first text that has it, over the server.

    python benchmarks/live_captions.py ../shared/data/librispeech_test_other --clips 8 --sessions 1 4

Clips are played over WebSockets as if they were spoken, in chunks of a tenth of a second, with a second of silence
between them; each session begins with another clip. A word has appeared when a hypothesis or a final text has it in
its place among the words around it: one that is heard as another word at first appears once it is corrected.
The time includes the way through the server, and emotions and speakers, which are recognised as usual.

The processors are shared with whatever else runs on the machine, so their time is told too: of this process, which
holds server and clients, and of all others. Times are those of a quiet machine only if the latter are near nothing.
Elsewhere `--virtual` tells more: clocks stand still but for the processor time that hearing takes, on two processors
that nobody else uses, and whoever has waited longest is heard next, as in the server. Its connections, the names of
speakers and one thread's waiting for another are left out; busy neighbours still make processor time longer.
"""

from __future__ import annotations

import common  # isort: skip

import difflib
import heapq
import json
import os
import statistics
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from websockets.sync.client import connect

from pipeline import VoicePipeline
from pipeline.audio import read_audio
from pipeline.core.options import ServerOptions
from pipeline.core.settings import load_settings
from pipeline.web.app import create_app
from pipeline.web.live.hearing import Hearing
from pipeline.web.server import address_of, listen, run

CHUNK = 0.1
"""Seconds of sound in a message, as a browser sends it."""
PAUSE = 1.0
"""Seconds of silence between clips."""
PROCESSORS = 2
"""Of `--virtual`."""
COMPLETED = "conversation.item.input_audio_transcription.completed"


class Seen(NamedTuple):
    """When a word of a final text was first seen."""

    word: str
    delay: float
    """Seconds after its end."""


def main() -> None:
    options = common.parser(__doc__)
    common.add_data(options, "librispeech_test_other", positional=True)
    options.add_argument("--clips", type=int, default=8, metavar="N", help="clips in each session; 8 by default")
    options.add_argument("--sessions", type=int, nargs="+", default=[1, 4], metavar="N", help="1 and 4 by default")
    options.add_argument("--threads", type=int, default=1, metavar="N", help="of each engine; 1 by default")
    options.add_argument("--virtual", action="store_true", help="in the time of two processors that nobody else uses")
    options.add_argument("--longest", type=int, default=0, metavar="N", help="words that waited longest to be listed")
    arguments = options.parse_args()
    paths = common.sounds(arguments.data)
    clips = paths[:: max(1, len(paths) // arguments.clips)][: arguments.clips]
    if arguments.virtual:
        pipeline = VoicePipeline(load_settings({"threads": 1})[0])
        in_virtual_time(pipeline, [joined(clips[:1])])  # Whatever is made at the first use is there now.
    else:
        address = serve(max(arguments.sessions), arguments.threads).replace("http", "ws")
    print(f"{len(joined(clips)) / 16_000:.0f} s of sound in each session")
    for count in arguments.sessions:
        turned = [clips[first:] + clips[:first] for first in (len(clips) * each // count for each in range(count))]
        began, own, all_of_them = time.monotonic(), time.process_time(), busy()
        sounds = [joined(order) for order in turned]
        if arguments.virtual:
            found = in_virtual_time(pipeline, sounds)
        else:
            with ThreadPoolExecutor(count) as threads:
                found = list(threads.map(lambda sound: played(address, sound), sounds))
        seconds, own, all_of_them = (time.monotonic() - began, time.process_time() - own, busy() - all_of_them)
        seen = sorted((each for session in found for each in session), key=lambda each: each.delay)
        delays = [each.delay for each in seen]
        if arguments.virtual:
            seconds, all_of_them = len(sounds[0]) / 16_000, float("nan")
        print(
            f"{count} sessions: {len(delays)} words, median {statistics.median(delays):.2f} s,"
            f" 95 % within {delays[int(0.95 * len(delays))]:.2f} s, at most {delays[-1]:.2f} s;"
            f" {100 * statistics.mean(delay > 2 for delay in delays):.1f} % later than 2 s;"
            f" processors: {own / seconds:.2f} for this, {(all_of_them - own) / seconds:.2f} for others"
        )
        for word, delay in seen[::-1][: arguments.longest]:
            print(f"  {delay:5.2f} s  {word}")


def joined(clips: list[Path]) -> np.ndarray:
    """Return clips at 16 kHz with silence after each."""
    silence = np.zeros(round(16_000 * PAUSE), np.float32)
    return np.concatenate([part for clip in clips for part in (read_audio(clip).samples, silence)])


def busy() -> float:
    """Return the processor seconds of everything on this machine since it started; not a number where nobody tells."""
    try:
        user, nice, system, _, _, interrupts, soft = map(int, Path("/proc/stat").read_text().split()[1:8])
    except OSError:
        return float("nan")
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def serve(sessions: int, threads: int) -> str:
    """Start a server whose engines are loaded; return its address."""
    app = create_app(load_settings({"threads": threads, "live_sessions": sessions})[0])
    listening = listen(ServerOptions(port=0))
    started = threading.Event()
    threading.Thread(target=run, args=(app, listening, started.set), daemon=True).start()
    started.wait()
    while app.state.service.status == "loading":
        time.sleep(0.1)
    return address_of(listening)


def played(address: str, sound: np.ndarray) -> list[Seen]:
    """Play a sound in its own time; return for each word how long after its end it appeared."""
    data = (sound * 32767).astype("<i2").tobytes()
    size = round(CHUNK * 16_000) * 2
    shown: list[tuple[float, dict[str, Any]]] = []
    with connect(f"{address}v1/live?rate=16000") as live:
        began = time.monotonic()

        def listen_to_events() -> None:
            for message in live:
                shown.append((time.monotonic() - began, json.loads(message)))

        listener = threading.Thread(target=listen_to_events)
        listener.start()
        for number, start in enumerate(range(0, len(data), size), start=1):
            # A chunk can be sent once it has been spoken.
            time.sleep(max(0.0, began + number * CHUNK - time.monotonic()))
            live.send(data[start : start + size])
        live.send(json.dumps({"type": "resay.end"}))
        listener.join()
    return [each for item in items_of(shown) for each in seen(*item)]


def in_virtual_time(pipeline: VoicePipeline, sounds: list[np.ndarray]) -> list[list[Seen]]:
    """Hear sounds side by side, each in its own time, on processors that do nothing else."""
    data = [(sound * 32767).astype("<i2").tobytes() for sound in sounds]
    size = round(CHUNK * 16_000) * 2
    hearings = [Hearing(pipeline, {"emotions": True}, 16_000, deque(), prosody=False) for _ in sounds]
    shown: list[list[tuple[float, dict[str, Any]]]] = [[] for _ in sounds]
    heard, free = [0] * len(sounds), [0.0] * PROCESSORS
    waiting = [(CHUNK, number) for number in range(len(sounds))]  # When each has something to hear.
    while waiting:
        since, number = heapq.heappop(waiting)
        processor = free.index(min(free))
        began = max(since, free[processor])
        to = min(len(data[number]), int(began / CHUNK + 1e-6) * size)
        is_last, before = to == len(data[number]), time.process_time()
        for live in hearings[number].hear(data[number][heard[number] : to], is_last=is_last):
            told = {"type": COMPLETED if live.final else "resay.hypothesis", "item_id": str(live.number)}
            told |= {"text": live.segment.text, "segment": live.segment.to_dict()}
            shown[number].append((began + time.process_time() - before, told))
        free[processor] = began + time.process_time() - before
        heard[number] = to
        if not is_last:
            heapq.heappush(waiting, (max(free[processor], (to / size + 1) * CHUNK), number))
    return [[each for item in items_of(events) for each in seen(*item)] for events in shown]


def items_of(shown: list[tuple[float, dict[str, Any]]]) -> list[tuple[list[tuple[float, str]], dict[str, Any]]]:
    """Return for each segment the texts that were shown, with when, and the final segment."""
    texts: dict[str, list[tuple[float, str]]] = {}
    finals: dict[str, dict[str, Any]] = {}
    for when, event in shown:
        if event["type"] in ("resay.hypothesis", COMPLETED):
            text = event.get("text") or event.get("transcript") or ""
            texts.setdefault(event["item_id"], []).append((when, text))
        if event["type"] == COMPLETED:
            finals[event["item_id"]] = event["segment"]
    return [(texts[item], segment) for item, segment in finals.items() if segment["words"]]


def seen(texts: list[tuple[float, str]], segment: dict[str, Any]) -> list[Seen]:
    """Return for each final word when it was first shown in its place, less when it ended."""
    words = [plain(word["text"]) for word in segment["words"]]
    first: dict[int, float] = {}
    for when, text in texts:
        matcher = difflib.SequenceMatcher(None, words, [plain(word) for word in text.split()], autojunk=False)
        for block in matcher.get_matching_blocks():
            for index in range(block.a, block.a + block.size):
                first.setdefault(index, when)
    return [
        Seen(word["text"], first[index] - word["end"]) for index, word in enumerate(segment["words"]) if index in first
    ]


def plain(word: str) -> str:
    """Return a word without case and punctuation."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())


if __name__ == "__main__":
    main()
