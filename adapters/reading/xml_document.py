"""XML without its dangers: no DTD, no entities, no network, bounded depth."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Protocol

from lxml import etree

from adapters.contract import Unreadable
from adapters.reading.node import MAX_DEPTH, Field, Node, clean, shown
from adapters.reading.text import decode, position, too_deep, truncated

_MISC = re.compile(r"(?:\s++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_DECLARED = re.compile(r"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_FIRST_TAG = re.compile(r"<([^\s<>/!?]+)")
_ACCEPTED = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def read_xml(raw: bytes) -> Node | Unreadable:
    """The document as a tree of places, or why it cannot be read."""
    text = decode(raw)
    if isinstance(text, Unreadable):
        return text
    if refused := _refused_prolog(text):
        return refused
    try:
        root = etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError as error:
        return _syntax_problem(text, error)
    # INVARIANT: the prolog check above sees every DTD; this is the second lock on that door.
    if root.getroottree().docinfo.internalDTD is not None:
        return _dtd("line 1")
    if deep := _too_deep(root):
        return deep
    name = local_name(root.tag)
    return _node(root, name, "", name)


class Listener(Protocol):
    """What hears a document go by; nothing else of the document is kept."""

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """An element begins."""

    def end(self, tag: str, /) -> None:
        """An element ends."""

    def data(self, data: str, /) -> None:
        """A piece of the text of the element that is open."""

    def close(self) -> None:
        """The document ends, whole or not."""


def hear_xml(raw: bytes, listener: Listener) -> Unreadable | None:
    """Let a listener hear a document, under the same guard as `read_xml`; why not, if not."""
    text = decode(raw)
    if isinstance(text, Unreadable):
        return text
    if refused := _refused_prolog(text):
        return refused
    try:
        etree.fromstring(text.encode(), _parser(listener))
    except etree.XMLSyntaxError as error:
        return _syntax_problem(text, error)
    return None


@lru_cache(maxsize=4096)
def local_name(tag: object) -> str:
    """The name of an element or attribute without its namespace."""
    return str(tag).rsplit("}", 1)[-1]


def _parser(listener: Listener | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        target=listener,  # type: ignore[arg-type]  # the stub wants a method for comments too
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refused_prolog(text: str) -> Unreadable | None:
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in _ACCEPTED:
        return Unreadable(
            code="wrong-encoding",
            where="line 1",
            message="the declared encoding is not UTF-8; export the document as UTF-8",
            status=415,
        )
    prolog = _MISC.match(text)
    start = prolog.end() if prolog else 0
    return _dtd(position(text, start)) if text.startswith("<!", start) else None


def _dtd(where: str) -> Unreadable:
    return Unreadable(
        code="dtd-refused",
        where=where,
        message="a DTD or entity declaration is never accepted; send the document without one",
        status=400,
    )


def _syntax_problem(text: str, error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    where = f"line {line}, column {column}"
    if "depth" in str(error.msg):
        return too_deep(where, MAX_DEPTH)
    lines = text.rstrip().split("\n")
    at_end = line > len(lines) or (line == len(lines) and column >= len(lines[-1].encode()))
    if at_end and not _is_closed(text):
        return truncated(where)
    return Unreadable(
        code="malformed",
        where=where,
        message="the document is not well-formed XML from this place on; export it again",
        status=400,
    )


def _is_closed(text: str) -> bool:
    root = _FIRST_TAG.search(text)
    return root is not None and text.rstrip().endswith(f"</{root[1]}>")


def _too_deep(root: etree._Element) -> Unreadable | None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return None
    return too_deep(f"line {level[0].sourceline}", MAX_DEPTH)


def _node(element: etree._Element, name: str, place: str, label: str) -> Node:
    path = f"{place}/{label}"
    attributes = tuple(_attributes(element, path)) if element.attrib else ()
    children = list(element)
    if not children:
        own = _leaf(element.text or "", path, place, label, needed=not attributes)
        return Node(name, path, own, attributes)
    names = [local_name(child.tag) for child in children]
    inside = [
        _node(child, name, path, label)
        for child, name, label in zip(children, names, _labels(names), strict=True)
    ]
    return Node(name, path, _mixed(element, children, path), (*attributes, *inside))


def _leaf(text: str, path: str, place: str, label: str, *, needed: bool) -> Field | None:
    """An element that only carries attributes has no text of its own to account for."""
    said = clean(text)
    return Field(path, place, label, said) if said or needed else None


def _mixed(element: etree._Element, children: Iterable[etree._Element], path: str) -> Field | None:
    """Text between elements, which is no part of any of them."""
    said = clean(" ".join([element.text or "", *[child.tail or "" for child in children]]))
    return Field(f"{path}/text()", path, "text()", said) if said else None


def _attributes(element: etree._Element, path: str) -> Iterator[Node]:
    names = [local_name(tag) for tag in element.attrib]
    for name, label, value in zip(names, _labels(names), element.attrib.values(), strict=True):
        own = Field(f"{path}/@{label}", path, f"@{label}", clean(str(value)))
        yield Node(f"@{name}", own.path, own)


def _labels(names: list[str]) -> list[str]:
    """A label for each of some siblings; only those that share a name are numbered."""
    labels = [shown(name, place) for place, name in enumerate(names, start=1)]
    if len(set(names)) < len(names):
        shared, seen = Counter(names), Counter[str]()
        for place, name in enumerate(names):
            if shared[name] > 1:
                seen[name] += 1
                labels[place] = f"{labels[place]}[{seen[name]}]"
    return labels
