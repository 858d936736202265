"""Transcripts as files, read back by parsers of others."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from itertools import pairwise

import pytest
import srt
import webvtt
from long_segment import LONG, scores

from pipeline.batch.plan import free_stems
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UnknownName, UsageError
from pipeline.core.results import Transcript
from pipeline.core.values import EmotionScores, Segment, Word
from pipeline.transcripts.cues import LINE
from pipeline.transcripts.formats import FORMATS, parse_formats, write_transcript


def segment(text: str, start: float, end: float, *, timed: bool = True, **rest) -> Segment:
    pieces = text.split()
    step = (end - start) / max(1, len(pieces))
    words = [Word(piece, start + n * step, start + (n + 0.8) * step) for n, piece in enumerate(pieces)]
    return Segment(start, end, text, tuple(words) if timed else (), **rest)


def transcript(*segments: Segment) -> Transcript:
    return Transcript("a talk.wav", 4000.0, "en", "engine", segments, ("A note.",))


def as_srt(*segments: Segment) -> list[srt.Subtitle]:
    return list(srt.parse(FORMATS["srt"](transcript(*segments)), ignore_errors=False))


def as_vtt(*segments: Segment) -> webvtt.WebVTT:
    return webvtt.from_string(FORMATS["vtt"](transcript(*segments)))


@pytest.mark.parametrize("timed", [True, False])
def test_a_long_segment_becomes_cues_that_can_be_read(timed):
    spoken = segment(LONG, 3.0, 17.0, timed=timed)
    found = as_srt(spoken)
    assert " ".join(" ".join(cue.content.split()) for cue in found) == LONG
    assert [cue.index for cue in found] == list(range(1, len(found) + 1))
    assert found[0].start == timedelta(seconds=3)
    for cue in found:
        lines = cue.content.splitlines()
        assert len(lines) <= 2
        assert all(len(line) <= LINE for line in lines)
        assert timedelta(seconds=0.5) < cue.end - cue.start <= timedelta(seconds=7.1)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert any(cue.content.endswith("windows.") for cue in found)
    if timed:
        starts = {round(word.start, 3) for word in spoken.words}
        assert all(round(cue.start.total_seconds(), 3) in starts for cue in found)
    assert [cue.text for cue in as_vtt(spoken)] == [cue.content for cue in found]


@pytest.mark.parametrize("seconds", [11.0, 14.0, 16.0])
def test_no_word_is_left_alone(seconds):
    found = as_srt(segment(LONG, 0.0, seconds))
    assert min(len(cue.content.split()) for cue in found) > 1


def test_slow_speech_is_cut_by_time():
    found = as_srt(segment("One word after the other.", 0.0, 20.0))
    assert len(found) > 2
    assert all(cue.end - cue.start <= timedelta(seconds=7) for cue in found)


def test_chinese_is_wrapped_between_letters_and_keeps_no_spaces():
    text = "今天天气很好，我们一起去公园散步吧。请问去火车站怎么走？我不认识路，也没有地图，你能告诉我吗？" * 2
    letters = tuple(Word(letter, n * 0.2, n * 0.2 + 0.2) for n, letter in enumerate(text))
    for spoken in (Segment(0.0, len(text) * 0.2, text, letters), Segment(0.0, len(text) * 0.2, text)):
        found = as_srt(spoken)
        assert "".join(cue.content.replace("\n", "") for cue in found) == text
        assert all(len(line) <= LINE // 2 for cue in found for line in cue.content.splitlines())


def test_a_short_cue_stays_unless_another_follows():
    found = as_srt(segment("No.", 1.0, 1.2), segment("Yes.", 1.5, 1.7))
    assert [(cue.start.total_seconds(), cue.end.total_seconds()) for cue in found] == [(1.0, 1.5), (1.5, 2.5)]


@pytest.mark.parametrize("text", ["a < b & c > d", "<i>no tag</i>", "&amp; stays", "Tom --> Ann", "ünïcode — “quoted”"])
def test_signs_survive(text):
    parsed = as_vtt(segment(text, 0.0, 2.0))
    raw = parsed[0].raw_text
    assert raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text
    assert "<" not in raw
    assert "-->" not in raw
    # In SRT nothing can be escaped, and an arrow of its own would begin another cue.
    assert as_srt(segment(text, 0.0, 2.0))[0].content == text.replace("-->", "→")


def test_hours():
    assert as_srt(segment("Late.", 3725.25, 3727.0))[0].start == timedelta(hours=1, minutes=2, seconds=5.25)
    assert as_vtt(segment("Late.", 3725.25, 3727.0))[0].start == "01:02:05.250"


@pytest.mark.parametrize(
    ("emotion", "speaker", "tag", "span"),
    [
        (None, None, "", ""),
        (scores("angry"), None, "[angry] ", "<c.angry>"),
        (scores("neutral"), None, "", "<c.neutral>"),
        (scores("angry", 0.3), None, "", "<c.angry.unsure>"),
        (None, "speaker 1", "[speaker 1] ", "<v speaker 1>"),
        (scores("sad"), "speaker 2", "[speaker 2, sad] ", "<v.sad speaker 2>"),
        (EmotionScores(("quietly amused!",), (1.0,), "voice"), None, "[quietly amused!] ", "<c.quietly-amused>"),
    ],
)
def test_who_speaks_and_how(emotion, speaker, tag, span):
    spoken = segment(LONG, 0.0, 14.0, emotion=emotion, speaker=speaker)
    subtitles = as_srt(spoken)
    assert subtitles[0].content.startswith(f"{tag}Whoever")
    assert not any(cue.content.startswith("[") for cue in subtitles[1:])
    parsed = as_vtt(spoken)
    assert all(cue.raw_text.startswith(span) for cue in parsed)
    assert parsed[0].text.split()[0] == "Whoever"
    assert {cue.voice for cue in parsed} == {speaker}


def test_each_emotion_has_its_style():
    spoken = [segment("So.", n, n + 0.5, emotion=scores(emotion)) for n, emotion in enumerate(EMOTIONS)]
    styles = "\n".join(style.text for style in as_vtt(*spoken).styles)
    assert all(f"::cue(.{emotion})" in styles for emotion in EMOTIONS if emotion != "neutral")
    assert as_vtt(segment("So.", 0.0, 1.0)).styles == []


def test_the_table_has_whole_milliseconds():
    content = FORMATS["tsv"](transcript(segment("Tab\there,\nand a line.", 0.0014, 2.5006, emotion=scores("sad"))))
    (row,) = csv.DictReader(io.StringIO(content), delimiter="\t", quoting=csv.QUOTE_NONE)
    assert row == {"start": "1", "end": "2501", "text": "Tab here, and a line.", "speaker": "", "emotion": "sad"}


def test_text_has_a_line_for_each_segment():
    content = FORMATS["txt"](
        transcript(segment("One\nline.", 0.0, 1.0), segment("Two.", 1.0, 2.0, speaker="speaker 1"))
    )
    assert content == "One line.\nspeaker 1: Two.\n"


def test_json_comes_back():
    whole = transcript(
        segment("One.", 0.0, 1.0, emotion=scores("sad"), speaker="speaker 1", confidence=0.5, language="en"),
        segment("Two.", 1.0, 2.0, language_confidence=0.25),
    )
    values = json.loads(FORMATS["json"](whole))
    assert Transcript.from_dict(values).to_dict() == values == whole.to_dict()
    assert values["text"] == "One. Two."
    with pytest.raises(ValueError, match="schema"):
        Transcript.from_dict(values | {"schema": 99})


@pytest.mark.parametrize("name", list(FORMATS))
def test_nothing_heard_is_an_empty_file(name, tmp_path):
    (path,) = write_transcript(transcript(), tmp_path / "new", "silence", [name])
    content = path.read_text(encoding="utf-8")
    assert len(content.splitlines()) == {"txt": 0, "srt": 0, "vtt": 1, "tsv": 1}.get(name, len(content.splitlines()))


def test_files_are_not_overwritten_unless_asked(tmp_path):
    (tmp_path / "talk.vtt").write_text("mine")
    with pytest.raises(UsageError, match=r"talk\.vtt exists already"):
        write_transcript(transcript(), tmp_path, "talk", ["srt", "vtt"])
    assert [path.name for path in tmp_path.iterdir()] == ["talk.vtt"]
    paths = write_transcript(transcript(segment("So.", 0.0, 1.0)), tmp_path, "talk", ["srt", "vtt"], overwrite=True)
    assert [path.name for path in paths] == ["talk.srt", "talk.vtt"]
    assert (tmp_path / "talk.vtt").read_text().startswith("WEBVTT")


@pytest.mark.parametrize("offset", range(0, 60, 3))
@pytest.mark.parametrize("pair", ["Mr. Hale", "Dr. Brown", "No. 10", "Feb. 3", "J. Smith", "St. Louis"])
def test_no_cue_and_no_line_ends_between_a_title_and_its_name(pair: str, offset: int):
    text = (
        f"{'and so on ' * 20}"[:offset].rsplit(" ", 1)[0]
        + f" we saw {pair} near the old mill by the river, and {pair} "
    )
    text = (text + "was as glad as we were to be there at last after so long a day on the road.").strip()
    for cue in as_srt(segment(text, 0.0, 14.0)):
        for line in cue.content.splitlines():
            assert not line.endswith(pair.split()[0])
            assert len(line) <= LINE


def test_formats():
    assert parse_formats(" SRT,vtt,,srt ") == ("srt", "vtt")
    assert parse_formats("") == ()
    with pytest.raises(UnknownName, match="docx"):
        parse_formats("srt,docx")


def test_recordings_of_one_name_get_files_of_their_own():
    assert list(free_stems(["a/talk.wav", "b/Talk.mp3", "talk-2.wav", "-"])) == [
        "talk",
        "Talk-2",
        "talk-2-2",
        "standard-input",
    ]
