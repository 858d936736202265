"""A page with which people compare voices by ear, and the sum of what they answered.

    python benchmarks/rendered.py NEW
    python benchmarks/listening.py docs/listening.html --old OLD --new NEW
    python benchmarks/listening.py --results FILE...

OLD and NEW are folders of `rendered.py`, with the same sentences said by two voices. The page holds all its sounds and
asks no host for anything. Part 1 are blind pairs: each preset neutral and in three emotions, sides and order by chance.
Part 2 names the emotion of the new voice, each preset in each. Part 3 rates how natural both are, from 1 to 5.
People save their answers as JSON. `--results` sums up the files of several: shares with 95 % intervals by Wilson, means
with 1.96 standard errors, as if all answers were independent. Somebody who saved twice counts once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from string import Template
from typing import Any, Final

import common
import numpy as np
from rendered import Folder, Sound

from pipeline.audio import SoundInformation, write_sound
from pipeline.core.emotions import EMOTIONS
from pipeline.core.files import atomic
from pipeline.core.voices import VOICE_PRESETS

_PAGE: Final = Path(__file__).with_suffix(".html")

_ACTED_PAIRS: Final = 3
"""Emotions beside neutral in which each preset is compared; over the four presets each emotion comes at least once."""

_ANSWERS: Final = {
    "pair": {"old", "new", "none"},
    "emotion": {*EMOTIONS, "unknown"},
    "rating": {"1", "2", "3", "4", "5"},
}
"""Part to the answers that it can have."""

Item = dict[str, Any]
"""A question of the page: `part`, what is said, by whom and how, and the numbers of its sounds."""

Answer = dict[str, Any]
"""What somebody answered: as an item, with `answer`."""


# -- The page ----------------------------------------------------------------------------------------------------------


class Sounds:
    """The sounds of the page, each once."""

    def __init__(self) -> None:
        self.uris: list[str] = []
        self._numbers: dict[tuple[Path, str], int] = {}

    def number(self, folder: Folder, sound: Sound) -> int:
        """Return the number of a sound, which is taken in if it is new."""
        key = folder.path, sound.file
        if key not in self._numbers:
            self._numbers[key] = len(self.uris)
            self.uris.append(_data_uri(folder, sound))
        return self._numbers[key]


def _data_uri(folder: Folder, sound: Sound) -> str:
    """Return a sound as an mp3 within its address, which declares itself synthetic as every result does."""
    information = SoundInformation(folder.engine, sound.voice, sound.emotion, sound.sentence)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "sound.mp3"
        write_sound(path, folder.audio(sound), information=information)
        return f"data:audio/mpeg;base64,{base64.b64encode(path.read_bytes()).decode()}"


def page_of(old: Folder, new: Folder) -> str:
    """Return the page that compares two folders.

    Raises:
        SystemExit: They have no sentence, voice or emotion in common.
    """
    said = [{(each.sentence, each.voice, each.emotion): each for each in folder.sounds} for folder in (old, new)]
    common_keys = said[0].keys() & said[1].keys()
    said_by_both = {key[0] for key in common_keys}
    sentences = [text for text in dict.fromkeys(each.sentence for each in new.sounds) if text in said_by_both]
    voices = [voice for voice in VOICE_PRESETS if any(voice == key[1] for key in common_keys)]
    emotions = [emotion for emotion in EMOTIONS if any(emotion == key[2] for key in common_keys)]
    if not common_keys:
        raise SystemExit(f"{old.path} and {new.path} have no sentence in the same voice and emotion in common.")
    sounds = Sounds()

    def item(part: str, voice: str, emotion: str, shift: int, *engines: str) -> Iterator[Item]:
        sentence = sentences[(voices.index(voice) + emotions.index(emotion) + shift) % len(sentences)]
        key = sentence, voice, emotion
        if key in common_keys:
            folders = {"old": (old, said[0]), "new": (new, said[1])}
            numbers = [sounds.number(folders[name][0], folders[name][1][key]) for name in engines]
            yield {
                "part": part,
                "voice": voice,
                "emotion": emotion,
                "sentence": sentence,
                "engine": engines[0] if len(engines) == 1 else "",
                "sounds": numbers,
            }

    items: list[Item] = []
    compared = list(_compared(voices, emotions))
    for voice, emotion in compared:
        items += item("pair", voice, emotion, 0, "old", "new")
    for voice in voices:
        for emotion in emotions:
            items += item("emotion", voice, emotion, 0, "new")
    # Every other pair is rated too, in another sentence: as many old sounds as new ones.
    for voice, emotion in compared[::2]:
        for engine in ("old", "new"):
            items += item("rating", voice, emotion, 1, engine)
    digest = hashlib.sha256("".join(sounds.uris).encode()).hexdigest()[:16]
    data = {"page": digest, "emotions": emotions, "items": items, "sounds": sounds.uris}
    # A sentence that holds `</script>` must not end the data.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(data=text, count=len(items))


def _compared(voices: Sequence[str], emotions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield voice and emotion of each pair: neutral, and three emotions that go round over the voices."""
    acted = [emotion for emotion in emotions if emotion != "neutral"]
    for index, voice in enumerate(voices):
        if "neutral" in emotions:
            yield voice, "neutral"
        first = index * _ACTED_PAIRS
        places = range(first, first + min(_ACTED_PAIRS, len(acted)))
        yield from ((voice, acted[place % len(acted)]) for place in places)


