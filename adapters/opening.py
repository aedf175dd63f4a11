"""From bytes to a payload: parse the file once, and let the layout that recognises it read it."""

from dataclasses import dataclass
from typing import Any

from adapters.contract import Adapter, Layout, ReadOptions, Translation, Unreadable
from adapters.reading.document import kind_of, read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file in the words of its source, and the layout that read it."""

    layout: Layout[Any, Any]
    payload: Any

    def to_fhir(self, options: ReadOptions) -> Translation:
        """Map it to labelled FHIR."""
        translation: Translation = self.layout.to_fhir(self.payload, options)
        return translation


def open_file(adapter: Adapter, raw: bytes, options: ReadOptions) -> Opened | Unreadable:
    """Read one file of a source; total over bytes."""
    kinds = list(dict.fromkeys(layout.kind for layout in adapter.layouts))
    kind = kind_of(raw, kinds)
    document = read_document(raw, kind, code_page=adapter.code_page)
    if isinstance(document, Unreadable):
        return document
    layout = layout_of(adapter, document, [one for one in adapter.layouts if one.kind is kind])
    if isinstance(layout, Unreadable):
        return layout
    payload = layout.read(document, options)
    return payload if isinstance(payload, Unreadable) else Opened(layout=layout, payload=payload)


def layout_of(
    adapter: Adapter, document: object, possible: list[Layout[Any, Any]]
) -> Layout[Any, Any] | Unreadable:
    """Which of the possible layouts a document is in."""
    for layout in possible:
        if layout.recognises(document):
            return layout
    # A source with one layout of this kind can say more exactly what is wrong.
    if len(possible) == 1:
        return possible[0]
    names = "; ".join(sorted(layout.format.name for layout in adapter.layouts))
    return Unreadable(
        code="unexpected-document",
        where="the whole file",
        message=f"this is none of the documents this source sends; send one of: {names}",
        status=422,
    )
