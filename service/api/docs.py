"""The API's documentation as a page of our own: drawn from the OpenAPI document, without anything from other sites."""

from typing import Any

from fastapi import APIRouter, Request, Response

from service.pages.render import page

router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
async def get_docs(request: Request) -> Response:
    """Every route with its parameters and bodies."""
    document = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("description") or operation.get("summary", ""),
                    "parameters": operation.get("parameters", []),
                    "fields": _fields(document, operation),
                    "media": list(operation.get("requestBody", {}).get("content", {})),
                }
            )
    return page(request, "docs.html", {"groups": groups, "version": document["info"]["version"]})


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return []
    schema = _followed(document, next(iter(content.values())).get("schema", {}))
    required = schema.get("required", [])
    return [
        {"name": name, "type": _type(document, field), "required": name in required}
        for name, field in schema.get("properties", {}).items()
    ]


def _followed(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if options:
        schema = options[0]
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if options:
        return " | ".join(_type(document, option) for option in options)
    if "$ref" in schema:
        followed = _followed(document, schema)
        name = str(schema["$ref"]).rpartition("/")[2]
        return " | ".join(map(str, followed["enum"])) if "enum" in followed else name
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{_type(document, schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type", "any"))
