"""What the OpenAPI schema says of every operation alike: its problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = {
    "type": "object",
    "description": "What is wrong, as RFC 9457 writes it; `errors` names the fields where it lies.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
    },
    "required": ["type", "title", "status", "detail"],
}
STALE = {
    "allOf": [
        {"$ref": "#/components/schemas/Problem"},
        {
            "type": "object",
            "description": "Both versions of a row that has changed since it was read.",
            "properties": {
                "current": {"type": "object", "additionalProperties": True},
                "yours": {"type": "object", "additionalProperties": True},
            },
        },
    ]
}


def with_problems(result: dict[str, Any], **_other: Any) -> dict[str, Any]:
    """Add the answer of a refused request to every operation, and of a stale one to writes."""
    schemas = result["components"].setdefault("schemas", {})
    schemas |= {"Problem": PROBLEM, "StaleProblem": STALE}
    for method, operation in _operations(result):
        operation["responses"]["default"] = _answer("Problem", "The request was refused.")
        if method != "get":
            stale = _answer("StaleProblem", "The row has changed since it was read.")
            operation["responses"].setdefault("409", stale)
    return result


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in schema["paths"].values():
        yield from ((method, path[method]) for method in METHODS if method in path)


def _answer(schema: str, description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}
