"""What changed between two contracts, and what of it breaks a client that was built on the first.

A request breaks when fewer values are valid; an answer when more are, because the client has never seen them.
What cannot be classified counts as breaking and says "review it".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from contract import Node, inlined, operations
from places import KINDS, places
from schema_diff import Difference, Effect, changed_keys, compare, is_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Judge = Callable[[str, Iterable[Difference]], Iterator["Change"]]


class Change(NamedTuple):
    """One change: the part of the contract, what happened to it, and whether it breaks a client."""

    place: str
    what: str
    breaking: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def changes(base: Node, head: Node) -> list[Change]:
    """Every change from `base` to `head` but those of texts, breaking ones first."""
    found = [*_server_changes(base, head), *_scheme_changes(base, head), *_operation_changes(base, head)]
    return sorted(found, key=lambda change: not change.breaking)


def text_changes(base: Node, head: Node) -> int:
    """How many descriptions, examples and other texts differ in definitions that both contracts have."""
    before, after = _texts(base), _texts(head)
    return sum(
        before[place].get(key) != after[place].get(key)
        for place in before.keys() & after.keys()
        for key in before[place].keys() | after[place].keys()
    )


def _texts(spec: Node) -> dict[str, Node]:
    """The texts of each definition, by its JSON pointer; `info` and `tags` are nothing else."""
    texts = {
        place.pointer: {key: text for key, text in place.node.items() if is_text(key)}
        for place in places(spec, *KINDS)
    }
    return texts | {"": {"info": spec.get("info"), "tags": spec.get("tags")}}


# ── the whole ────────────────────────────────────────────────────────────────────────────────────


def _server_changes(base: Node, head: Node) -> Iterator[Change]:
    before, after = ({server["url"]: server for server in spec.get("servers", ())} for spec in (base, head))
    for url, old, new in _matched(before, after):
        if old is None or new is None:
            yield _came_or_went(f"server {url}", "server", new)


def _scheme_changes(base: Node, head: Node) -> Iterator[Change]:
    """Changed definitions; a new or removed scheme shows where an operation demands it."""
    before, after = (spec.get("components", {}).get("securitySchemes", {}) for spec in (base, head))
    for name, old, new in _matched(before, after):
        if old and new:
            yield from _other_changes(f"security scheme {name}", old, new)


def _operation_changes(base: Node, head: Node) -> Iterator[Change]:
    for name, old, new in _matched(_operations(base), _operations(head)):
        if old is None or new is None:
            yield _came_or_went(name, "operation", new)
        else:
            for comparison in (_security, _parameters, _request, _responses):
                yield from comparison(name, old, new)
            yield from _other_changes(name, old, new, "security", "parameters", "requestBody", "responses")


def _operations(spec: Node) -> dict[str, Node]:
    """Each operation by method and path, with what it inherits from above, its references inlined."""
    found = {}
    for path, method, operation in operations(spec):
        parameters = [*spec["paths"][path].get("parameters", ()), *operation.get("parameters", ())]
        whole = {"security": spec.get("security", [])} | operation | {"parameters": parameters}
        found[f"{method.upper()} {path}"] = inlined(spec, whole)
    return found


# ── one operation ────────────────────────────────────────────────────────────────────────────────


def _security(name: str, base: Node, head: Node) -> Iterator[Change]:
    """Credentials that were enough must still be enough."""
    before, after = _credentials(base), _credentials(head)
    still_enough = all(any(demanded <= held for demanded in after) for held in before)
    if before != after:
        choices = " or ".join(sorted(" and ".join(sorted(schemes)) or "nothing" for schemes in after))
        yield Change(name, f"security {'relaxed' if still_enough else 'added'}, now {choices}", not still_enough)


def _credentials(operation: Node) -> set[frozenset[str]]:
    """The sets of security schemes of which one must be satisfied."""
    return {frozenset(choice) for choice in operation["security"] or [{}]}


def _parameters(name: str, base: Node, head: Node) -> Iterator[Change]:
    for label, old, new in _matched(_by_label(base["parameters"]), _by_label(head["parameters"])):
        place = f"{name} {label}"
        if new is None:
            yield Change(place, "parameter removed", True)
        elif old is None:
            yield _added_input(place, "parameter", new)
        else:
            yield from _presence(place, old, new, breaking="optional -> required")
            yield from _request_changes(place, compare(old.get("schema", {}), new.get("schema", {})))
            yield from _other_changes(place, old, new, "required", "schema")


def _by_label(parameters: list[Node]) -> Node:
    return {f"{parameter['in']} parameter {parameter['name']}": parameter for parameter in parameters}


def _request(name: str, base: Node, head: Node) -> Iterator[Change]:
    place, old, new = f"{name} request body", base.get("requestBody"), head.get("requestBody")
    if old and new:
        yield from _presence(place, old, new, breaking="optional -> required")
        yield from _contents(place, old, new, _request_changes)
        yield from _other_changes(place, old, new, "required", "content")
    elif old:
        yield Change(place, "body removed", True)
    elif new:
        yield _added_input(place, "body", new)


def _responses(name: str, base: Node, head: Node) -> Iterator[Change]:
    """A client handles unknown faults by their class; an unknown success it can't read."""
    for status, old, new in _matched(base["responses"], head["responses"]):
        place = f"{name} response {status}"
        if old is None or new is None:
            yield Change(place, f"status {'removed' if new is None else 'added'}", status.startswith("2"))
        else:
            yield from _headers(place, old, new)
            yield from _contents(f"{place} body", old, new, _response_changes)
            yield from _links(place, old, new)
            yield from _other_changes(place, old, new, "headers", "content", "links")


