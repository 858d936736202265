"""Batches on Ray: with an actor that dies or hangs, on two nodes of which one is killed, and through Ray's client."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from small_batch import stand_in, tone

from pipeline import VoicePipeline
from pipeline.batch import Failure
from tests.house.watching import ROOT, needs_strace, watch

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow

ray = pytest.importorskip("ray", reason="the extra ray is not installed")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # The clusters of these tests are on this machine alone, and need no key.
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(ROOT)]))


@pytest.fixture
def session():
    """A folder for the files of Ray, with a path that is short enough for its sockets."""
    with tempfile.TemporaryDirectory(prefix="resay-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield folder


@pytest.fixture
def two_nodes(session):
    """A cluster with a core on each of two nodes, whose workers have stand-ins for the engines."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "temp_dir": session}
    )
    other = cluster.add_node(num_cpus=1)
    ray.init(cluster.address, log_to_driver=False, runtime_env={"worker_process_setup_hook": "small_batch.stand_in"})
    yield cluster, other
    ray.shutdown()
    cluster.shutdown()


def contents(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in folder.iterdir():
        if path.suffix == ".json":
            values = json.loads(path.read_text())
            for name in ("timings", "created", "output", "engines"):
                del values[name]
            found[path.name] = values
        elif not path.name.startswith("."):
            found[path.name] = path.read_bytes()
    return found


def converted(recordings, output, workers: str = "", time_limit: float = 0.0, then=lambda: None) -> list:
    """Convert in this process, which has stand-ins too."""
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch.setattr)
        results = VoicePipeline().convert_many(
            [recordings], "happy", output=output, workers=workers, time_limit=time_limit
        )
        found = [next(results)]
        then()
        return [*found, *results]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def until_it_answers(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)


# The first: after other sessions in this process the server for clients was seen not to begin.
def test_a_cluster_gets_bytes_and_gives_back_files(session, tmp_path):
    """Through Ray's client, with the engines that ship."""
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    for number in range(2):
        shutil.copy(ROOT / "examples" / "recording.wav", recordings / f"{number}.wav")
    port = free_port()
    how = [
        "--head",
        f"--port={free_port()}",
        f"--ray-client-server-port={port}",
        "--num-cpus=2",
        "--block",
        "--node-ip-address=127.0.0.1",
    ]
    how += [
        "--node-ip-address=127.0.0.1",
        "--include-dashboard=false",
        "--disable-usage-stats",
        f"--temp-dir={session}",
    ]
    head = subprocess.Popen(
        [sys.executable, "-m", "ray.scripts.scripts", "start", *how], cwd=session, stdout=subprocess.DEVNULL
    )
    try:
        until_it_answers(port)
        there = VoicePipeline().convert_many(
            [recordings], "happy", output=tmp_path / "there", workers=f"ray://127.0.0.1:{port}"
        )
        assert [Path(each.output).name for each in there] == ["1.wav", "2.wav"]
    finally:
        head.terminate()
        head.wait(60)
    list(VoicePipeline().convert_many([recordings], "happy", output=tmp_path / "here"))
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_a_node_is_killed_and_the_batch_ends_as_on_one_machine(two_nodes, tmp_path):
    cluster, other = two_nodes
    for number in range(16):
        tone(tmp_path / "recordings" / f"{number}.wav", number)
    converted(tmp_path / "recordings", tmp_path / "local")
    found = converted(
        tmp_path / "recordings", tmp_path / "cluster", "ray",
        then=lambda: cluster.remove_node(other, allow_graceful=False),
    )  # fmt: skip
    assert len(found) == 16
    assert not [each for each in found if isinstance(each, Failure)]
    assert contents(tmp_path / "cluster") == contents(tmp_path / "local")


def test_a_worker_that_dies_or_hangs_is_replaced(two_nodes, tmp_path):
    for number, seconds in enumerate([1, 3, 1, 4, 1]):
        tone(tmp_path / "recordings" / f"{number}.wav", number, seconds)
    found = converted(tmp_path / "recordings", tmp_path / "output", "ray", 5)
    assert [type(each) is Failure for each in found] == [False, True, False, True, False]
    assert "2 workers of Ray vanished with it" in str(found[1].error)
    assert "took longer than 5 s" in str(found[3].error)
    assert [path for path in (tmp_path / "output").iterdir() if path.name.endswith(".tmp")] == []


def test_a_session_sends_nothing_elsewhere_and_leaves_nothing(tmp_path):
    needs_strace()
    (tmp_path / "work" / "in").mkdir(parents=True)
    for number in range(2):
        shutil.copy(ROOT / "examples" / "recording.wav", tmp_path / "work" / "in" / f"{number}.wav")
    # Its sockets need a short path, so that its folder may not be in the long one for temporary files.
    place = Path("/tmp")  # noqa: S108
    before = set(place.glob("resay-*"))
    arguments = ["recognize", "in", "--each-alone", "--workers", "ray"]
    found = watch([str(ROOT / "detect.py"), *arguments], tmp_path, PYTHONPATH=str(ROOT))
    assert found.code == 0, found.talk
    # Its own parts talk through ports of this machine; a datagram socket that is connected sends nothing by that.
    own = {"127.0.0.1", "0.0.0.0", ray.util.get_node_ip_address()}  # noqa: S104
    sent = [line.split("msg_iov")[0] for line in found.packets if not re.match(r"connect\(\d+<UDP", line)]
    assert [line for line in sent if not set(re.findall(r"\d+\.\d+\.\d+\.\d+", line)) <= own] == []
    assert [path for path in found.strays if not path.startswith(f"{place}/resay-")] == []
    assert set(place.glob("resay-*")) <= before
