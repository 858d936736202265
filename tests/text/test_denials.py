"""How far a denial reaches, what a network reads instead, and that it is told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.chain.analysis import fuse
from pipeline.cli import app
from pipeline.core.values import EmotionScores
from pipeline.recognition.text.denials import in_other_words, over
from pipeline.recognition.text.emotion_words import LEXICON
from pipeline.recognition.text.recogniser import create

TABLE = Path(__file__).with_name("denials.tsv")
NEGATORS = "not never no isn't don't nobody who how and or , . ? I I'm that can't stop neither nor".split()


def rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.fixture(scope="module")
def shipped():
    return create(threads=1)


@pytest.mark.parametrize(("what", "text", "read_as"), rows())
def test_what_is_denied_is_put_in_other_words(what, text, read_as):
    found, denials = in_other_words(text)
    assert found == (text if what == "kept" else read_as)
    assert {denial.affirmed for denial in denials} == {"kept": set(), "affirmed": {True}}.get(what, {False})
    assert all(denial.written in text for denial in denials)


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.sampled_from([*LEXICON][::7] + NEGATORS), max_size=25))
def test_any_row_of_words_is_read(words):
    text = " ".join(words)
    found, denials = in_other_words(text)
    assert (found == text) == (not denials)


@pytest.mark.parametrize("spoken", [False, True])
def test_a_note_says_what_was_read_and_only_then(shipped, spoken):
    denied = shipped.recognise("I'm not angry with you.", spoken=spoken)
    assert denied.top in ("neutral", "happy")
    assert denied.notes == ("“not angry” was read as “neutral”, because the emotion is denied.",)
    assert denied.to_dict()["notes"] == list(denied.notes)
    assert EmotionScores.from_dict(denied.to_dict()).notes == denied.notes
    assert not denied.warnings
    assert not shipped.recognise("I'm angry with you.", spoken=spoken).notes
    # The network knows this one.
    assert not shipped.recognise("I am not happy.", spoken=spoken).notes


OVER = [
    ("I used to be sad.", "used to be sad"),
    ("We used to hate each other.", "used to hate"),
    ("It used to scare me.", "used to scare"),
    ("I used to love this place.", "used to love"),
    ("She used to be sad and lonely.", "used to be sad and lonely"),
    ("I'm less angry than before.", "less angry"),
    ("I feel less lonely these days.", "less lonely"),
    ("She's much less frightened of dogs now.", "less frightened"),
]
LASTING = [
    "I'm used to being sad.",
    "I'm no less angry than before.",
    "I'm more or less happy.",
    "I used to be afraid of dogs and I am still afraid.",
    "I used to be happy, now I'm sad.",
    "He used to live in the house, and I'm angry.",
]


@pytest.mark.parametrize("spoken", [False, True], ids=["written", "spoken"])
@pytest.mark.parametrize(("text", "piece"), OVER)
def test_a_mood_that_is_over_is_never_certain(shipped, text, piece, spoken):
    found = shipped.recognise(text, spoken=spoken)
    assert found.unsure or found.top in ("neutral", "calm")
    assert [note.partition("”")[0] for note in found.notes] in ([f"“{piece}"], [])
    assert bool(found.notes) == (found.unsure_below == 1)
    assert over(text, shipped.recognise(piece.split()[-1]).top) == piece


@pytest.mark.parametrize("text", LASTING)
def test_a_mood_that_lasts_is_as_certain_as_ever(shipped, text):
    found = shipped.recognise(text)
    assert not found.notes
    assert found.unsure_below < 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("There's no way I'm not angry about this.", ()),
        ("I don't just hate it, I despise it.", ()),
        (
            "He's not angry, but that damn idiot makes me furious.",
            "What else the text says is angry all the same.",
        ),
    ],
)
def test_a_note_does_not_contradict_the_answer(shipped, text, told):
    found = shipped.recognise(text)
    assert found.top == "angry"
    assert found.notes[1:] == ((told,) if told else ())
    assert bool(found.notes) == bool(told)


def test_a_long_text_is_denied_in_its_sentences(shipped):
    reading = shipped.read("I am not angry about the bill. " * 40)
    assert reading.scores.top in ("neutral", "happy")
    assert reading.to_dict()["notes"] == ["“not angry” was read as “neutral”, because the emotion is denied."]
    assert reading.to_dict()["sentences"][0]["notes"]


def test_read_tells_it_to_people_and_machines():
    told = CliRunner().invoke(app, ["read", "I'm not angry."])
    assert "was read as “neutral”" in told.stderr
    values = json.loads(CliRunner().invoke(app, ["read", "I'm not angry.", "--json"]).stdout)
    assert values["emotion"] == "neutral"
    assert len(values["notes"]) == 1
    assert values["text"] == "I'm not angry."


def test_voice_and_words_together_carry_the_note(shipped):
    voice = EmotionScores(("neutral", "happy", "angry"), (0.2, 0.2, 0.6), model="voice", unsure_below=0.9)
    found = fuse(shipped, voice, "I couldn't be happier.", "en")
    assert found.of("text").notes == found.of("both").notes != ()
    assert found.of("both").top == "happy"
