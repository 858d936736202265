"""How soon words appear in live captions: from the end of a word to the first text that has it, over the server.

    python benchmarks/live_captions.py ../shared/data/librispeech_test_other --clips 8 --sessions 1 4

Clips are played over WebSockets as if they were spoken, in chunks of a tenth of a second, with a second of silence
between them. A word has appeared when a hypothesis or a final text has it in its place among the words around it.
The time includes the way through the server, and emotions and speakers, which are recognised as usual.
"""

from __future__ import annotations

import common  # isort: skip

import difflib
import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from websockets.sync.client import connect

from pipeline.audio import read_audio
from pipeline.core.options import ServerOptions
from pipeline.core.settings import load_settings
from pipeline.web.app import create_app
from pipeline.web.server import address_of, listen, run

CHUNK = 0.1
"""Seconds of sound in a message, as a browser sends it."""
PAUSE = 1.0
"""Seconds of silence between clips."""
COMPLETED = "conversation.item.input_audio_transcription.completed"


def main() -> None:
    options = common.parser(__doc__)
    common.add_data(options, "librispeech_test_other", positional=True)
    options.add_argument("--clips", type=int, default=8, metavar="N", help="clips in each session; 8 by default")
    options.add_argument("--sessions", type=int, nargs="+", default=[1, 4], metavar="N", help="1 and 4 by default")
    arguments = options.parse_args()
    clips = common.sounds(arguments.data)[:: max(1, len(common.sounds(arguments.data)) // arguments.clips)]
    sound = joined(clips[: arguments.clips])
    address = serve(max(arguments.sessions)).replace("http", "ws")
    print(f"{len(sound) / 16_000:.0f} s of sound in each session")
    for count in arguments.sessions:
        with ThreadPoolExecutor(count) as threads:
            found = list(threads.map(lambda _: played(address, sound), range(count)))
        delays = sorted(delay for session in found for delay in session)
        print(
            f"{count} sessions: {len(delays)} words, median {statistics.median(delays):.2f} s,"
            f" 95 % within {delays[int(0.95 * len(delays))]:.2f} s, at most {delays[-1]:.2f} s"
        )


def joined(clips: list[Path]) -> np.ndarray:
    """Return clips at 16 kHz with silence after each."""
    silence = np.zeros(round(16_000 * PAUSE), np.float32)
    return np.concatenate([part for clip in clips for part in (read_audio(clip).samples, silence)])


def serve(sessions: int) -> str:
    """Start a server whose engines are loaded; return its address."""
    app = create_app(load_settings({"threads": 1, "live_sessions": sessions})[0])
    listening = listen(ServerOptions(port=0))
    started = threading.Event()
    threading.Thread(target=run, args=(app, listening, started.set), daemon=True).start()
    started.wait()
    while app.state.service.status == "loading":
        time.sleep(0.1)
    return address_of(listening)


def played(address: str, sound: np.ndarray) -> list[float]:
    """Play a sound in its own time; return for each word how many seconds after its end it appeared."""
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
    return [delay for item in items_of(shown) for delay in delays(*item)]


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


def delays(texts: list[tuple[float, str]], segment: dict[str, Any]) -> list[float]:
    """Return for each final word when it was first shown in its place, less when it ended."""
    words = [plain(word["text"]) for word in segment["words"]]
    first: dict[int, float] = {}
    for when, text in texts:
        matcher = difflib.SequenceMatcher(None, words, [plain(word) for word in text.split()], autojunk=False)
        for block in matcher.get_matching_blocks():
            for index in range(block.a, block.a + block.size):
                first.setdefault(index, when)
    return [first[index] - word["end"] for index, word in enumerate(segment["words"]) if index in first]


def plain(word: str) -> str:
    """Return a word without case and punctuation."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())


if __name__ == "__main__":
    main()
