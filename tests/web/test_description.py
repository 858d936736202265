"""The description of the API: complete, true, and nothing that it allows breaks the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from pipeline.core.options import CallOptions
from pipeline.web.forms import ANALYSIS, RENDERING
from tests.web.conftest import EXAMPLE


@pytest.fixture(scope="module")
def description(client: TestClient) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def body_of(description: dict[str, Any], route: str) -> dict[str, Any]:
    (kind,) = description["paths"][route]["post"]["requestBody"]["content"].values()
    return description["components"]["schemas"][kind["schema"]["$ref"].rpartition("/")[2]]["properties"]


def test_every_route_is_described_with_an_example(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert {"400", "403", "413", "429"} <= set(operation["responses"]), name
        answer = operation["responses"].get("200") or operation["responses"]["204"]
        assert answer["description"], name
        if "200" in operation["responses"] and not name.endswith("/translations"):
            assert any(content.get("example") for content in answer["content"].values()), name


def unlimited(description: dict[str, Any], schema: dict[str, Any], name: str) -> Iterator[str]:
    """Yield the names of texts and lists of a request that may have any length."""
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in schema.get("anyOf", ()):
        yield from unlimited(description, part, name)
    if schema.get("type") == "string" and not {"maxLength", "enum", "const", "contentMediaType"} & set(schema):
        yield name
    if schema.get("type") == "array":
        if "maxItems" not in schema:
            yield name
        yield from unlimited(description, schema["items"], f"{name}[]")
    for part, inner in schema.get("properties", {}).items():
        yield from unlimited(description, inner, f"{name}.{part}")


def test_every_text_of_a_request_has_a_longest(make_app: Callable[..., FastAPI], tmp_path: Path) -> None:
    description = make_app(database=str(tmp_path / "calls.sqlite")).openapi()
    for name, operation in operations(description).items():
        given = [(each["name"], each["schema"]) for each in operation.get("parameters", ())]
        given += [("body", kind["schema"]) for kind in operation.get("requestBody", {}).get("content", {}).values()]
        assert not [each for part, schema in given for each in unlimited(description, schema, part)], name


@pytest.mark.parametrize("route", ["/v1/convert", "/v1/speak", "/v1/recognize", "/v1/audio/transcriptions"])
def test_parameters_are_the_options(description: dict[str, Any], route: str) -> None:
    """Names, words and ranges are those of the fields."""
    parameters = body_of(description, route)
    known = {name: parameters[name] for name in (*ANALYSIS, *RENDERING) if name in parameters}
    assert len(known) > 3
    for name, parameter in known.items():
        assert parameter["description"] == CallOptions.model_fields[name].description
    if "strength" in known:
        (number,) = (kind for kind in known["strength"]["anyOf"] if kind["type"] == "number")
        assert (number["minimum"], number["maximum"]) == (0, 2)
    assert not {"output", "overwrite", "emotion_recording", "max_bytes", "model_folder"} & set(parameters)


RESPONSES = (
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    checks.response_schema_conformance,
)


def ask(address: str, mode: GenerationMode, examples: int, routes: str = "") -> int:
    """Ask what the description allows, or what it does not, and check every answer; return how many there were."""
    schema = schemathesis.openapi.from_url(f"{address}openapi.json").include(path_regex=routes or ".")
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(mode))
        def check(case: Any) -> None:
            nonlocal asked
            asked += 1
            if mode is GenerationMode.POSITIVE and isinstance(case.body, dict) and "file" in case.body and asked % 2:
                case.body["file"] = EXAMPLE.read_bytes()
            case.call_and_validate(checks=RESPONSES, timeout=60)

        with suppress(Unsatisfiable):  # Nothing without a parameter can be wrong.
            check()
    return asked


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_breaks_the_server(address: str, mode: GenerationMode) -> None:
    assert ask(address, mode, 2) > 20


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_of_many_breaks_the_server(address: str, mode: GenerationMode) -> None:
    assert ask(address, mode, 100) > 500
