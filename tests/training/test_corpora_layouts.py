"""Every corpus is read from its own layout and file naming."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UnreadableAudio, UsageError
from pipeline.training.corpora import CORPORA, LABELS, duplicates, emotion_of
from pipeline.training.corpora.folders import UNKNOWN_SPEAKER
from pipeline.training.splits import speaker_folds


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def read(corpus: str, folder: Path):
    return CORPORA.find(corpus).read(folder)


@pytest.mark.parametrize(
    ("corpus", "name", "expected"),
    [
        (
            "ravdess-song",
            "Actor_02/03-02-06-02-01-02-02.wav",
            ("ravdess-02", "female", "fearful", "strong", "Kids are talking by the door."),
        ),
        ("tess", "OAF_angry/OAF_back_angry.wav", ("tess-oaf", "female", "angry", "", "Say the word back.")),
        (
            "tess",
            "YAF_pleasant_surprised/YAF_bath_ps.wav",
            ("tess-yaf", "female", "surprised", "", "Say the word bath."),
        ),
        ("tess", "OAF_neutral/OA_bite_neutral.wav", ("tess-oaf", "female", "neutral", "", "Say the word bite.")),
        ("tess", "YAF_home_disgust.flac", ("tess-yaf", "female", "disgusted", "", "Say the word home.")),
        ("crema-d", "AudioWAV/1001_DFA_ANG_XX.wav", ("crema-d-1001", "", "angry", "", "Don't forget a jacket.")),
        ("crema-d", "1091_IEO_FEA_HI.wav", ("crema-d-1091", "", "fearful", "high", "It's eleven o'clock.")),
        ("crema-d", "1040_ITH_SAD_X.wav", ("crema-d-1040", "", "sad", "", "I think I have a doctor's appointment.")),
        ("nemo", "WR0_surprised_64.flac", ("nemo-wr0", "male", "surprised", "", "")),
        ("nemo", "deep/MK0_happiness_82.wav", ("nemo-mk0", "female", "happy", "", "")),
        ("savee", "ALL/DC_a01.wav", ("savee-dc", "male", "angry", "", "")),
        ("savee", "AudioData/KL/su15.wav", ("savee-kl", "male", "surprised", "", "")),
        ("savee", "JE/sa02.wav", ("savee-je", "male", "sad", "", "")),
        ("savee", "JK_n30.wav", ("savee-jk", "male", "neutral", "", "")),
        ("emo-db", "wav/03a01Fa.wav", ("emo-db-03", "male", "happy", "", "Der Lappen liegt auf dem Eisschrank.")),
        (
            "emo-db",
            "16b10Wb.wav",
            ("emo-db-16", "female", "angry", "", "Die wird auf dem Platz sein, wo wir sie immer hinlegen."),
        ),
        ("emo-db", "09a07Ta.wav", ("emo-db-09", "female", "sad", "", "In sieben Stunden wird es soweit sein.")),
        ("librispeech", "test-other/1688/142285/1688-142285-0000.flac", ("librispeech-1688", "", "neutral", "", "")),
        ("ljspeech", "wavs/LJ001-0001.wav", ("ljspeech-lj", "female", "neutral", "", "")),
        ("aishell-3", "train/wav/SSB0005/SSB00050001.wav", ("aishell-3-ssb0005", "", "neutral", "", "")),
        ("folders", "Pleasant_Surprise/x.mp3", (UNKNOWN_SPEAKER, "", "surprised", "", "")),
        ("folders", "fear/anna/x.wav", ("folders-anna", "", "fearful", "", "")),
        ("folders", "03/x.wav", (UNKNOWN_SPEAKER, "", "happy", "", "")),
        ("folders", "悲伤/小明/x.wav", ("folders-小明", "", "sad", "", "")),
    ],
)
def test_a_name_tells_all(tmp_path, corpus, name, expected):
    (recording,) = read(corpus, touched(tmp_path, name))
    found = (recording.speaker, recording.sex, recording.emotion, recording.intensity, recording.sentence)
    assert found == expected
    assert recording.corpus == corpus
    assert recording.path == tmp_path / name


@pytest.mark.parametrize(
    ("corpus", "name"),
    [
        ("ravdess", "03-02-05-01-01-01-05.wav"),
        ("ravdess-song", "03-01-05-01-01-01-05.wav"),
        ("tess", "OAF_back_bored.wav"),
        ("tess", "OAF_back_angry.txt"),
        ("crema-d", "1001_DFA_SUR_XX.wav"),
        ("crema-d", "1001_XYZ_ANG_XX.wav"),
        ("nemo", "WR0_calm_64.wav"),
        ("nemo", "XX0_anger_64.wav"),
        ("savee", "XX_a01.wav"),
        ("savee", "DC_x01.wav"),
        ("emo-db", "03a01La.wav"),
        ("emo-db", "04a01Fa.wav"),
        ("iemocap", "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav"),
        ("librispeech", "1688-142285.flac"),
        ("ljspeech", "LJ001.wav"),
        ("aishell-3", "SSB0005.wav"),
        ("folders", "happy.wav"),
        ("folders", "bored/x.wav"),
        ("folders", "auto/x.wav"),
        ("tess", ".OAF_back_angry.wav"),
    ],
)
def test_what_is_no_recording_of_the_corpus_is_left_out(tmp_path, corpus, name):
    with pytest.raises(UsageError, match="holds no"):
        read(corpus, touched(tmp_path, name))


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_a_missing_folder_is_explained(tmp_path, corpus):
    with pytest.raises(UsageError, match="no folder"):
        corpus.read(tmp_path / "nowhere")


def test_a_corpus_that_is_there_twice_is_read_once(tmp_path):
    names = [f"03-01-05-01-01-{take:02d}-05.wav" for take in (1, 2)]
    folder = touched(tmp_path, *(f"{place}Actor_05/{name}" for place in ("", "audio_speech/") for name in names))
    assert [recording.path.name for recording in read("ravdess", folder)] == names


def test_savee_sentences_of_four_men_stay_apart(tmp_path):
    folder = touched(tmp_path, *(f"{speaker}/a01.wav" for speaker in ("DC", "JE", "JK", "KL")))
    assert len({recording.speaker for recording in read("savee", folder)}) == 4


@pytest.mark.parametrize("place", ["VideoDemographics.csv", "AudioWAV/VideoDemographics.csv"])
def test_crema_d_takes_the_sex_from_its_table(tmp_path, place):
    touched(tmp_path, "AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1002_DFA_ANG_XX.wav", "AudioWAV/1003_DFA_ANG_XX.wav")
    (tmp_path / place).write_text("ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,Caucasian,x\n1002,21,Female,Asian,x\n")
    recordings = read("crema-d", tmp_path / "AudioWAV")
    assert [recording.sex for recording in recordings] == ["male", "female", ""]


IEMOCAP = """% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]
C-E2:\tNeutral;\t()

