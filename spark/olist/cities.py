"""Names of places as people typed them."""

import re
import unicodedata

WHOLE = {"Embu": "Embu Das Artes", "Sp": "Sao Paulo"}


def clean_city(text: str | None) -> str | None:
    """
    UTF-8 that was read as Latin-1 repaired, without accents, what is no letter or digit a space, title case; two that
    are short for others under their names. A name that is clean stays as it is.
    """
    if text is None:
        return None
    while (cleaned := _once(text)) != text:
        text = cleaned
    return text


def _once(text: str) -> str:
    plain = unicodedata.normalize("NFKD", _repaired(text))
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    name = " ".join(re.sub(r"[\W_]+", " ", letters).split()).title()
    return WHOLE.get(name, name)


def _repaired(text: str) -> str:
    """`SÃ£o Paulo` is São Paulo; text that no wrong reading can have given stays."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text
