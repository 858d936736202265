"""Acting is learned from readings: the voice comes out where the actors did, and the table that is written is read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import NEUTRAL, EmotionChange, emotion_change
from pipeline.training.acting.fitting import Actors, Reading, fitted, slopes_about
from pipeline.training.acting.learning import ActingSettings, write_emotions
from pipeline.training.configuration import load_settings

SIZE = 12


def readings() -> list[Reading]:
    """Return what four actors do who raise their voice in joy and lower it in sorrow, and differ from each other."""
    chance = np.random.default_rng(0)
    made = []
    for actor in range(4):
        sex = "male" if actor % 2 else "female"
        offset = chance.normal(size=SIZE) * 5
        for emotion, height in (("neutral", 0.0), ("happy", 3.0), ("sad", -2.0), ("calm", -1.0)):
            for _ in range(6):
                change = dataclasses.replace(NEUTRAL, shift=actor + height, tempo=0.1 * (emotion == "sad"))
                row = offset + height * np.eye(SIZE)[0] + 0.3 * chance.normal(size=SIZE)
                made.append(Reading(str(actor), sex, "a sentence", emotion, True, change, row))
    return made


@pytest.fixture(scope="module")
def actors() -> Actors:
    return Actors(readings(), shrinkage=0.3, rest=0.3)


@pytest.mark.parametrize(("emotion", "shift", "tempo"), [("happy", 3.0, 0.0), ("sad", -2.0, 0.1), ("calm", -1.0, 0.0)])
def test_a_departure_is_from_the_actors_own_neutral(actors: Actors, emotion: str, shift: float, tempo: float) -> None:
    departure = actors.departure(emotion, "female")
    assert departure.shift == pytest.approx(shift)
    assert departure.tempo == pytest.approx(tempo)


def test_exaggeration_leads_away_from_the_other_emotions(actors: Actors) -> None:
    goals = [actors.goal("happy", "male", exaggeration) for exaggeration in (0.0, 1.0, 2.0)]
    other = actors.goal("sad", "male", 0.0)
    distances = [float(np.linalg.norm(goal - other)) for goal in goals]
    assert distances[0] + 1 < distances[1] < distances[2] - 1


def heard(change: EmotionChange) -> Floats:
    """Return how a voice comes out that follows every rule by half."""
    return np.array(
        [change.shift / 2, 5 * change.range, change.spectrum[0] @ np.cos(np.pi * (np.arange(40) + 0.5) / 40)]
    )


def found_for(start: EmotionChange, goal: Floats, *, prior: float = 1e-6, effort: float = 0.0) -> EmotionChange:
    slopes = slopes_about(NEUTRAL, heard)
    return fitted(start, heard, goal, slopes, prior=prior, effort=effort, rounds=4)


@pytest.mark.parametrize("goal", [(3.0, 1.0, 20.0), (-2.0, 0.0, 0.0), (0.0, -1.0, -30.0)])
def test_the_voice_comes_out_where_it_should(goal: tuple[float, ...]) -> None:
    start = dataclasses.replace(NEUTRAL, shift=goal[0])
    found = found_for(start, np.array(goal))
    np.testing.assert_allclose(heard(found), goal, atol=0.05)
    assert (found.tempo, found.pauses) == (start.tempo, start.pauses)


def test_slopes_are_mended_where_a_voice_follows_otherwise_than_at_the_beginning() -> None:
    def stiff(change: EmotionChange) -> Floats:
        return np.array([4 * np.tanh(change.shift / 4)])

    found = fitted(NEUTRAL, stiff, np.array([3.0]), slopes_about(NEUTRAL, stiff), prior=1e-6, effort=0.0, rounds=6)
    np.testing.assert_allclose(stiff(found), 3.0, atol=0.05)


def test_a_price_keeps_the_voice_near_what_was_measured() -> None:
    start = dataclasses.replace(NEUTRAL, shift=2.0)
    moves = [abs(found_for(start, np.full(3, 4.0), prior=prior).shift - 2.0) for prior in (0.01, 1, 100)]
    assert moves[0] > moves[1] > moves[2]


def test_a_price_keeps_the_spectrum_near_neutral() -> None:
    bowed = NEUTRAL.spectrum + 6 * np.cos(np.pi * (np.arange(40) + 0.5) / 40).astype(np.float32)
    start = dataclasses.replace(NEUTRAL, spectrum=bowed)
    goal = heard(start)
    depths = [abs(found_for(start, goal, effort=effort).spectrum).max() for effort in (0.0, 1.0, 1000.0)]
    assert depths[0] == pytest.approx(6.0, abs=0.1)
    assert depths[0] > depths[1] > depths[2]


def test_what_is_written_is_what_is_spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = dataclasses.replace(
        emotion_change({"sad": 1.0}, "female"), shift=1.25, range=0.2, tempo=-0.1, roughness=0.5
    )
    path = tmp_path / "emotions.json"
    write_emotions(path, {("sad", "female"): change}, ActingSettings(), ["01", "02"])
    document = json.loads(path.read_text(encoding="utf-8"))
    assert "CC BY-NC-SA 4.0" in document["_source"]["licence"]
    numbers = document["emotions"]["sad"]["female"]
    assert numbers["shift"] == 1.25
    assert numbers["range"] == pytest.approx(np.exp(0.2), abs=1e-3)
    assert numbers["tempo"] == pytest.approx(np.exp(-0.1), abs=1e-3)
    np.testing.assert_allclose(numbers["vowel"], change.spectrum[0], atol=0.006)


@pytest.mark.parametrize("text", ["exaggeration: -1", "exageration: 2", "prior: [", "rounds: 0"])
def test_impossible_settings_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "acting.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError):
        load_settings(ActingSettings, path)


def test_the_shipped_table_has_the_settings_of_the_shipped_configuration() -> None:
    table = json.loads(Path("pipeline/synthesis/prosody/emotions.json").read_text(encoding="utf-8"))
    settings = load_settings(ActingSettings, Path("configs/acting.yaml"))
    assert table["_source"]["settings"] == settings.model_dump(mode="json")


@pytest.mark.slow
def test_the_command_learns_from_recordings(tmp_path: Path, shared_data: Callable[[str], Path]) -> None:
    """Two actors and one sentence to practise: enough to see that anger comes out higher than calm."""
    data = tmp_path / "data"
    data.mkdir()
    for actor in ("Actor_01", "Actor_02"):
        for clip in (shared_data("ravdess") / actor).iterdir():
            (data / clip.name).symlink_to(clip)
    config, table = tmp_path / "acting.yaml", tmp_path / "emotions.json"
    config.write_text("kind: acting\nsentences: [Good evening to you.]\nrounds: 1\n", encoding="utf-8")
    options = ["--data", data, "--config", config, "--output", table, "--sexes", tmp_path / "sexes.json", "--quiet"]
    result = CliRunner().invoke(app, ["train", *map(str, options)])
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert len(json.loads((tmp_path / "sexes.json").read_text(encoding="utf-8"))["weights"]) == 15
    emotions = json.loads(table.read_text(encoding="utf-8"))["emotions"]
    assert set(emotions) == set(EMOTIONS) - {"neutral"}
    for sex in ("female", "male"):
        assert emotions["angry"][sex]["shift"] > emotions["calm"][sex]["shift"] + 2
