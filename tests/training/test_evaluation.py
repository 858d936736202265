"""Evaluating, reporting, training and predicting with small models, on a corpus of hummed vowels."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.predict import predict as predict_verb
from pipeline.core.errors import NoSpeech, SettingsError, UsageError, WeightsMissing
from pipeline.recognition.checkpoint import MODEL, read_card
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.training.checkpoints import MODEL_CARD
from pipeline.training.speech.degradations import DEGRADATIONS
from pipeline.training.speech.models.ensemble import EnsembleSettings
from pipeline.training.speech.models.logistic import LogisticSettings
from pipeline.training.speech.models.mlp import MlpSettings
from pipeline.training.speech.report import write_report
from pipeline.training.speech.robustness import cross_corpus, measured_robustness
from pipeline.training.speech.scores import SpeechScores
from pipeline.training.speech.training import evaluate, train

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("sklearn", "onnx", "matplotlib")),
    reason="the extra 'train' is not installed",
)

LOGISTIC = LogisticSettings(features="log-mel", C=0.1)
MLP = MlpSettings(features="log-mel", hidden_size=(8,), epochs=8, patience=2)


@pytest.fixture(scope="module")
def hummed(tmp_path_factory, make_vowels):
    """Four speakers hum eight emotions, which differ by how high they are."""
    import soundfile

    folder = tmp_path_factory.mktemp("hummed")
    for actor in range(1, 5):
        for emotion in range(1, 9):
            sound = make_vowels(1.0, pitch=80 + 30 * emotion + 3 * actor, seed=10 * actor + emotion)
            soundfile.write(folder / f"03-01-{emotion:02d}-01-01-01-{actor:02d}.wav", sound.samples, sound.sample_rate)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory, hummed):
    """A folder in which a logistic model was trained on the hummed corpus; its features are in `cache`."""
    folder = tmp_path_factory.mktemp("runs")
    train(LOGISTIC, hummed, folder / "logistic", folds=2, cache=folder / "cache")
    return folder


def scores_of(run) -> dict:
    return json.loads((run / "scores.json").read_text())


def test_a_run_holds_all_that_is_known_of_it(place):
    run = place / "logistic"
    names = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    assert {
        "settings.json", "log.jsonl", "scores.json", "curves.png", "confusion.png", "head.safetensors",
        "folds/seed-0-fold-0.npy", "folds/seed-0-fold-1.safetensors",
        "checkpoint/model.onnx", "checkpoint/card.json", "checkpoint/MODEL_CARD.md",
    } <= names  # fmt: skip
    scores = scores_of(run)
    assert scores["clips"] == 32
    assert scores["accuracy"] > 0.25, "pitch tells more than chance, 0.125"
    low, high = scores["accuracy_interval"]
    assert low <= scores["accuracy"] <= high


def test_the_card_names_model_and_features(place):
    card = read_card(place / "logistic" / "checkpoint")
    assert (card.name, card.features, card.calibrated) == ("logistic", "log-mel", True)
    text = (place / "logistic" / "checkpoint" / MODEL_CARD).read_text(encoding="utf-8")
    assert "log-mel" in text
    assert "Moonshine" not in text


def test_an_interrupted_run_goes_on(place, hummed, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(place / "logistic", run)
    (run / "folds" / "seed-0-fold-1.npy").unlink()
    steps = []
    evaluate(LOGISTIC, hummed, run, folds=2, cache=place / "cache", progress=lambda *step: steps.append(step[0]))
    assert {step for step in steps if step.startswith("seed")} == {"seed 0 fold 2/2"}
    before, after = scores_of(place / "logistic"), scores_of(run)
    assert {**before, "training_seconds": 0} == {**after, "training_seconds": 0}
    with pytest.raises(SettingsError, match="other settings"):
        evaluate(MLP, hummed, run, folds=2, cache=place / "cache")


def test_predicting_says_what_training_scored(place, hummed):
    from pipeline.audio import read_audio

    predictor = SpeechRecogniser(place / "logistic" / "checkpoint")
    right = []
    for clip in sorted(hummed.iterdir()):
        with contextlib.suppress(NoSpeech):
            scores = predictor.recognise(read_audio(clip))
            right.append(scores.top == predictor.card.labels[int(clip.name[6:8]) - 1])
    assert len(right) > 16, "most of these are near enough to speech"
    assert np.mean(right) > 0.8, "these clips were trained on"
    assert sum(scores.probabilities) == pytest.approx(1)
    assert scores.model == "logistic"


def test_any_checkpoint_is_served_like_the_shipped_one(place, hummed):
    clip, folder = str(sorted(hummed.iterdir())[0]), str(place / "logistic" / "checkpoint")
    result = CliRunner().invoke(app, ["recognize", clip, "--model", folder, "--timeline", "--json"])
    assert result.exit_code == 0, result.output + repr(result.exception)
    told = json.loads(result.stdout)
    assert told["model"] == "logistic"
    assert told["windows"] is not None
    known = CliRunner().invoke(app, ["recognize", clip, clip, "--model", folder, "--same-speaker", "--json"])
    assert known.exit_code == 0, known.output + repr(known.exception)


def test_the_verb_prints_one_object_per_file(place, hummed, capsys):
    clips = [str(path) for path in sorted(hummed.iterdir())[:2]]
    predict_verb(clips, model=place / "logistic" / "checkpoint", threads=1, json=True, quiet=True)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [entry["file"] for entry in told] == clips
    assert {"emotion", "confidence", "probabilities", "model", "warnings"} <= set(told[0])


@pytest.mark.parametrize("content", [None, MODEL])
def test_a_folder_without_a_checkpoint_is_refused(place, tmp_path, content):
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    if content:
        shutil.copy(place / "logistic" / "checkpoint" / "card.json", folder)
    with pytest.raises(WeightsMissing):
        SpeechRecogniser(folder)


def test_a_random_split_says_that_it_leaks(place, hummed, tmp_path):
    run = tmp_path / "random"
    scores = evaluate(LOGISTIC, hummed, run, protocol="random", folds=2, cache=place / "cache")
    assert scores.clips == 16
    write_report(run, scores.to_dict(), tmp_path / "report")
    for name in ("report.md", "report.html"):
        assert "This split leaks" in (tmp_path / "report" / name).read_text(encoding="utf-8")


def test_one_speaker_is_left_out_at_a_time(place, hummed, tmp_path):
    scores = evaluate(LOGISTIC, hummed, tmp_path / "speaker", protocol="speaker", cache=place / "cache")
    assert len(scores.accuracy_by_fold) == 4
    assert "leave one speaker out" in scores.protocol


def test_one_command_writes_the_report(place, hummed, tmp_path):
    config = tmp_path / "small.yaml"
    config.write_text("model: logistic\nfeatures: log-mel\nC: 0.1\n")
    run = tmp_path / "run"
    shutil.copytree(place / "logistic", run)
    arguments = [
        "evaluate", "--data", hummed, "--config", config, "--run", run, "--folds", 2, "--report", tmp_path / "report",
        "--robustness", 2, "--cache", place / "cache", "--json", "--quiet",
    ]  # fmt: skip
    told = json.loads(CliRunner().invoke(app, [*map(str, arguments)]).stdout)
    assert list(told["robustness"]) == list(DEGRADATIONS)
    assert told["robustness"]["as it is"]["clips"] == 4
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 4
    assert 'src="data' in page
    assert "http" not in page, "the page needs nothing else"
    text = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    for title in ("## Scores", "## Confusion", "## Robustness", "## Training", "## Settings"):
        assert title in text
    assert "leaks" not in text
    for picture in ("confusion.png", "recall.png", "robustness.png", "curves.png"):
        assert (tmp_path / "report" / picture).read_bytes().startswith(b"\x89PNG")


def test_gain_does_not_move_what_hears_conditioned_sound(place, hummed):
    found = measured_robustness(place / "logistic", hummed, clips=4)
    assert found["gain -20 dB"]["accuracy"] == found["as it is"]["accuracy"] == found["gain +20 dB"]["accuracy"]
    assert found["as it is"]["truly_loud"] == pytest.approx(found["gain +20 dB"]["truly_loud"])


def test_another_corpus_is_judged_on_shared_emotions(place, make_vowels, tmp_path):
    import soundfile

    for emotion in ("happy", "sad"):
        (tmp_path / "others" / emotion).mkdir(parents=True)
        for number in range(2):
            sound = make_vowels(1.0, pitch=170 if emotion == "happy" else 200, seed=number)
            soundfile.write(tmp_path / "others" / emotion / f"{number}.wav", sound.samples, sound.sample_rate)
    found = cross_corpus(place / "logistic", "folders", tmp_path / "others", cache=tmp_path / "cache")
    assert found["clips"] == 4
    assert found["emotions"] == ["happy", "sad"]
    assert 0 <= found["accuracy"] <= 1
    with pytest.raises(UsageError, match="trained on"):
        cross_corpus(place / "logistic", "ravdess", tmp_path)
    settings = json.loads((place / "logistic" / "settings.json").read_text(encoding="utf-8"))
    (tmp_path / "settings.json").write_text(json.dumps(settings | {"also": ["librispeech"]}), encoding="utf-8")
    with pytest.raises(UsageError, match="trained on"):
        cross_corpus(tmp_path, "librispeech", tmp_path)


def test_an_ensemble_is_scored_and_served_like_any_model(place, hummed, tmp_path, speech):
    train(MLP, hummed, place / "mlp", folds=2, cache=place / "cache")
    settings = EnsembleSettings(members=(place / "logistic", place / "mlp"))
    card = train(settings, hummed, tmp_path / "ensemble", folds=2, cache=place / "cache")
    assert card.features == "log-mel"
    assert card.scores["clips"] == 32
    answer = SpeechRecogniser(tmp_path / "ensemble" / "checkpoint").recognise(speech)
    assert answer.model == "ensemble"
    assert sum(answer.probabilities) == pytest.approx(1)
    with pytest.raises(SettingsError, match="other clips or folds"):
        evaluate(settings, hummed, tmp_path / "other", folds=4, cache=place / "cache")


def test_scores_travel_as_json(place):
    scores = scores_of(place / "logistic")
    assert set(scores) == set(SpeechScores.__dataclass_fields__)
