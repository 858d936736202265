"""`watch` and `calls`: what they refuse, and a folder from the first call to the deletion of a customer."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import pipeline.chain
from pipeline.cli import main
from pipeline.store.store import Store
from tests.alerts.conftest import (  # noqa: F401
    Ears,
    Receiver,
    agent,
    customer,
    ears,
    hearing,
    receiver,
    turns,
    write_call,
)


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    told = capsys.readouterr()
    return int(left.value.code or 0), told.out, " ".join(told.err.split())


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.wav").touch()
    return tmp_path


WATCH = ["watch", "folder", "--once"]
CHANNEL = [*WATCH, "--customer-channel", "2"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (WATCH, 2, "Nobody says who of a call is the customer, and nobody else may be judged."),
        ([*CHANNEL, "--customer-speaker", "speaker 1"], 2, "both said to be the customer"),
        ([*WATCH, "--customer-speaker", "agent"], 2, "An agent is no customer"),
        ([*WATCH, "--customer-speaker", "The call-centre agent 1"], 2, "An agent is no customer"),
        ([*WATCH, "--customer-speaker", "Mitarbeiter"], 2, "An agent is no customer"),
        ([*WATCH, "--customer-speaker", "the caller"], 2, "Give 'speaker 1', 'speaker 2' and so on"),
        ([*CHANNEL, "--judge-employees-because", "we are curious"], 2, "Begin with 'medical:' or 'safety:'"),
        ([*CHANNEL, "--alert-emotions", "wistful"], 2, "cannot be 'wistful'"),
        ([*CHANNEL, "--alert-threshold", "0.1"], 2, "cannot end below 0.2"),
        ([*CHANNEL, "--alert-seconds", "-1"], 2, "at least 0"),
        ([*CHANNEL, "--customer-pattern", "("], 2, "no regular expression"),
        ([*CHANNEL, "--keep-days", "4000000"], 2, "at most 36500"),
        ([*CHANNEL, "--webhooks", "example.org"], 2, "Give https://… addresses."),
        ([*CHANNEL, "--database", "mysql://a/b"], 2, "of the kind 'mysql'"),
        ([*CHANNEL, "--database", "/proc/x/calls.sqlite"], 1, "cannot be made"),
        (["watch", "nowhere", "--customer-channel", "2"], 4, "There is no folder 'nowhere'"),
        (["watch", "file.wav", "--customer-channel", "2"], 2, "file.wav is a file"),
        (["monitor", "folder"], 2, "Did you mean: detect.py watch folder"),
        (["calls"], 2, "There are no calls in output/calls.sqlite. Give --database, or watch a folder first."),
        (["calls", "show"], 2, "Give detect.py calls show NUMBER"),
        (["calls", "export"], 2, "FILE.csv"),
        (["calls", "export", "file.wav"], 2, "exists already"),
        (["calls", "forget"], 2, "CUSTOMER"),
        (["calls", "list", "Anna"], 2, "list takes no 'Anna'"),
        (["calls", "--since", "yesterday"], 2, "Write a day as 2026-11-29"),
        (["calls", "--severity", "awful"], 2, "Choose of low, medium, high"),
        (["calls", "--emotion", "wistful"], 2, "cannot be 'wistful'"),
        (["calls", "delete"], 2, "delete"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], code: int, said: str, place: Path, capsys) -> None:
    found, output, talk = run(arguments, capsys)
    assert (found, output) == (code, "")
    assert said in talk
    assert sorted(path.name for path in place.iterdir()) == ["file.wav", "folder"], "nothing is begun"


@pytest.fixture
def folder(
    place: Path, monkeypatch: pytest.MonkeyPatch, hearing, agent: np.ndarray, customer: np.ndarray  # noqa: F811
) -> Path:  # fmt: skip
    """A folder of two calls, and engines that hear anger in long segments."""
    monkeypatch.setattr(pipeline.chain, "VoicePipeline", lambda settings: hearing)
    monkeypatch.setattr(hearing, "check_transcription", lambda **options: None)
    write_call(place / "folder" / "Anna" / "1.wav", agent, customer)
    write_call(place / "folder" / "2.wav", agent)
    return place / "folder"


def test_from_the_first_call_to_the_deletion(folder: Path, receiver: Receiver, capsys) -> None:  # noqa: F811
    code, output, talk = run([*CHANNEL, "--webhooks", receiver.url, "--json"], capsys)
    assert code == 0, talk
    lines = {line["file"]: line for line in map(json.loads, output.splitlines())}
    assert lines["folder/Anna/1.wav"]["customer"] == "Anna"
    (alert,) = lines["folder/Anna/1.wav"]["alerts"]
    assert "cancel my contract" in alert["reason"]
    assert "one channel" in lines["folder/2.wav"]["problem"]
    assert "2 new calls, 1 alert." in talk
    assert receiver.kinds == ["alert.raised"]
    assert run(CHANNEL, capsys)[2] == "no new calls, no alerts."
    for arguments, said in (
        ([], "Anna"),
        (["show", "2"], "cancel my contract"),
        (["trends", "--by-customer"], "Anna"),
        (["deliveries"], "delivered"),
        (["--search", "CONTRACT"], "1.wav"),
    ):
        code, output, _ = run(["calls", *arguments], capsys)
        assert (code, said in output) == (0, True), output
        code, output, _ = run(["calls", *arguments, "--json"], capsys)
        assert all(isinstance(json.loads(line), dict) for line in output.splitlines())
    assert run(["calls", "export", "calls.csv", "--with-alerts"], capsys)[0] == 0
    (row,) = csv.DictReader(Path("calls.csv").open(encoding="utf-8"))
    assert (row["customer"], row["emotion"]) == ("Anna", "angry")
    assert run(["calls", "show", "99"], capsys)[0] == 2
    assert run(["calls", "forget", "Anna"], capsys)[2].endswith("Say --yes to do so.")
    code, output, talk = run(["calls", "forget", "Anna", "--yes"], capsys)
    assert "1 call of Anna is deleted" in output
    assert output.splitlines()[-1].endswith("folder/Anna/1.wav")
    assert run(["calls", "forget", "Anna", "--yes"], capsys)[0] == 2
    os.utime(folder / "2.wav", (0, 0))
    assert run(CHANNEL, capsys)[2] == (
        "no new calls, no alerts. Left out: 1 recording older than 90 days."
        " Left out: 1 recording of customers who were forgotten."
    )


def test_names_do_nothing_to_a_terminal(
    folder: Path, customer: np.ndarray, agent: np.ndarray, capsys  # noqa: F811
) -> None:  # fmt: skip
    shutil.rmtree(folder / "Anna")
    name = "\x1b[31mred\x1b]0;title\x07\u202eleft\nright"
    write_call(folder / name / "1.wav", agent, customer)
    for arguments in (CHANNEL, ["calls"], ["calls", "show", "2"], ["calls", "trends", "--by-customer"]):
        code, output, _ = run(arguments, capsys)
        assert code == 0
        assert "red" in output
        assert not [sign for sign in ("\x1b", "\x07", "\u202e", "\nright") if sign in output]


def test_what_is_not_there_or_not_judged_is_said(folder: Path, capsys) -> None:
    assert run(CHANNEL, capsys)[0] == 0
    code, output, talk = run(["calls", "--search", "zebra"], capsys)
    assert (code, output, talk) == (0, "", "No such calls.")
    output = run(["calls"], capsys)[1]
    assert "not judged" in next(line for line in output.splitlines() if "2.wav" in line)


@pytest.mark.parametrize("name", ["webhook_secret", "api_key"])
def test_a_secret_that_cannot_be_is_not_shown(name: str, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"RESAY_{name.upper()}", "geheim")
    code, _, talk = run(CHANNEL, capsys)
    assert (code, "geheim" in talk) == (2, False), talk
    assert f"RESAY_{name.upper()} (from environment) cannot be '…'" in talk


def test_alerts_are_shown_with_their_place(folder: Path, capsys) -> None:
    _, output, talk = run(CHANNEL, capsys)
    first, second, *_ = [line for line in output.splitlines() if "Anna" in line or "angry" in line]
    assert first.split() == ["folder/Anna/1.wav", "Anna", "0:20", "1", "alert"]
    assert second.split()[:3] == ["medium", "0:03–0:08", "angry"]
    assert "note: folder/2.wav: It has one channel" in talk


def test_employees_are_judged_with_a_reason_alone(folder: Path, ears: Ears, capsys) -> None:  # noqa: F811
    reason = "safety: fatigue of dispatchers"
    _, output, talk = run([*CHANNEL, "--judge-employees-because", reason, "--json"], capsys)
    assert f"Employees are judged as well, because of {reason}." in talk
    call = next(json.loads(line) for line in output.splitlines() if "Anna" in line)
    assert {alert["speaker"] for alert in call["alerts"]} == {"customer", "agent"}
    store = Store("output/calls.sqlite")
    assert {kept.judged_because for kept in store.search()[0]} == {reason}
    store.close()


def test_a_notice_needs_no_calls(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESAY_KEEP_DAYS", "30")
    code, output, _ = run(["calls", "notice"], capsys)
    assert code == 0
    assert "deleted after 30 days" in output
