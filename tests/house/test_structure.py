"""The house's rules that code can break without any other test noticing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "pipeline").rglob("*.py"))

LEVELS = (
    ("pipeline.core",),
    ("pipeline.audio", "pipeline.frontend", "pipeline.weights"),
    ("pipeline.recognition", "pipeline.transcription", "pipeline.synthesis", "pipeline.transcripts"),
    ("pipeline.chain", "pipeline.training"),
    ("pipeline.batch",),
    ("pipeline.store",),
    ("pipeline.alerts",),
    ("pipeline.web",),
    ("pipeline.cli",),
)
"""From the bottom up: a module imports its own package and the levels below, never a neighbour."""


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def place(module: str) -> tuple[int, str] | None:
    for level, packages in enumerate(LEVELS):
        for package in packages:
            if module == package or module.startswith(package + "."):
                return level, package
    return None


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_imports_run_downwards(path):
    here = place(module_of(path))
    if here is None:
        assert module_of(path) == "pipeline"
        return
    for module in imports(path):
        there = place(module)
        if there is not None and there[1] != here[1]:
            assert there[0] < here[0], f"{module_of(path)} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_only_the_command_talks(path):
    """Libraries neither print nor configure logging nor leave the process."""
    if "cli" in path.relative_to(ROOT).parts:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            assert name not in {"print", "logging.basicConfig", "sys.exit", "exit", "os._exit"}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", [*SOURCES, *sorted((ROOT / "emotivoice").rglob("*.py"))], ids=module_of)
def test_nothing_foreign_is_unpickled(path):
    unsafe = {"pickle.load", "pickle.loads", "joblib.load", "numpy.load", "np.load", "yaml.load", "torch.load"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in unsafe:
            safe = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert safe.get("weights_only") == "True" or safe.get("allow_pickle") == "False", f"{path}:{node.lineno}"


def test_emotivoice_stands_on_little_of_the_pipeline():
    below = {"pipeline.core", "pipeline.audio", "pipeline.frontend"}
    for path in (ROOT / "emotivoice").rglob("*.py"):
        ours = {module for module in imports(path) if module.split(".")[0] == "pipeline"}
        assert {".".join(module.split(".")[:2]) for module in ours} <= below, path


def test_serving_imports_nothing_of_training():
    """Every module that is not itself training, and what it imports, run without `pipeline.training`."""
    names = [
        module_of(path)
        for path in SOURCES
        if "training" not in path.relative_to(ROOT).parts
        and path.name not in ("__main__.py", "env.py")  # Alembic executes the second.
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {[name for name in names if not name.startswith('pipeline.cli')]!r}:\n"
        "    importlib.import_module(name)\n"
        "print([name for name in sys.modules if name.startswith('pipeline.training')])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
