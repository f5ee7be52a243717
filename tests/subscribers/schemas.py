"""As much of JSON Schema (2020-12) as our own schemas use; anything else is an error."""

from datetime import datetime

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "type", "enum", "format",
    "required", "properties", "additionalProperties", "items",
}  # fmt: skip


def problems(value, schema, *, root=None, where="$"):
    """Yield where a value does not fit a schema."""
    root = root or schema
    if unknown := schema.keys() - KNOWN:
        raise ValueError(f"our schemas do not use {sorted(unknown)}, and this does not know it")
    if "$ref" in schema and value is not None:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from problems(value, root["$defs"][name], root=root, where=where)
    kinds = schema.get("type", list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(isinstance(value, TYPES[kind]) for kind in kinds):
        yield f"{where} is not {kinds}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value}"
    is_moment = schema.get("format") == "date-time" and isinstance(value, str)
    if is_moment and datetime.fromisoformat(value).tzinfo is None:
        yield f"{where} has no time zone"
    if isinstance(value, dict):
        yield from _of_object(value, schema, root=root, where=where)
    for n, item in enumerate(value if isinstance(value, list) else []):
        yield from problems(item, schema["items"], root=root, where=f"{where}[{n}]")


def _of_object(value, schema, *, root, where):
    properties = schema.get("properties", {})
    for name in set(schema.get("required", [])) - value.keys():
        yield f"{where} lacks {name}"
    for name, item in value.items():
        if name in properties:
            yield from problems(item, properties[name], root=root, where=f"{where}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{where} has {name}"