# -- The answers -------------------------------------------------------------------------------------------------------


def answers_of(paths: Iterable[Path]) -> tuple[list[Answer], int, set[str]]:
    """Return the answers in the files of several people, the number of people, and the pages that they saw.

    Raises:
        SystemExit: A file does not hold what the page saves.
    """
    people: dict[str, dict[str, Any]] = {}
    for path in paths:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["resay_listening"] != 1:
                raise ValueError("it is of another version")
            for each in values["answers"]:
                if each["answer"] not in _ANSWERS[each["part"]] or not {"voice", "emotion", "engine"} <= each.keys():
                    raise ValueError(f"what is {each}?")
            before = people.get(values["session"])
            if before is None or len(values["answers"]) >= len(before["answers"]):
                people[values["session"]] = values
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SystemExit(f"{path} does not hold the answers of a listening page: {error}") from error
    answers = [answer for values in people.values() for answer in values["answers"]]
    return answers, len(people), {values["page"] for values in people.values()}


def share(right: int, of: int) -> str:
    """Return a share in percent with its 95 % interval by Wilson, as text."""
    if not of:
        return ""
    low, high = wilson(right, of)
    return f"{right / of:.0%} ({low:.0%} to {high:.0%}; {of})"


def wilson(right: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson."""
    z = 1.96
    centre = (right + z * z / 2) / (of + z * z)
    reach = z * math.sqrt(right * (of - right) / of + z * z / 4) / (of + z * z)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def mean(values: Sequence[float]) -> str:
    """Return a mean with its 95 % interval, as text."""
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.2f} (1)"
    reach = 1.96 * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return f"{np.mean(values):.2f} ± {reach:.2f} ({len(values)})"


def groups(answers: Sequence[Answer]) -> Iterator[tuple[str, list[Answer]]]:
    """Yield the groups that are told apart: all, neutral and acted, each emotion and voice that is there."""
    tests: list[tuple[str, Callable[[Answer], bool]]] = [
        ("all", lambda _: True),
        ("neutral", lambda one: one["emotion"] == "neutral"),
        ("acted", lambda one: one["emotion"] != "neutral"),
        *((emotion, lambda one, e=emotion: one["emotion"] == e) for emotion in EMOTIONS[1:]),
        *((voice, lambda one, v=voice: one["voice"] == v) for voice in VOICE_PRESETS),
    ]
    for name, test in tests:
        if chosen := [answer for answer in answers if test(answer)]:
            yield name, chosen


def summed_up(paths: Sequence[Path]) -> None:
    """Print what several people answered."""
    answers, people, pages = answers_of(paths)
    print(f"{people} people, {len(answers)} answers" + (f", of {len(pages)} different pages" if len(pages) > 1 else ""))
    print("\nShare or mean, 95 % interval, number of answers.")
    parts = {part: [one for one in answers if one["part"] == part] for part in ("pair", "emotion", "rating")}

    print("\n## Which sounds more like a person\n")
    rows = []
    for name, chosen in groups(parts["pair"]):
        counts = Counter(one["answer"] for one in chosen)
        told = counts["new"] + counts["old"]
        rows.append((name, share(counts["new"], told), share(counts["none"], len(chosen))))
    common.table(("", "the new voice, where one was chosen", "no difference"), rows)

    print("\n## Which emotion is heard\n")
    heard = [*EMOTIONS, "unknown"]
    rows = []
    for emotion in EMOTIONS:
        chosen = [one["answer"] for one in parts["emotion"] if one["emotion"] == emotion]
        if chosen:
            counts = Counter(chosen)
            rows.append((emotion, share(counts[emotion], len(chosen)), *(counts[answer] or "" for answer in heard)))
    right = sum(one["answer"] == one["emotion"] for one in parts["emotion"])
    rows.append(("all", share(right, len(parts["emotion"])), *("" for _ in heard)))
    common.table(("asked for", "heard", *heard), rows)
    print("\nChance is one in eight, or less with “can't tell”.")

    print("\n## How natural, 1 to 5\n")
    rows = []
    for name, chosen in groups(parts["rating"]):
        scores = {
            engine: [float(one["answer"]) for one in chosen if one["engine"] == engine] for engine in ("old", "new")
        }
        rows.append((name, mean(scores["old"]), mean(scores["new"])))
    common.table(("", "old", "new"), rows)


def main() -> None:
    """Write the page, or sum up the answers."""
    parser = common.parser(__doc__)
    parser.add_argument("page", nargs="?", type=Path, help="the page to write, such as docs/listening.html")
    parser.add_argument("--old", type=common.folder, help="folder of the voice to compare with")
    parser.add_argument("--new", type=common.folder, help="folder of the present voice")
    parser.add_argument("--results", nargs="+", type=Path, metavar="FILE", help="answers that people saved")
    arguments = parser.parse_args()
    if arguments.results:
        summed_up(arguments.results)
        return
    if not (arguments.page and arguments.old and arguments.new):
        parser.error("give the page, --old and --new, or --results")
    page = page_of(Folder.read(arguments.old), Folder.read(arguments.new))
    with atomic(arguments.page) as path:
        path.write_text(page, encoding="utf-8")
    print(f"{arguments.page}: {page.count('data:audio')} sounds, {len(page.encode()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
