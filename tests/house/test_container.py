"""The container, as far as a machine without an engine for containers can check it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from pipeline.cli import VERBS, app, main
from pipeline.core.options import ServerOptions
from pipeline.core.settings import ENVIRONMENT_PREFIX
from pipeline.web.app import create_app
from pipeline.web.server import address_of, listen, run

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "Dockerfile"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile: name, and the rest on one line."""
    text = DOCKERFILE.read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    return [
        (line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in text.splitlines() if line.strip()
    ]


def last(name: str) -> str:
    return [rest for kind, rest in instructions() if kind == name][-1]


def copies() -> list[str]:
    """Return what is copied from the repository."""
    return [rest for kind, rest in instructions() if kind == "COPY" and "--from" not in rest]


def known_options(verb: str) -> set[str]:
    command: Any = typer.main.get_command(app)
    return {name for one in command.commands[verb].params for name in (*one.opts, *one.secondary_opts)}


COMMANDS = {
    "Dockerfile": json.loads(last("CMD")),
    **{name: service["command"] for name, service in COMPOSE["services"].items()},
}
"""What runs in a container, after its entry point."""


def test_hadolint_finds_nothing() -> None:
    program = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("hadolint is not installed: pip install '.[test]'")
    # Versions of Python's packages stand in pyproject.toml.
    found = subprocess.run([program, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, ""), found.stdout


@pytest.mark.parametrize("place", COMMANDS)
def test_commands_exist(place: str) -> None:
    verb, *arguments = COMMANDS[place]
    assert json.loads(last("ENTRYPOINT")) == ["resay"]
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert "resay" in scripts
    assert verb in VERBS
    assert {word for word in arguments if word.startswith("--")} <= known_options(verb)


def test_everything_that_is_copied_exists_and_enters_the_context() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {name for rest in copies() for name in rest.split()[:-1]}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_extras_that_are_installed_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (named,) = re.findall(r'pip install "\.\[([\w,]+)\]"', DOCKERFILE.read_text(encoding="utf-8"))
    assert set(named.split(",")) <= set(extras)
    assert {"web", "alerts"} <= set(named.split(","))


def test_nobody_is_root_and_nothing_but_volumes_is_written() -> None:
    names = [kind for kind, _ in instructions()]
    user, group = last("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert not {"ADD", "RUN", "COPY"} & set(names[names.index("USER") :])
    volumes = set(json.loads(last("VOLUME")))
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert "privileged" not in service
        writable = [entry.split(":") for entry in service["volumes"] if not entry.endswith(":ro")]
        assert {place for _, place in writable} == volumes
        assert {name for name, _ in writable} <= set(COMPOSE["volumes"])
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "nobody but this machine reaches it"


def environment_of(service: str, **own: str) -> dict[str, str]:
    """Return what compose tells a container: `.env`, here a copy of the example, and then the service's own lines."""
    about = COMPOSE["services"][service]
    assert about["env_file"] == ".env"
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert told["RESAY_API_KEY"] == "", "everybody makes their own"
    assert own.keys() <= told.keys()
    return told | own | about.get("environment", {})


@pytest.mark.parametrize(
    ("service", "more", "code", "said"),
    [
        # Everything is taken, and the port alone is not free.
        ("server", [], 2, "is in use"),
        ("watch", ["--once"], 0, "no new calls, no alerts."),
    ],
)
def test_services_start_with_what_compose_tells_them(
    service: str, more: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    for folder in ("data", "calls"):
        (tmp_path / folder).mkdir()
    told = environment_of(service, RESAY_API_KEY="k" * 20)
    assert ("RESAY_API_KEY" in told and bool(told["RESAY_API_KEY"])) == (service == "server"), "others need no key"
    command = [re.sub("^(?=/)", str(tmp_path), word) for word in COMPOSE["services"][service]["command"]]
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104
        for name, value in (told | {"RESAY_PORT": str(taken.getsockname()[1])}).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as left:
            main([*command, *more])
    assert int(left.value.code or 0) == code
    assert said in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / "data" / "calls.sqlite").exists()


def test_names_that_compose_reads_are_no_options() -> None:
    """Every line of `.env` reaches the process, and an option that there is not is refused."""
    read = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert read <= set(environment_of("server"))
    assert not [name for name in read if name.startswith(ENVIRONMENT_PREFIX)]


def test_the_check_of_health_tells_whether_a_server_answers() -> None:
    check = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert check[0] == "python"
    listening = listen(ServerOptions(port=0))
    threading.Thread(target=run, args=(create_app(), listening, lambda: None), daemon=True).start()
    for address, fits in ((address_of(listening), True), ("http://127.0.0.1:1/", False)):
        code = check[2].replace("http://127.0.0.1:8000/", address)
        assert code != check[2]
        ran = subprocess.run([sys.executable, "-c", code], check=False, stderr=subprocess.DEVNULL)
        assert (ran.returncode == 0) == fits


@pytest.mark.slow
def test_its_commands_run_in_a_clean_environment(tmp_path: Path) -> None:
    """What the Dockerfile does, without a container: it installs, and the server says why it does not start."""
    (build,) = [rest for kind, rest in instructions() if kind == "RUN" and "-m venv" in rest]
    source = tmp_path / "source"
    source.mkdir()
    for name in (name for rest in copies() for name in rest.split()[:-1]):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    command = build.replace("/venv", str(tmp_path / "venv"))
    command = command.replace("python -m venv", f"{shlex.quote(sys.executable)} -m venv")
    subprocess.run(["bash", "-ec", command], cwd=source, check=True, timeout=900)
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "RESAY_HOME": str(tmp_path / "weights")}
    resay = str(tmp_path / "venv" / "bin" / "resay")

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([resay, *arguments], env=clean, cwd=tmp_path, capture_output=True, text=True, check=False)

    refused = ran(*COMMANDS["server"])
    assert refused.returncode == 2
    assert "Set RESAY_API_KEY" in refused.stderr
    (tmp_path / "calls").mkdir()
    watched = ran("watch", "calls", "--once", "--customer-channel", "2")
    assert (watched.returncode, "no new calls" in watched.stderr) == (0, True), watched.stderr
