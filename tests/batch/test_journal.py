"""Work that is interrupted goes on."""

from __future__ import annotations

import pytest

from pipeline.batch.journal import Journal, fingerprint
from pipeline.core.errors import OutputError, UnreadableAudio, UsageError

WORK = {"recording": "a", "engine": "b"}


def test_what_was_done_is_there_after_a_crash(tmp_path):
    path = tmp_path / "new" / "talk.journal.jsonl"
    journal = Journal(path, WORK)
    journal.add({"n": 1})
    journal.add({"n": 2, "text": "ünïcode"})
    # Nobody closes it: the process is gone in the middle of a line.
    with path.open("ab") as file:
        file.write(b'{"n": 3, "te')
    resumed = Journal(path, WORK, resume=True)
    assert resumed.done == [{"n": 1}, {"n": 2, "text": "ünïcode"}]
    resumed.add({"n": 3})
    resumed.close()
    again = Journal(path, WORK, resume=True)
    assert [piece["n"] for piece in again.done] == [1, 2, 3]
    again.finish()
    assert list(path.parent.iterdir()) == []


def test_without_a_journal_resuming_begins_anew(tmp_path):
    journal = Journal(tmp_path / "j.jsonl", WORK, resume=True)
    assert journal.done == []
    journal.finish()


def test_a_journal_without_any_work_does_not_stay(tmp_path):
    Journal(tmp_path / "j.jsonl", WORK).close()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_is_never_dropped_by_accident(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, WORK).add({"n": 1})
    with pytest.raises(UsageError, match="--resume"):
        Journal(path, WORK)
    with pytest.raises(UsageError, match="another engine"):
        Journal(path, WORK | {"engine": "c"}, resume=True)
    assert Journal(path, WORK, resume=True).done == [{"n": 1}]
    assert Journal(path, WORK, overwrite=True).done == []
    assert Journal(path, WORK, resume=True).done == []


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"[1]\n", b'{"recording": "a"'])
def test_a_damaged_journal_begins_anew(tmp_path, content):
    path = tmp_path / "j.jsonl"
    path.write_bytes(content)
    journal = Journal(path, WORK, resume=True)
    journal.add({"n": 1})
    journal.close()
    assert Journal(path, WORK, resume=True).done == [{"n": 1}]


def test_a_folder_that_takes_no_file_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        Journal(tmp_path / "file" / "j.jsonl", WORK)


def test_a_recording_is_known_by_its_content(tmp_path):
    first, second, third = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    first.write_bytes(b"sound")
    second.write_bytes(b"sound")
    third.write_bytes(b"other")
    assert fingerprint(first) == fingerprint(second) != fingerprint(third)
    with pytest.raises(UnreadableAudio, match="cannot be read"):
        fingerprint(tmp_path / "missing")
