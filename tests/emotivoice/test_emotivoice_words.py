"""Which written word is said when."""

from __future__ import annotations

import pytest

from emotivoice.frontend import Frontend
from emotivoice.words import timed_words


def spoken(words: str) -> list[tuple[str, tuple[float, float]]]:
    """Say a word in half a second, after as long a pause."""
    return [(word, (number + 0.5, number + 1.0)) for number, word in enumerate(words.split())]


@pytest.mark.parametrize(
    ("text", "read", "times"),
    [
        ("Hello, world!", "hello world", {"Hello,": (0.5, 1.0), "world!": (1.5, 2.0)}),
        (
            "It cost $5.50 then.",
            "it cost five dollars fifty cents then",
            {"It": (0.5, 1.0), "cost": (1.5, 2.0), "$5.50": (2.5, 6.0), "then.": (6.5, 7.0)},
        ),
        # Two numbers side by side: each has as many words as it has alone.
        ("Rooms 12 13.", "rooms twelve thirteen", {"Rooms": (0.5, 1.0), "12": (1.5, 2.0), "13.": (2.5, 3.0)}),
        ("Well привет done", "well done", {"Well": (0.5, 1.0), "done": (1.5, 2.0)}),
        ("好 привет 3个", "好 三 个", {"好": (0.5, 1.0), "3": (1.5, 2.0), "个": (2.5, 3.0)}),
        # What is read in one piece is shared by the length of the words.
        ("花儿", "花儿", {"花": (0.5, 0.75), "儿": (0.75, 1.0)}),
        ("привет", "", {}),
        ("", "", {}),
    ],
)
def test_written_words_get_the_times_of_what_is_read(
    text: str, read: str, times: dict[str, tuple[float, float]]
) -> None:
    frontend = Frontend()
    found = timed_words(text, spoken(read), lambda word: len(frontend(word).words))
    assert {word.text: (word.start, word.end) for word in found} == times


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dr. Hale has 2 dogs.", "doctor Hale has two dogs"),
        ("我有3个。", "我 有 三 个"),
        ("Hello {W ER1 L D}", "Hello W_ER1_L_D"),
        ('<phoneme ph="chong2 qing4">重庆</phoneme> <break time="1s"/> OK', "重 庆 ok"),
        ("花儿开了", "花儿开了"),
    ],
)
def test_the_front_end_tells_which_tokens_are_which_word(text: str, words: str) -> None:
    utterance = Frontend()(text)
    assert [word.text.replace(" ", "_") for word in utterance.words] == words.split()
    end = 1
    for word in utterance.words:
        assert end <= word.first < word.end < len(utterance.tokens)
        assert not {"engsp1", "engsp4", "sp3", "eng_cn_sp"} & {
            utterance.tokens[word.first],
            utterance.tokens[word.end - 1],
        }
        end = word.end
