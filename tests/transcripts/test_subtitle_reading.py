"""Subtitles come back as they were written, and as people edit them."""

from __future__ import annotations

from pathlib import Path

import pytest
from long_segment import LONG, scores
from subtitle_table import ASS, CASES, TTML, Case

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.core.values import EmotionScores, Segment
from pipeline.transcripts.subtitle_reading import Subtitles, read_subtitles
from pipeline.transcripts.subtitles import as_srt, as_vtt
from tests.growth import grows_in_step


def read(tmp_path: Path, text: str, name: str = "talk.srt") -> list[tuple[str, str | None, str]]:
    """Return text, speaker and emotion of each phrase."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return phrases(read_subtitles(path))


def phrases(subtitles: Subtitles) -> list[tuple[str, str | None, str]]:
    return [
        (segment.text, segment.speaker, segment.emotion.top if segment.emotion else "")
        for segment in subtitles.segments
    ]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_subtitles_as_the_world_writes_them(case: Case, tmp_path) -> None:
    path = tmp_path / f"talk.{case.ending}"
    path.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
    found = read_subtitles(path)
    assert phrases(found) == list(case.phrases)
    if case.starts:
        assert [segment.start for segment in found.segments] == pytest.approx(case.starts)
    assert all(segment.start <= segment.end for segment in found.segments)
    assert case.note in " ".join(found.notes)
    assert bool(found.notes) >= bool(case.note)


def test_of_several_languages_the_one_that_is_asked_for_is_read(tmp_path) -> None:
    path = tmp_path / "talk.smi"
    path.write_text("<sami><body><sync start=1000><p class=ENUSCC>Hello.<p class=DEDECC>Hallo.</sami>")
    for language, text in (("de", "Hallo."), ("en", "Hello."), ("fr", "Hello."), ("", "Hello.")):
        found = read_subtitles(path, language=language)
        assert [segment.text for segment in found.segments] == [text]
        assert f"{'de' if text == 'Hallo.' else 'en'} is spoken" in found.notes[0]


def test_fields_that_nobody_hears_are_no_warning(tmp_path, recwarn) -> None:
    path = tmp_path / "talk.ass"
    path.write_text("[Events]\nDialogue: x,0:00:01.00,0:00:02.00,Default,,left,0,0,,Hello.\n")
    assert [segment.text for segment in read_subtitles(path).segments] == ["Hello."]
    assert not recwarn.list


def test_an_empty_cue_is_no_line_that_stays(tmp_path) -> None:
    path = tmp_path / "talk.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:03,000\n\n2\n00:00:04,000 --> 00:00:05,000\nHi.\n")
    assert read_subtitles(path).notes == ()


TALK = [
    Segment(0.5, 2.0, "Where were you?", emotion=scores("angry"), speaker="speaker 1"),
    Segment(2.4, 4.0, "I was at home & asleep.", emotion=scores("neutral"), speaker="speaker 2"),
    Segment(4.5, 6.0, "5 < 6, you know.", emotion=scores("sad", 0.3), speaker="speaker 2"),
    Segment(7.0, 21.0, LONG, emotion=scores("sad"), speaker="speaker 1"),
]


@pytest.mark.parametrize("write", [as_srt, as_vtt])
def test_what_was_written_is_read(write, tmp_path) -> None:
    path = tmp_path / "talk"
    path.write_text(write(TALK), encoding="utf-8")
    found = read_subtitles(path).segments
    assert " ".join(segment.text for segment in found) == " ".join(segment.text for segment in TALK)
    starts = {segment.start: segment for segment in found}
    for segment in TALK:
        same = starts[segment.start]
        assert same.speaker == segment.speaker
        emotion = same.emotion.top if same.emotion else "neutral"
        assert emotion == ("neutral" if segment.emotion.unsure else segment.emotion.top)
    ending = [segment for segment in found if segment.start >= 7]
    assert {(segment.speaker, segment.emotion.top) for segment in ending} == {("speaker 1", "sad")}
    assert 21 <= found[-1].end < 22


@pytest.mark.parametrize("write", [as_srt, as_vtt])
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_emotions_without_speakers(write, emotion, tmp_path) -> None:
    talk = [
        Segment(0, 1, "One.", emotion=scores(emotion)),
        Segment(2, 3, "Two.", emotion=scores("neutral")),
        Segment(4, 5, "Three.", emotion=scores("happy")),
        Segment(6, 7, "Four."),
    ]
    found = read(tmp_path, write(talk))
    assert [text for text, _, _ in found] == ["One.", "Two.", "Three.", "Four."]
    assert [mood or "neutral" for _, _, mood in found] == [emotion, "neutral", "happy", "neutral"]
    assert {speaker for _, speaker, _ in found} == {None}


@pytest.mark.parametrize("write", [as_srt, as_vtt])
def test_an_arrow_in_a_text_is_no_time(write, tmp_path) -> None:
    said = [Segment(0, 1, "One. 2 00:00:10,000 --> 00:00:11,000"), Segment(2, 3, "Two.")]
    assert write(said).count(" --> ") == 2
    assert [text for text, _, _ in read(tmp_path, write(said))][-1] == "Two."


def test_a_degree_is_kept(tmp_path) -> None:
    path = tmp_path / "talk.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\n[very angry] Get out.\n", encoding="utf-8")
    (segment,) = read_subtitles(path).segments
    assert (segment.emotion.top, segment.emotion.strength) == ("angry", 1.5)


@pytest.mark.parametrize("write", [as_srt, as_vtt])
def test_a_custom_mood_comes_back(write, tmp_path) -> None:
    said = Segment(0, 1, "So.", emotion=EmotionScores(("quietly amused",), (1.0,), "voice"), speaker="youngwoman")
    assert read(tmp_path, write([said])) == [("So.", "youngwoman", "quietly amused")]


@pytest.mark.parametrize(
    ("tag", "speaker", "emotion"),
    [
        ("[HAPPY]", None, "happy"),
        ("[furious]", None, "angry"),
        ("[youngman, wistful]", "youngman", "wistful"),
        ("[Anna]", "Anna", ""),
        ("[Anna, 05]", "Anna", "angry"),
        ("[ speaker 1 ,sad ]", "speaker 1", "sad"),
        ("[Smith, John, sad]", "Smith, John", "sad"),
        ("[unsure]", None, ""),
        ("[]", None, ""),
        ("[Anna, 99]", "Anna", ""),
        ("", None, ""),
    ],
)
def test_tags_as_people_write_them(tag, speaker, emotion, tmp_path) -> None:
    text = f"1\r\n00:00:01,000 --> 00:00:02,500\r\n{tag} <i>Hello</i>\r\nthere.\r\n"
    assert read(tmp_path, "\ufeff" + text) == [("Hello there.", speaker, emotion)]


def test_a_tag_holds_until_the_next_and_a_sentence_is_one_phrase(tmp_path) -> None:
    cues = [(0, 1, "[angry] Get"), (1.1, 2, "out!"), (2.1, 3, "Now."), (5, 6, "[neutral] Thanks")]
    text = "\n".join(f"{n}\n00:00:0{a:.3f} --> 00:00:0{b:.3f}\n{c}\n" for n, (a, b, c) in enumerate(cues))
    assert read(tmp_path, text) == [("Get out!", None, "angry"), ("Now.", None, "angry"), ("Thanks", None, "neutral")]


def test_cues_are_put_in_order_and_other_blocks_are_left(tmp_path) -> None:
    text = (
        "WEBVTT - a title\n\nSTYLE\n::cue(.sad) { color: blue; }\n\nNOTE nothing\n\n"
        "later\n00:05.000 --> 00:06.000 align:start\n<v.loud.sad Bob &amp; Co>Bye &lt;3\n\n"
        "00:01.000 --> 00:02.000\n<c.yellow>Hi <00:01.500>there.</c>\n\n01:00:00.000 --> 01:00:01.000\n\n"
    )
    assert read(tmp_path, text) == [("Hi there.", None, ""), ("Bye <3", "Bob & Co", "loud")]


@pytest.mark.parametrize(
    "content", [b"", b"no cues here", b"\xff\xfe\x00", bytes(4096), b"1\n00:00:01,000 --> 00:00:02,000\n\n"]
)
def test_what_holds_no_subtitles_is_refused(content, tmp_path) -> None:
    path = tmp_path / "talk.srt"
    path.write_bytes(content)
    for bad in (path, tmp_path / "missing.srt", tmp_path):
        with pytest.raises(UsageError, match=bad.name):
            read_subtitles(bad)


BOMB = (
    "<!DOCTYPE tt [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{10 * f'&a{n - 1};'}'>" for n in range(1, 10)) + "]>"
)
UNSAFE = {
    "entities in entities": (BOMB, "&a9;"),
    "one entity": ("<!DOCTYPE tt [<!ENTITY a 'ha'>]>", "&a;"),
    "a long entity": (f"<!DOCTYPE tt [<!ENTITY a '{100_000 * 'a'}'>]>", 100 * "&a;"),
    "another file": ("<!DOCTYPE tt [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", "&a;"),
    "a parameter": ("<!DOCTYPE tt [<!ENTITY % a SYSTEM 'http://192.0.2.7/a'> %a;]>", "Hello."),
}


@pytest.mark.parametrize("name", UNSAFE)
@pytest.mark.parametrize("head", ['<?xml version="1.0"?>', "", "\n<?XML version='1.0'?>"])
def test_xml_that_grows_or_reads_elsewhere_is_refused_at_once(name, head, tmp_path) -> None:
    document, content = UNSAFE[name]
    body = f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">{content}</p></div></body></tt>'
    path = tmp_path / "bomb.ttml"
    path.write_text(head + document + body, encoding="utf-8")
    with pytest.raises(UsageError, match=r"bomb\.ttml cannot be read: it"):
        read_subtitles(path)


def test_xml_that_is_cut_is_told(tmp_path) -> None:
    path = tmp_path / "cut.ttml"
    path.write_text('<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">Hel', encoding="utf-8")
    with pytest.raises(UsageError, match="it may be cut short"):
        read_subtitles(path)


def test_captions_without_full_stops_are_cut(tmp_path) -> None:
    cues = [
        f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\nword {n}\n" for n in range(3000)
    ]
    found = read(tmp_path, "\n".join(cues))
    assert " ".join(text for text, _, _ in found) == " ".join(f"word {n}" for n in range(3000))
    assert max(len(text.split()) for text, _, _ in found) == 40


CUE = "1\n00:00:01,000 --> 00:00:02,000\nHello. {}\n"
LONG_FILES = {
    **{f"in a cue: {piece!r}": (CUE, piece, 20_000) for piece in ("<a", "{\\", "[", "(", "♪a", ">> ", "&a", "# ", "*")},
    **{f"in a cue: {piece!r}": (CUE, piece, 20_000) for piece in (" ", "\n", "♪", "♪\n", "> ")},
    **{
        f"in a cue: {piece!r}": (CUE, piece, 5_000)
        for piece in ("(a)", "[a]", "a.\n", "Aa. A: ", "- a\n", "<v ", "- ", "#\n", "00:0")
    },
    "settings of times": (CUE + "\n0:0: -> 0:0: {} !", "a:", 5_000),
    "an arrow": (CUE + "\n1:1{}x>", "-\u2003", 5_000),
    "times behind blanks": (CUE + "\n{}00:00:03,000", " ", 20_000),
    "digits": (CUE + "\n{} --> 1", "0", 20_000),
    "a torn end": (CUE + "\n2\n\n1{}x", " ", 20_000),
    "cues at one time": (CUE + "{}", "\n2\n00:00:01,000 --> 00:00:02,000\nso\n", 500),
    "voices": ("WEBVTT\n\n00:01.000 --> 00:02.000\nHello. {}\n", "<v A>hi ", 500),
    "ASS": (ASS + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hello. {}\n", "{\\p1}a", 2_000),
    "ASS in one code": (ASS + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hello. {}\n", "{\\p1", 2_000),
}


@pytest.mark.parametrize("name", LONG_FILES)
def test_no_file_takes_forever(name, tmp_path) -> None:
    frame, piece, count = LONG_FILES[name]

    def work(pieces: str) -> None:
        path = tmp_path / "talk.srt"
        path.write_text(frame.replace("{}", pieces), encoding="utf-8")
        assert read_subtitles(path).segments[0].text.startswith("Hello.")

    assert grows_in_step(work, piece, count)


def test_parts_that_lie_in_each_other_too_deeply_are_refused(tmp_path) -> None:
    path = tmp_path / "deep.ttml"
    spans = "<span>" * 20_000, "</span>" * 20_000
    path.write_text(TTML.format(f'<p begin="1s" end="2s">{spans[0]}Hi{spans[1]}</p>'), encoding="utf-8")
    with pytest.raises(UsageError, match=r"deep\.ttml cannot be read: its parts lie in each other too deeply"):
        read_subtitles(path)