def _links(response: str, base: Node, head: Node) -> Iterator[Change]:
    for name, old, new in _matched(base.get("links", {}), head.get("links", {})):
        place = f"{response} link {name}"
        if old is None or new is None:
            yield _came_or_went(place, "link", new)
        else:
            yield from _other_changes(place, old, new)


def _headers(response: str, base: Node, head: Node) -> Iterator[Change]:
    for name, old, new in _matched(base.get("headers", {}), head.get("headers", {})):
        place = f"{response} header {name}"
        if old is None or new is None:
            yield _came_or_went(place, "header", new)
        else:
            yield from _presence(place, old, new, breaking="required -> optional")
            yield from _response_changes(place, compare(old.get("schema", {}), new.get("schema", {})))
            yield from _other_changes(place, old, new, "required", "schema")


def _contents(place: str, base: Node, head: Node, judge: Judge) -> Iterator[Change]:
    for media, old, new in _matched(base.get("content", {}), head.get("content", {})):
        if old is None or new is None:
            yield _came_or_went(place, media, new)
        else:
            yield from judge(place, compare(old.get("schema", {}), new.get("schema", {})))
            yield from _other_changes(f"{place} {media}", old, new, "schema")


# ── what breaks ──────────────────────────────────────────────────────────────────────────────────


def _request_changes(place: str, differences: Iterable[Difference]) -> Iterator[Change]:
    """What a client sends must still be valid."""
    for path, what, effect in differences:
        yield Change(f"{place} {path}".rstrip(), what, effect is not Effect.WIDER)


def _response_changes(place: str, differences: Iterable[Difference]) -> Iterator[Change]:
    """What a client receives must still be what it was built for."""
    for path, what, effect in differences:
        yield Change(f"{place} {path}".rstrip(), what, effect is not Effect.NARROWER)


def _presence(place: str, base: Node, head: Node, *, breaking: str) -> Iterator[Change]:
    """Whether a part must be there; a client breaks when it has to send more, or may receive less."""
    before, after = (bool(part.get("required")) for part in (base, head))
    if before != after:
        what = "optional -> required" if after else "required -> optional"
        yield Change(place, what, what == breaking)


def _added_input(place: str, what: str, node: Node) -> Change:
    required = bool(node.get("required"))
    return Change(place, f"{'required' if required else 'optional'} {what} added", required)


def _came_or_went(place: str, what: str, head: Node | None) -> Change:
    """What nobody has to use breaks nobody when it comes, and somebody when it goes."""
    return Change(place, f"{what} {'removed' if head is None else 'added'}", head is None)


def _other_changes(place: str, base: Node, head: Node, *known: str) -> Iterator[Change]:
    for key in changed_keys(base, head, known):
        yield Change(place, f"{key} changed, review it", True)


def _matched(base: Node, head: Node) -> Iterator[tuple[str, Any, Any]]:
    """Each name of either side, with what it has on both; None where there is none."""
    for name in base | head:
        yield name, base.get(name), head.get(name)
