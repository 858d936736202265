"""Refused trainings: nothing was computed, nothing is left behind, and the corrected command works."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import soundfile
from typer.testing import CliRunner

from pipeline.cli import app, with_verb
from pipeline.core.errors import ResayError

CODES = {"neutral": 1, "calm": 2, "happy": 3, "sad": 4, "angry": 5, "fearful": 6, "disgusted": 7, "surprised": 8}

Clip = tuple[int, str, int]
"""Actor, emotion, repetition."""

ACTORS: dict[str, list[Clip]] = {
    "whole": [(actor, emotion, take) for actor in (1, 2, 3) for emotion in ("neutral", "happy") for take in (1, 2)],
    "one speaker": [(1, emotion, take) for emotion in ("neutral", "happy") for take in range(1, 5)],
    "one emotion": [(actor, "happy", take) for actor in (1, 2, 3) for take in (1, 2)],
    "one sad clip": [*((actor, emotion, 1) for actor in (1, 2, 3) for emotion in ("neutral", "happy")), (2, "sad", 1)],
    "no neutral": [(actor, emotion, 1) for actor in (1, 2, 3) for emotion in ("happy", "sad")],
    "one neutral each": [(actor, emotion, 1) for actor in (1, 2, 3) for emotion in ("neutral", "happy", "sad")],
    "women": [(actor, emotion, 1) for actor in (2, 4) for emotion in ("neutral", "happy", "sad")],
    "neutral": [(actor, "neutral", take) for actor in (1, 2, 3) for take in (1, 2)],
    "few": [(actor, emotion, 1) for actor in (1, 2) for emotion in ("neutral", "happy")],
}
"""Corpora in the names of RAVDESS."""

WORDS = ("happy", "sad")

TEXTS = {
    "whole.csv": ["text,emotion,speaker", *(f"so {word} {who},{word},{who}" for who in "abc" for word in WORDS)],
    "one speaker.csv": ["text,emotion,speaker", "so happy,happy,a", "so sad,sad,a"],
    "one emotion.csv": ["text,emotion,speaker", *(f"so happy {who},happy,{who}" for who in "abc")],
    "one sad.csv": ["text,emotion,speaker", *(f"{who} here,happy,{who}" for who in "abc"), "a cry,sad,a",
                    *(f"{who} shouts,angry,{who}" for who in "abc")],
    "apart.csv": ["text,emotion,speaker", *(f"{word} {who},{word},{who}" for who in "abc" for word in WORDS)],
    "angry.csv": ["text,emotion,speaker", *(f"rage {who},angry,{who}" for who in "abc")],
}  # fmt: skip

LINES = [
    f"The {thing} is {how} today." for thing in ("house", "garden", "river", "door") for how in ("old", "cold", "new")
]

CONFIGS = {
    "logistic": "model: logistic\nfeatures: log-mel\nmax_iter: 20\n",
    "ensemble": "model: ensemble\nmembers: [{root}/absent]\n",
    "text": "modality: text\nmodel: tfidf_logistic\n",
    "joint": "modality: both\nspeech: {root}/logistic.yaml\ntext: {root}/absent.yaml\n",
    "judge": "kind: judge\nfolds: 3\n",
    "judge of five": "kind: judge\nfolds: 5\n",
    "acting": "kind: acting\n",
    "acting by rule": "kind: acting\nby_rule:\n  angry: {breath: 1.0}\n",
    "acting by another rule": "kind: acting\nby_rule:\n  happy: {loud: 1.0}\n",
    "decoder": "kind: decoder\nsentences: 10\ngirls: 0\nheld_out: 2\n",
    "decoder of many": "kind: decoder\nsentences: 100\n",
    "decoder held out": "kind: decoder\nsentences: 10\ngirls: 0\nheld_out: 10\n",
}


@dataclass(frozen=True)
class Case:
    """One refused command."""

    command: str
    """Its words; `{root}` is a folder with corpora, texts and configs, `{new}` an empty one."""
    message: str
    """What its message says, with the numbers and what to do."""
    corrected: str = ""
    """The words of the command that follows its advice; empty where the refusal is about the machine."""
    absent: str = ""
    """A module that is not installed."""


SPEECH = "train --config {root}/logistic.yaml --data {root}/"
"""A model of speech."""
TEXT = "train --config {root}/text.yaml --corpus csv --data {root}/"
"""A model of text."""
FILE = "{root}/whole.csv"
"""A file where a folder should be."""

CASES = [
    # Speakers and folds.
    Case(SPEECH + "one_speaker", "All recordings are of one speaker", SPEECH + "one_speaker --folds 0"),
    Case(SPEECH + "one_speaker --protocol speaker", "--protocol random",
         SPEECH + "one_speaker --protocol random --folds 3"),
    Case(SPEECH + "whole", "3 speakers cannot be split into 5 folds. Give --folds between 2 and 3",
         SPEECH + "whole --folds 3"),
    Case(SPEECH + "whole --folds 1", "3 speakers cannot be split into 1 folds", SPEECH + "whole --folds 2"),
    Case(SPEECH + "whole --protocol random --folds 1", "at least 2 parts",
         SPEECH + "whole --protocol random --folds 3"),
    Case(SPEECH + "whole --protocol dice", "no protocol 'dice'", SPEECH + "whole --protocol session"),
    Case(SPEECH.replace("train", "evaluate", 1) + "whole", "3 speakers cannot be split into 5 folds",
         SPEECH.replace("train", "evaluate", 1) + "whole --folds 0"),
    Case("train --config {root}/judge_of_five.yaml --data {root}/whole",
         "3 speakers cannot be split into 5 folds. Give folds in the settings between 2 and 3",
         "train --config {root}/judge.yaml --data {root}/whole"),
    Case(TEXT + "one_speaker.csv", "All texts are of one speaker", TEXT + "whole.csv"),
    # Emotions.
    Case(SPEECH + "one_emotion --folds 3", "All 6 clips are 'happy'", SPEECH + "whole --folds 3"),
    Case(SPEECH + "one_emotion --folds 0", "All 6 clips are 'happy'", SPEECH + "whole --folds 0"),
    Case(SPEECH + "one_sad_clip --folds 3", "'sad' has 1 clip of 1 speaker", SPEECH + "one_sad_clip --folds 0"),
    Case(SPEECH + "one_sad_clip --protocol random --folds 3", "'sad' has 1 clip of 1 speaker, too few for the split",
         SPEECH + "whole --protocol random --folds 3"),
    Case(SPEECH + "no_neutral --folds 3 --also librispeech={root}/read", "makes no use of read speech",
         SPEECH + "no_neutral --folds 3"),
    Case("train --config {root}/judge.yaml --data {root}/no_neutral", "has 0 neutral recordings, and it takes 2",
         "train --config {root}/judge.yaml --data {root}/whole"),
    Case("train --config {root}/judge.yaml --data {root}/one_neutral_each", "has 1 neutral recording, and it takes 2",
         "train --config {root}/judge.yaml --data {root}/whole"),
    Case("train --config {root}/judge.yaml --data {root}/neutral", "All 6 recordings are neutral",
         "train --config {root}/judge.yaml --data {root}/whole"),
    Case("train --config {root}/acting.yaml --data {root}/women --sexes {new}/sexes.json",
         "Of 0 male recordings in 'happy', 0 are strong",
         "train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json"),
    Case("train --config {root}/acting.yaml --data {root}/no_neutral --sexes {new}/sexes.json",
         "has 0 neutral recordings, and it takes 1",
         "train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json"),
    Case("train --config {root}/acting.yaml --data {root}/few --sexes {new}/sexes.json", "All 4 recordings are 'happy'",
         "train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json"),
    Case("train --config {root}/acting_by_rule.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json",
         "a rule for 'angry', and no recording is of it. Take it out of by_rule; there are happy, sad",
         "train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json"),
    Case("train --config {root}/acting_by_another_rule.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json",
         "by_rule", "train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json"),
    Case(TEXT + "one_emotion.csv", "All 3 texts are 'happy'", TEXT + "whole.csv"),
    Case(TEXT + "apart.csv", "No piece of a word is in 3 of the 4 texts", TEXT + "whole.csv"),
    Case(TEXT + "one_sad.csv", "'sad' has 1 text of 1 speaker", TEXT + "whole.csv"),
    Case(TEXT.replace("train", "evaluate", 1) + "whole.csv --test-corpus csv --test-data {root}/angry.csv",
         "None of the 3 texts of csv has only emotions that are learned. Learned are happy, sad",
         TEXT.replace("train", "evaluate", 1) + "whole.csv"),
    # Texts of a decoder.
    Case("train --config {root}/decoder_of_many.yaml --texts {root}/lines.txt", "holds 12 sentences",
         "train --config {root}/decoder.yaml --texts {root}/lines.txt"),
    Case("train --config {root}/decoder_held_out.yaml --texts {root}/lines.txt", "Of 10 sentences 10 are held out",
         "train --config {root}/decoder.yaml --texts {root}/lines.txt"),
    # Places that cannot be written.
    Case(SPEECH + f"whole --folds 3 --output {FILE}/checkpoint", "Give another --output", SPEECH + "whole --folds 3"),
    Case(SPEECH + f"whole --folds 3 --run {FILE}", "Give another --run", SPEECH + "whole --folds 3"),
    Case(SPEECH + f"whole --folds 3 --cache {FILE}", "Give another --cache", SPEECH + "whole --folds 3"),
    Case(SPEECH.replace("train", "evaluate", 1) + f"whole --folds 3 --report {FILE}", "Give another --report",
         SPEECH.replace("train", "evaluate", 1) + "whole --folds 3"),
    Case("preprocess --config {root}/logistic.yaml --data {root}/whole " + f"--cache {FILE}", "Give another --cache",
         "preprocess --config {root}/logistic.yaml --data {root}/whole"),
    Case(TEXT + f"whole.csv --output {FILE}", "Give another --output", TEXT + "whole.csv"),
    Case(f"train --config {{root}}/judge.yaml --data {{root}}/whole --output {FILE}/judge", "Give another --output",
         "train --config {root}/judge.yaml --data {root}/whole"),
    Case(f"train --config {{root}}/acting.yaml --data {{root}}/one_neutral_each --sexes {FILE}/sexes.json",
         "Give another --sexes",
         "train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json"),
    Case("train --config {root}/acting.yaml --data {root}/one_neutral_each --output {root} --sexes {new}/sexes.json",
         "Give another --output",
         "train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json"),
    Case(f"train --config {{root}}/decoder.yaml --texts {{root}}/lines.txt --output {FILE}/decoder",
         "Give another --output",
         "train --config {root}/decoder.yaml --texts {root}/lines.txt"),
    # Other corpora, other settings, members that are not there.
    Case(SPEECH.replace("train", "evaluate", 1) + "whole --folds 3 --test-corpus ravdess --test-data {root}/few",
         "ravdess is what the run was trained on", SPEECH.replace("train", "evaluate", 1) + "whole --folds 3"),
    Case(SPEECH.replace("train", "evaluate", 1) + "whole --folds 3 --test-corpus tess --test-data {root}/few",
         "holds no", SPEECH.replace("train", "evaluate", 1) + "whole --folds 3"),
    Case("train --config {root}/ensemble.yaml --data {root}/whole --folds 3", "absent", SPEECH + "whole --folds 3"),
    Case("evaluate --config {root}/joint.yaml --data {root}/whole", "absent.yaml cannot be read"),
    # Packages that are needed last.
    Case(SPEECH + "whole --folds 3", "Training needs onnx", absent="onnx"),
    Case(SPEECH + "whole --folds 3", "Training needs sklearn", absent="sklearn"),
    Case(SPEECH + "whole --folds 3", "Training needs safetensors", absent="safetensors"),
    Case(TEXT + "whole.csv", "Training needs onnx", absent="onnx"),
    Case("train --config {root}/judge.yaml --data {root}/whole", "Training needs onnx", absent="onnx"),
    Case("train --config {root}/acting.yaml --data {root}/one_neutral_each --sexes {new}/sexes.json",
         "Training needs sklearn", absent="sklearn"),
    Case("train --config {root}/decoder.yaml --texts {root}/lines.txt", "Training needs onnx", absent="onnx"),
    Case("train --config configs/cnn1d_ravdess.yaml --data {root}/whole --folds 3", "Training needs tf2onnx",
         absent="tf2onnx"),
    Case("train --config configs/wav2vec2.yaml --data {root}/whole --folds 3", "Training needs transformers",
         absent="transformers"),
    Case(SPEECH.replace("train", "evaluate", 1) + "whole --folds 3 --report {new}/report", "Pictures need Matplotlib",
         absent="matplotlib.figure"),
]  # fmt: skip


class Begun(Exception):
    """A training has asked all its questions and begins to compute."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, make_vowels: Callable[..., Any]) -> Path:
    """A folder with every corpus, text and config."""
    folder = tmp_path_factory.mktemp("refused")
    for name, clips in ACTORS.items():
        place = folder / name.replace(" ", "_")
        place.mkdir()
        for actor, emotion, take in clips:
            sound = make_vowels(0.8, pitch=100 + 20 * actor, seed=100 * actor + 10 * CODES[emotion] + take)
            strong = 2 if emotion not in ("neutral", "calm") else 1
            file = f"03-01-{CODES[emotion]:02d}-{strong:02d}-01-{take:02d}-{actor:02d}.wav"
            soundfile.write(place / file, sound.samples, sound.sample_rate)
    (folder / "read").mkdir()
    sound = make_vowels(0.8)
    soundfile.write(folder / "read" / "1688-142285-0000.flac", sound.samples, sound.sample_rate)
    for name, lines in TEXTS.items():
        (folder / name.replace(" ", "_")).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "lines.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    for name, config in CONFIGS.items():
        path = folder / f"{name.replace(' ', '_')}.yaml"
        path.write_text(config.replace("{root}", str(folder)), encoding="utf-8")
    return folder


