"""XML of S3: read with care, written small."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class BadXmlError(Exception):
    """The body is not the XML that S3 takes."""


def parse(body: bytes) -> ET.Element:
    """Give the root element without its namespaces; raise BadXmlError for broken XML and for any document type.

    Entities can only be declared in a document type, so without one there is nothing to expand or to fetch.
    """
    try:
        text = body.decode()
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise BadXmlError
        # The encoding is forced: a declaration of another one could hide a document type from the line above.
        root = ET.XML(text, ET.XMLParser(encoding="utf-8"))  # noqa: S314 - see above
    except (UnicodeDecodeError, ET.ParseError) as error:
        raise BadXmlError from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def tags_in(root: ET.Element) -> Iterator[tuple[str, str]]:
    """Give key and value of each `Tag`, in order; raise BadXmlError when one lacks either."""
    for tag in root.iter("Tag"):
        key, value = tag.find("Key"), tag.find("Value")
        if key is None or value is None or not key.text:
            raise BadXmlError
        yield key.text, value.text or ""


def document(name: str, children: Iterable[ET.Element]) -> bytes:
    """Give a document of S3's namespace."""
    root = ET.Element(name, xmlns=_NAMESPACE)
    root.extend(children)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root)


def element(name: str, *content: str | ET.Element) -> ET.Element:
    """Give an element with text or children."""
    made = ET.Element(name)
    for part in content:
        if isinstance(part, str):
            made.text = part
        else:
            made.append(part)
    return made
