"""Valence, arousal and dominance beside the names of the emotions."""

import pytest

from pipeline.core.dimensions import DIMENSIONS, POINTS
from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import EmotionScores


def scores(**shares):
    return EmotionScores(tuple(shares), tuple(shares.values()), "none")


def test_every_emotion_has_a_point_within_the_scale():
    assert set(POINTS) == set(EMOTIONS)
    assert all(-1 <= value <= 1 for point in POINTS.values() for value in point)


@pytest.mark.parametrize(
    ("more", "less", "name"),
    [
        ("happy", "sad", "valence"),
        ("calm", "angry", "valence"),
        ("surprised", "disgusted", "valence"),
        ("angry", "calm", "arousal"),
        ("fearful", "sad", "arousal"),
        ("surprised", "neutral", "arousal"),
        ("angry", "fearful", "dominance"),
        ("happy", "sad", "dominance"),
    ],
)
def test_emotions_lie_where_people_put_them(more, less, name):
    assert scores(**{more: 1.0}).dimensions[name] > scores(**{less: 1.0}).dimensions[name]
    between = scores(**{more: 0.5, less: 0.5}).dimensions[name]
    assert scores(**{less: 1.0}).dimensions[name] < between < scores(**{more: 1.0}).dimensions[name]


def test_json_holds_them_and_reads_back():
    kept = scores(happy=0.75, neutral=0.25)
    values = kept.to_dict()
    assert values["dimensions"] == {"valence": 0.6075, "arousal": 0.3825, "dominance": 0.345}
    assert tuple(values["dimensions"]) == DIMENSIONS
    assert EmotionScores.from_dict(values) == kept


def test_an_emotion_without_a_point_gives_none():
    assert scores(wistful=0.5, happy=0.5).dimensions == {}