@pytest.fixture
def places(root: Path, tmp_path: Path) -> Callable[[str], list[str]]:
    """Return what fills the gaps of a command; run and output are in a new folder unless it says another.

    What was heard once is kept for all, so that a corrected command is cheap.
    """
    kept = {"--run": tmp_path / "run", "--cache": root / "cache"}

    def filled(command: str) -> list[str]:
        words = command.format(root=root, new=tmp_path).split()
        if words[0] == "preprocess":
            return words + ([] if "--cache" in words else ["--cache", str(kept["--cache"])])
        kind = next((kind for kind in ("judge", "acting", "decoder", "text") if kind in words[2]), "speech")
        takes = {"judge": ("--cache",), "acting": (), "decoder": ("--run",), "text": ("--run",)}
        for option in takes.get(kind, ("--run", "--cache")):
            words += [] if option in words else [option, str(kept[option])]
        if kind in ("judge", "acting", "decoder") and "--output" not in words:
            words += ["--output", str(tmp_path / "output")]
        return words

    return filled


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case.message[:40]}" for number, case in enumerate(CASES)])
def test_a_refused_training_leaves_nothing_in_its_own_way(
    case: Case, places: Callable[[str], list[str]], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.training.judge.actors.heard", _begin)
    monkeypatch.setattr("pipeline.training.judge.actors.estimate_f0", _begin)
    monkeypatch.setattr("pipeline.training.acting.actors.analyse", _begin)
    if importlib.util.find_spec("torch"):
        monkeypatch.setattr("pipeline.training.decoder.training.prepare", _begin)
        monkeypatch.setattr("pipeline.weights.store.require", lambda name: root / name)
    elif "decoder" in case.command:
        pytest.skip("the extra 'train' is not installed")
    if case.absent:
        monkeypatch.setitem(sys.modules, case.absent, None)
        monkeypatch.setitem(sys.modules, case.absent.partition(".")[0], None)
    before = sorted(root.rglob("*"))

    refusal = _run(places(case.command))
    assert isinstance(refusal, ResayError), repr(refusal)
    assert case.message in f"{refusal.message} {refusal.hint}"
    assert not list(tmp_path.iterdir()), "the refused command left something"
    assert sorted(root.rglob("*")) == before

    if case.corrected:
        result = _run(places(case.corrected))
        assert result is None or isinstance(result, Begun), repr(result)


def test_a_folder_without_results_is_free_for_other_settings(
    places: Callable[[str], list[str]], root: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "settings.json").write_text('{"corpus": "tess", "clips": 1, "folds": 9}', encoding="utf-8")
    assert _run(places(SPEECH + "few --folds 2")) is None


def test_results_of_other_settings_are_kept_and_the_difference_is_named(
    places: Callable[[str], list[str]], root: Path, tmp_path: Path
) -> None:
    assert _run(places(SPEECH + "few --folds 2")) is None
    kept = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    refusal = _run(places(SPEECH + "whole --folds 3"))
    assert isinstance(refusal, ResayError)
    assert "clips 4, not 12, folds 2, not 3" in refusal.message
    assert {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()} == kept


def _begin(*arguments: object, **options: object) -> None:
    raise Begun


def _run(words: list[str]) -> BaseException | None:
    """Run a command in this process; return what ended it."""
    return CliRunner().invoke(app, with_verb([*words, "--quiet"])).exception