[10.0100 - 11.3925]\tSes01F_impro01_M001\texc\t[2.5000, 2.5000, 2.5000]

[14.8872 - 18.0175]\tSes01F_impro01_F002\tfru\t[2.5000, 2.5000, 2.5000]

[19.0 - 20.0]\tSes01F_impro01_M003\tang\t[2.5000, 2.5000, 2.5000]
"""


def test_iemocap_is_read_from_its_tables(tmp_path):
    turns = ("F000", "M001", "F002")
    touched(tmp_path, *(f"Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_{turn}.wav" for turn in turns))
    tables = tmp_path / "Session1" / "dialog" / "EmoEvaluation"
    touched(tables, "Ses01F_impro01.txt", "._Ses01F_impro01.txt", "Categorical/Ses01F_impro01_e2_cat.txt")
    (tables / "Ses01F_impro01.txt").write_text(IEMOCAP)
    (tables / "._Ses01F_impro01.txt").write_bytes(b"\x00\x05\x16\xff")
    touched(tmp_path, "Session1/dialog/transcriptions/Ses01F_impro01.txt").joinpath(
        "Session1/dialog/transcriptions/Ses01F_impro01.txt"
    ).write_text("Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.\n")

    woman, man = read("iemocap", tmp_path)
    assert (woman.speaker, woman.sex, woman.emotion, woman.sentence) == (
        "iemocap-01f",
        "female",
        "neutral",
        "Excuse me.",
    )
    assert (man.speaker, man.sex, man.emotion, man.sentence) == ("iemocap-01m", "male", "happy", "")
    assert man.path.exists()


def test_folders_without_speakers_cannot_be_split_by_speaker(tmp_path):
    recordings = read("folders", touched(tmp_path, "happy/1.wav", "happy/2.wav", "sad/1.wav", "sad/2.wav"))
    assert len(recordings) == 4, "one name in two emotions is two recordings"
    with pytest.raises(UsageError, match="All recordings are of one speaker"):
        speaker_folds([recording.speaker for recording in recordings], 2)


def test_folders_with_strange_names_are_named(tmp_path, caplog):
    read("folders", touched(tmp_path, "happy/1.wav", "hapy/1.wav"))
    assert "hapy" in caplog.text


def test_every_label_is_one_of_the_eight_or_left_out():
    assert {label for table in LABELS.values() for label in table.values()} <= {*EMOTIONS, ""}
    assert emotion_of("crema-d", "XXX") == ""


def test_every_corpus_says_how_to_get_it():
    for corpus in CORPORA:
        assert corpus.licence
        assert corpus.weights
        assert corpus.unpack
        assert corpus.name == "folders" or (corpus.source.startswith("http") and corpus.citation and corpus.clips)


def test_the_same_sound_is_found_under_other_names_and_formats(tmp_path):
    random = np.random.default_rng(0)
    sounds = [np.rint(3000 * random.standard_normal(4000)).astype(np.int16) for _ in range(3)]
    for name in ("happy", "sad"):
        (tmp_path / name).mkdir()
    soundfile.write(tmp_path / "happy" / "a.wav", sounds[0], 16000)
    soundfile.write(tmp_path / "happy" / "b.wav", sounds[1], 16000)
    soundfile.write(tmp_path / "sad" / "c.flac", sounds[0], 16000)
    soundfile.write(tmp_path / "sad" / "d.wav", sounds[2], 16000)
    soundfile.write(tmp_path / "sad" / "e.wav", sounds[1][:-1], 16000)
    told = []
    groups = duplicates(read("folders", tmp_path), lambda done, total: told.append((done, total)))
    assert [[entry.path.name for entry in group] for group in groups] == [["a.wav", "c.flac"]]
    assert told[-1] == (5, 5)


def test_a_recording_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UnreadableAudio, match=r"1\.wav"):
        duplicates(read("folders", touched(tmp_path, "happy/1.wav")))


def test_tess_is_complete(shared_data):
    recordings = read("tess", shared_data("tess"))
    assert len(recordings) == 1400
    assert len({recording.speaker for recording in recordings}) == 2
    assert {emotion: sum(entry.emotion == emotion for entry in recordings) for emotion in EMOTIONS} == {
        emotion: 0 if emotion == "calm" else 200 for emotion in EMOTIONS
    }


def test_ravdess_is_complete(shared_data):
    recordings = read("ravdess", shared_data("ravdess"))
    assert len(recordings) == 1200
    assert len({recording.speaker for recording in recordings}) == 20
    assert sum(recording.sex == "female" for recording in recordings) == 600
    counts = {emotion: sum(entry.emotion == emotion for entry in recordings) for emotion in EMOTIONS}
    assert counts == {emotion: 80 if emotion == "neutral" else 160 for emotion in EMOTIONS}


@pytest.fixture
def command():
    """Give a runner of the verb."""
    import typer
    from typer.testing import CliRunner

    from pipeline.cli.corpora import corpora

    app = typer.Typer()
    app.command()(corpora)

    def run(*arguments: str):
        return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})

    return run


def test_the_verb_lists_all(command):
    import json

    done = command("--json")
    listed = [json.loads(line) for line in io.StringIO(done.stdout)]
    assert [entry["name"] for entry in listed] == [corpus.name for corpus in CORPORA]
    assert all(corpus.name in command().stdout for corpus in CORPORA)


def test_the_verb_looks_into_a_copy(command, tmp_path):
    import json

    for name in ("happy/anna", "sad/ben"):
        (tmp_path / name).mkdir(parents=True)
        soundfile.write(tmp_path / name / "1.wav", np.full(1000, 0.1), 16000)
    told = json.loads(command("folders", "--data", tmp_path, "--json").stdout)
    assert (told["clips"], told["speakers"]) == (2, {"folders-anna": 1, "folders-ben": 1})
    assert [[entry["speaker"] for entry in group] for group in told["duplicates"]] == [["folders-anna", "folders-ben"]]
    assert "the same sound" in command("folders", "--data", tmp_path).stdout
    assert isinstance(command("--data", tmp_path).exception, UsageError)
