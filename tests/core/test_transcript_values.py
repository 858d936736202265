"""Transcripts: words joined with emotions, and what a conversion says."""

from __future__ import annotations

import pytest

from pipeline.core.results import Conversion, Transcript
from pipeline.core.timeline import Timeline, Window
from pipeline.core.transcripts import cut_by_emotion, language_of, spaced_words
from pipeline.core.values import EmotionScores, Segment, Word

SCORES = EmotionScores(("calm", "angry"), (0.5, 0.5), "judge", calibrated=True, unsure_below=0.4)


def window(start: float, end: float, emotion: str) -> Window:
    return Window(
        start, end, emotion, {"calm": 0.9, "angry": 0.1} if emotion == "calm" else {"calm": 0.2, "angry": 0.8}
    )


def segment(text: str, start: float = 0.0, step: float = 1.0) -> Segment:
    words = tuple(Word(word, start + n * step, start + (n + 1) * step) for n, word in enumerate(text.split()))
    return Segment(start, words[-1].end, text, words, speaker="speaker 1", language="en")


@pytest.mark.parametrize(
    ("windows", "texts"),
    [
        ([], [("one two three four.", None)]),
        ([window(0, 4, "calm")], [("one two three four.", "calm")]),
        ([window(0, 2, "calm"), window(2, 4, "angry")], [("one two", "calm"), ("three four.", "angry")]),
        ([window(0, 3, "calm"), window(1, 4, "angry")], [("one two", "calm"), ("three four.", "angry")]),
        ([window(10, 12, "angry")], [("one two three four.", "angry")]),
        (
            [window(0, 1, "angry"), window(1, 2, "calm"), window(2, 9, "angry")],
            [("one", "angry"), ("two", "calm"), ("three four.", "angry")],
        ),
    ],
)
def test_segments_are_cut_where_the_emotion_changes(windows, texts):
    pieces = cut_by_emotion([segment("one two three four.")], Timeline(SCORES, tuple(windows)))
    assert [(piece.text, piece.emotion and piece.emotion.top) for piece in pieces] == texts
    assert [word.text for piece in pieces for word in piece.words] == "one two three four.".split()
    assert pieces[0].start == 0.0
    assert pieces[-1].end == 4.0
    for piece in pieces:
        assert (piece.start, piece.end) == (piece.words[0].start, piece.words[-1].end)
        assert piece.speaker == "speaker 1"
        if piece.emotion:
            assert (piece.emotion.model, piece.emotion.calibrated, piece.emotion.unsure_below) == ("judge", True, 0.4)


def test_a_segment_without_words_stays_whole():
    timeline = Timeline(SCORES, (window(0, 2, "calm"), window(2, 9, "angry")))
    (piece,) = cut_by_emotion([Segment(0.0, 9.0, "so it is")], timeline)
    assert (piece.text, piece.emotion.top) == ("so it is", "angry")


@pytest.mark.parametrize(
    ("text", "words", "spaced"),
    [
        ("One  two.", ["One", "two."], ["One  ", "two."]),
        ("你好。再见", ["你", "好。", "再", "见"], ["你", "好。", "再", "见"]),
        ("so so", ["so", "so"], ["so ", "so"]),
        ("other text", ["no", "words"], ["no ", "words "]),
    ],
)
def test_the_spaces_of_the_text_are_kept(text, words, spaced):
    assert spaced_words(Segment(0.0, 1.0, text, tuple(Word(word, 0.0, 1.0) for word in words))) == spaced


def test_chinese_pieces_have_no_spaces():
    letters = tuple(Word(letter, n, n + 1) for n, letter in enumerate("你好再见"))
    timeline = Timeline(SCORES, (window(0, 2, "calm"), window(2, 4, "angry")))
    pieces = cut_by_emotion([Segment(0.0, 4.0, "你好再见", letters)], timeline)
    assert [piece.text for piece in pieces] == ["你好", "再见"]


def test_the_language_of_most_of_the_speech():
    segments = [Segment(0, 1, "a", language="en"), Segment(1, 4, "b", language="zh"), Segment(4, 9, "c")]
    assert language_of(segments, "fr") == "zh"
    assert language_of(segments[2:], "fr") == "fr"


@pytest.mark.parametrize("words", [(), (Word("So", 0.5, 0.75), Word("it", 0.75, 1.0))])
def test_what_a_conversion_says(words):
    """Results that were written before segments of results were are read as one segment."""
    conversion = Conversion(
        heard=Transcript("in.wav", 9.0, "en", "hearer", (Segment(3.0, 4.0, "So it", language="en"),)),
        spoken=Transcript("output/1.wav", 1.5, "en", "engine", (Segment(0.5, 1.0, "So it", words),)),
        emotion_detected=SCORES,
        emotion_spoken="quietly amused",
        voice="youngman",
        engines={"transcription": "hearer", "synthesis": "engine"},
    )
    written = conversion.to_dict()
    del written["output_segments"]
    said = Conversion.from_dict(written).spoken
    (segment,) = said.segments
    assert (segment.start, segment.end) == ((0.5, 1.0) if words else (0.0, 1.5))
    assert (said.text, said.source, said.language) == ("So it", "output/1.wav", "en")
    assert (segment.emotion.top, segment.speaker) == ("quietly amused", "youngman")
    assert Transcript.from_dict(said.to_dict()).to_dict() == said.to_dict()
