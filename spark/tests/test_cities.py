import random

import pytest

from olist.cities import clean_city


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("sao paulo", "Sao Paulo"),
        ("São Paulo", "Sao Paulo"),
        ("sÃ£o paulo", "Sao Paulo"),
        ("  santa  bárbara d'oeste ", "Santa Barbara D Oeste"),
        ("rio-de-janeiro, rj", "Rio De Janeiro Rj"),
        ("embu", "Embu Das Artes"),
        ("embu das artes", "Embu Das Artes"),
        ("embu guacu", "Embu Guacu"),
        ("sp", "Sao Paulo"),
        ("spring", "Spring"),
        ("", ""),
        (None, None),
    ],
)
def test_repairs_what_people_typed(typed: str | None, clean: str | None) -> None:
    assert clean_city(typed) == clean


def test_leaves_what_is_clean_as_it_is() -> None:
    letters = random.Random(1)
    drawn = "abSpéãçßØÐŒÆþ£½'-_ .,ªº\u0301ÃÂ©¡\u00ad0" + "".join(map(chr, range(0xC0, 0x180)))
    for _ in range(20_000):
        text = "".join(letters.choices(drawn, k=letters.randrange(9)))
        once = clean_city(text)
        assert clean_city(once) == once, text
