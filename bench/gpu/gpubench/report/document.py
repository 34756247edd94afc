"""Puts text between two markers of a document."""


def replace_between_markers(document, name, content):
    """The document with `content` between `<!-- NAME: … -->` and `<!-- /NAME -->`, in place of what was there."""
    opening = document.find(f"<!-- {name}: ")
    begin = document.find("-->", opening)
    end = document.find(f"<!-- /{name} -->", begin)
    if opening < 0 or begin < 0 or end < 0:
        raise ValueError(f"the document lacks the markers of {name}")
    return f"{document[: begin + 3]}\n\n{content.strip()}\n\n{document[end:]}"
