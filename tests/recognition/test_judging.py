"""The judge of synthetic speech: how it is learnt, what it hears, and the one that ships."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.chain.engines import Engines
from pipeline.cli.train_judge import train_judge as command
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError, UsageError, WeightsMissing
from pipeline.core.paths import bundled
from pipeline.core.values import Audio, EmotionScores
from pipeline.recognition.judges import JUDGES
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.training.judge.revoiced_copies import RECORDED, SIZE, Renditions, heard
from pipeline.training.judge.training import NAME, JudgeSettings, read_judge_settings, train_judge
from pipeline.training.speech.corpora import Recording

CODES = {"neutral": "01", "happy": "03", "sad": "04"}


def clip(speaker: int, emotion: str, number: int = 0, path: Path = Path("x.wav")) -> Recording:
    return Recording(path, f"speaker-{speaker}", "female", emotion, "", f"sentence {number % 2}", "made")


@pytest.fixture(scope="module")
def made() -> Renditions:
    """Eight speakers whose voices differ far more than their emotions do, recorded and moved."""
    random = np.random.default_rng(0)
    emotions = np.zeros((len(EMOTIONS), SIZE))
    emotions[:, :8] = 5 * np.eye(len(EMOTIONS))
    recordings, rows = [], []
    for speaker in range(8):
        ways = 6 * random.standard_normal((3, SIZE))
        for emotion in EMOTIONS:
            for number in range(4):
                recordings.append(clip(speaker, emotion, number))
                rows.append(ways + emotions[EMOTIONS.index(emotion)] + random.standard_normal((3, SIZE)))
    return Renditions(tuple(recordings), (RECORDED, "youngman", "smallgirl"), np.array(rows, np.float32))


@pytest.fixture(scope="module")
def trained(made: Renditions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judge")
    train_judge(made, JudgeSettings(folds=4), folder, data={"corpora": ["made"], "citation": "None."}, licences={})
    return folder


def test_scores_are_those_of_unheard_speakers_beside_their_neutral(trained: Path) -> None:
    scores = json.loads((trained / "card.json").read_text(encoding="utf-8"))["scores"]
    beside, alone = (next(scores[how] for how in scores if how.startswith(word)) for word in ("beside", "alone"))
    for kind in ("recorded", "moved"):
        assert beside[kind]["all"] > 0.55
        # A voice that nobody knows hides its emotion here.
        assert alone[kind]["all"] < beside[kind]["all"] - 0.2
    assert "neutral" not in beside["recorded"]
    people = (trained / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"{beside['moved']['all']:.1%}" in people


def test_a_clip_is_compared_with_others_of_its_speaker(made: Renditions) -> None:
    departures, single = made.departures(), made.departures(single=True)
    voices = np.array([recording.speaker for recording in made.recordings])
    means = [departures[voices == voice].mean(axis=(0, 1)) for voice in dict.fromkeys(voices)]
    raw = [made.statistics[voices == voice].mean(axis=(0, 1)) for voice in dict.fromkeys(voices)]
    assert np.std(means, axis=0).mean() < 0.3 * np.std(raw, axis=0).mean()
    assert (np.abs(single).mean(axis=(1, 2)) > 0.1).all(), "no neutral clip is compared with itself"


def test_a_speaker_without_neutral_speech_is_refused() -> None:
    alone = Renditions((clip(0, "neutral"), clip(0, "sad")), (RECORDED,), np.zeros((2, 1, SIZE), np.float32))
    with pytest.raises(UsageError, match="fewer than two neutral"):
        alone.departures()


def test_what_was_heard_is_kept(make_vowels, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", make_vowels(1.0).samples, 16000)
    renders = []

    def render(recording: Recording) -> dict:
        renders.append(recording)
        return {RECORDED: make_vowels(1.0), "higher": make_vowels(1.0, pitch=260)}

    recordings = [clip(0, "sad", path=tmp_path / "x.wav")]
    first = heard(recordings, render, lambda recording: "a", cache=tmp_path / "kept")
    again = heard(recordings, render, lambda recording: "a", cache=tmp_path / "kept")
    assert (len(renders), first.names) == (1, (RECORDED, "higher"))
    np.testing.assert_array_equal(first.statistics, again.statistics)
    assert first.statistics.shape == (1, 2, SIZE)
    assert np.abs(first.statistics[0, 0] - first.statistics[0, 1]).max() > 0.1
    heard(recordings, render, lambda recording: "b", cache=tmp_path / "kept")
    assert len(renders) == 2


def test_it_hears_alone_and_beside_neutral(trained: Path, speech, make_vowels) -> None:
    ears = SpeechRecogniser(trained)
    alone = ears.recognise(speech)
    assert (alone.labels, ears.name) == (EMOTIONS, NAME)
    beside = ears.score_against_neutral(speech, make_vowels(2.0, pitch=200))
    assert beside.labels == tuple(emotion for emotion in EMOTIONS if emotion != "neutral")
    assert sum(beside.probabilities) == pytest.approx(1)
    other = ears.score_against_neutral(speech, make_vowels(2.0, pitch=100, seed=3))
    assert other.probabilities != beside.probabilities


def test_the_command_makes_a_judge(make_vowels, tmp_path: Path) -> None:
    pitches = {"neutral": 120, "happy": 220, "sad": 90}
    for actor in (1, 2):
        for emotion, pitch in pitches.items():
            for repetition in (1, 2):
                name = f"03-01-{CODES[emotion]}-01-01-0{repetition}-0{actor}.wav"
                folder = tmp_path / "data" / f"Actor_0{actor}"
                folder.mkdir(parents=True, exist_ok=True)
                sound = make_vowels(1.2, pitch=pitch * (0.8 + 0.4 * actor), seed=repetition)
                soundfile.write(folder / name, sound.samples, 16000)
    config = tmp_path / "judge.yaml"
    config.write_text("folds: 2\n", encoding="utf-8")
    command(tmp_path / "data", config=config, output=tmp_path / "judge", cache=tmp_path / "kept", quiet=True)
    card = json.loads((tmp_path / "judge" / "card.json").read_text(encoding="utf-8"))
    assert card["data"]["renditions"] == [RECORDED, "youngwoman", "youngman", "smallgirl", "middlemale"]
    assert (card["data"]["clips"], card["data"]["speakers"]) == (12, 2)
    assert SpeechRecogniser(tmp_path / "judge").recognise(make_vowels(1.2)).top in pitches


@pytest.mark.parametrize("text", ["ridge: -1", "depth: 3", "- a", "folds: [}"])
def test_settings_that_cannot_be_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "judge.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"judge\.yaml"):
        read_judge_settings(path)


class Unasked:
    """A recogniser that nobody asks."""

    name = "unasked"

    def recognise(self, audio: Audio, **_: object) -> EmotionScores:
        raise AssertionError("the recogniser is not asked")


def shipped() -> Path:
    try:
        return bundled("checkpoints", "judge")
    except WeightsMissing as error:
        pytest.skip(error.message)


def test_the_shipped_one_is_small_and_what_its_card_says() -> None:
    folder = shipped()
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest() == card["sha256"]
    assert sum(path.stat().st_size for path in folder.iterdir()) < 15e6
    assert card["settings"] == read_judge_settings(bundled("configs", "judge.yaml")).model_dump(mode="json")
    people = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert all(
        f"{shares['all']:.1%}" in people
        for how in card["scores"]
        if how != "protocol"
        for shares in card["scores"][how].values()
    )


def test_the_shipped_one_judges_and_not_the_recogniser() -> None:
    shipped()
    assert not JUDGES.find("judge").missing()

    assert Engines(recogniser=Unasked()).judge().name == NAME


def test_the_recogniser_judges_where_no_judge_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.recognition.judges.ready", lambda: "there is none")
    recogniser = Unasked()
    assert Engines(recogniser=recogniser).judge() is recogniser
