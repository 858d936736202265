"""The text front end: normalisation, pronunciation, mark-up and the official mode."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotivoice.frontend import Frontend, read_dictionary, split_sentences
from emotivoice.frontend.compat import CompatError, mixed_tokens
from emotivoice.frontend.tokens import official_vocabulary
from pipeline.frontend.chinese.normalisation import normalise_chinese
from pipeline.frontend.english.g2p import EnglishPronouncer
from pipeline.frontend.english.normalisation import normalise_english

FRONTEND = Frontend()


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It cost $5.50.", "It cost five dollars fifty cents."),
        ("$1 and $1.01", "one dollar and one dollar one cent"),
        ("$3.2 million", "three point two million dollars"),
        ("In 1999 and 2005", "In nineteen ninety nine and two thousand five"),
        ("the 1990s", "the nineteen nineties"),
        ("up 3%", "up three percent"),
        ("1,234.5 kg", "one thousand two hundred thirty four point five kilograms"),
        ("at 10:30", "at ten thirty"),
        ("version 5.4.0", "version five point four point zero"),
        ("21st", "twenty first"),
        ("3/4", "three quarters"),
        ("5-10 km", "five to ten kilometers"),
        ("1 km² or 1,200 m³", "one square kilometer or one thousand two hundred cubic meters"),
        ("Dr. Smith", "doctor Smith"),
        ("e.g. this & that", "for example this and that"),
        ("5G", "five G"),
        ("No. I won't.", "No. I won't."),
        ("-5°C", "minus five degrees celsius"),
    ],
)
def test_english_is_spoken_in_english(text: str, spoken: str) -> None:
    assert normalise_english(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("2024年", "二零二四年"),
        ("5.5%", "百分之五点五"),
        ("¥20", "二十元"),
        ("电话13800138000", "电话幺三八零零幺三八零零零"),
        ("5.4.0系统", "五点四点零系统"),
        ("2个人，第2个", "两个人，第二个"),
        ("10:30", "十点三十分"),
        ("2024-05-06", "二零二四年五月六日"),
        ("3/4", "四分之三"),
        ("气温-5度", "气温负五度"),
        ("25℃", "二十五摄氏度"),
        ("10203", "一万零二百零三"),
    ],
)
def test_chinese_is_spoken_in_chinese(text: str, spoken: str) -> None:
    assert normalise_chinese(text) == spoken


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("hello", "HH AH0 L OW1"),
        ("don't", "D OW1 N T"),
        ("GPU", "JH IY1 P IY1 Y UW1"),
        ("chatroom", "CH AE1 T R UW2 M"),
        ("zzz's", None),
        ("Kubernetes", None),
        ("'", ""),
    ],
)
def test_every_english_word_has_a_pronunciation(word: str, phonemes: str | None) -> None:
    pronounced = " ".join(EnglishPronouncer().pronounce(word))
    assert pronounced if phonemes is None else pronounced == phonemes


def test_numbers_follow_the_language_of_their_sentence() -> None:
    assert "[TH]" in FRONTEND("I have 3 apples").tokens
    assert "san1" not in FRONTEND("I have 3 apples").tokens
    assert "an1" in FRONTEND("我有3个苹果").tokens


def test_punctuation_after_an_unknown_word_takes_no_phoneme_away() -> None:
    with_comma = FRONTEND("Kubernetes, yes").tokens
    without = FRONTEND("Kubernetes yes").tokens
    assert [token for token in with_comma if "sp" not in token] == [token for token in without if "sp" not in token]
    assert "engsp4" in with_comma


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("你好", "n i2 sp0 h ao3"),
        ("不对", "b u2 sp1 d uei4"),
        ("不是", "b u2 sp0 sh iii4"),
        ("第一", "d i4 sp0 i1"),
        ("一样", "i2 sp0 iang4"),
        ("一起", "i4 sp0 q i3"),
        ("看一看", "k an4 sp0 i5 sp0 k an4"),
        ("花儿", "h uar1"),
        ("女儿", "n v3 sp0 er2"),
        ("展览馆", "zh an2 sp0 l an2 sp0 g uan3"),
    ],
)
def test_tones_change_beside_each_other(text: str, tokens: str) -> None:
    assert " ".join(FRONTEND(text).tokens[1:-1]) == tokens


def test_a_break_lasts_as_long_as_asked() -> None:
    utterance = FRONTEND('Wait <break time="0.5s"/> here')
    ((position, seconds),) = utterance.breaks.items()
    assert seconds == 0.5
    assert utterance.tokens[position] == "engsp4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{HH AH0 L OW1}", "[HH] [AH0] [L] [OW1] ."),
        ("{chong2 qing4}", "ch ong2 sp0 q ing4"),
        ('<phoneme ph="hang2">行</phoneme>', "h ang2"),
        ("{[LAUGH]}", "[LAUGH] ."),
        ("<b>hello</b>", "[HH] [AH0] [L] [OW1] ."),
    ],
)
def test_pronunciations_stand_inline(text: str, expected: str) -> None:
    assert " ".join(FRONTEND(text).tokens[1:-1]) == expected


def test_the_users_dictionary_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("# mine\n行\thang2\nResay\tR IY0 S EY1\n", encoding="utf-8")
    frontend = Frontend(read_dictionary(path))
    assert " ".join(frontend("行").tokens[1:-1]) == "h ang2"
    assert " ".join(frontend("{xing2}").tokens[1:-1]) == "x ing2"
    assert " ".join(frontend("resay").tokens[1:-1]) == "[R] [IY0] [S] [EY1] ."


def test_what_cannot_be_said_is_named() -> None:
    utterance = FRONTEND("цф ok")
    assert set("цф") <= set(utterance.skipped)
    assert "[OW1]" in utterance.tokens
    assert FRONTEND("ц").is_silent
    assert not FRONTEND("🎉").is_silent


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    utterance = FRONTEND(text)
    assert utterance.tokens[0] == utterance.tokens[-1] == "<sos/eos>"
    assert all(token in official_vocabulary() for token in utterance.tokens)
    assert all(0 < position < len(utterance.tokens) - 1 for position in utterance.breaks)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.,-/:%$£¥ 年月个第kmgst{}<>break time='s\"/A一儿嗯呣噷", max_size=30))
def test_no_number_or_mark_makes_it_fail(text: str) -> None:
    assert all(token in official_vocabulary() for token in FRONTEND(text).tokens)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400), st.integers(20, 200))
def test_sentences_lose_nothing(text: str, longest: int) -> None:
    pieces = list(split_sentences(text, longest))
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() for piece in pieces)


def test_sentences_end_where_people_end_them() -> None:
    assert list(split_sentences("Dr. Smith paid $5.50 today! OK? 你好。再见！")) == [
        "Dr. Smith paid $5.50 today!",
        "OK?",
        "你好。",
        "再见！",
    ]
    assert max(map(len, split_sentences("word, " * 200))) <= 200


def test_compat_agrees_with_every_exact_example(frontend_examples: Path) -> None:
    differing = []
    for line in frontend_examples.read_text(encoding="utf-8").splitlines():
        example = json.loads(line)
        if not example["exact"] or example["function"] != "frontend.g2p_cn_en":
            continue
        try:
            found = " ".join(mixed_tokens(example["text"]))
        except CompatError:
            found = "error"
        if found != ("error" if "error" in example else example["phonemes"]):
            differing.append(example["text"])
    assert differing == []


def test_compat_keeps_the_official_defects() -> None:
    assert "s an1" in " ".join(mixed_tokens("I have 3 apples"))
    with pytest.raises(CompatError):
        mixed_tokens("本周发布5.4.0系统")


def test_the_command_tells_the_share_that_agrees(tmp_path: Path) -> None:
    path = tmp_path / "examples.jsonl"
    rows = [
        {"text": "你好", "phonemes": "<sos/eos> n i3 sp0 h ao3 <sos/eos>", "exact": True},
        {"text": "Hello", "phonemes": "<sos/eos> [X] <sos/eos>", "exact": True},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "emotivoice.frontend", "--compat", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "Hello" in run.stdout
    assert "1 of 2 texts agree (50.0%)" in run.stdout


def test_the_front_end_needs_no_torch() -> None:
    code = "import sys, emotivoice.frontend as f; f.Frontend()('Hello 你好'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
