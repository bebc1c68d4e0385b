"""What a failure says, and whether somebody waits for it to pass."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from sluice_jdbc.failures import ExtractionError, described, kind_of
from sluice_jdbc.values import without_values

CANARY = "CANARY7319"


@pytest.mark.parametrize(
    "value", [CANARY, f"O'Brien {CANARY}", f'an "{CANARY}" one', f"a\n{CANARY}", f'column "{CANARY}"']
)
@pytest.mark.parametrize(
    "words",
    [
        'ERROR: invalid input syntax for type integer: "%"',
        'ERROR: invalid input value for enum mood: "%"',
        'ERROR: date/time field value out of range: "%"',
        'ERROR: value "%" is out of range for type integer',
        'ERROR: duplicate key value violates unique constraint "k"\n  Detail: Key (id)=(%) already exists.',
        "Could not convert string '%' to INT32",
    ],
)
def test_says_nothing_of_a_value(words: str, value: str) -> None:
    assert CANARY not in without_values(words.replace("%", value))
    assert CANARY not in str(described(RuntimeError(words.replace("%", value)), "orders"))


def test_says_nothing_of_a_number() -> None:
    assert "4197" not in without_values("ERROR: value 41974911 is out of range for type smallint")


@pytest.mark.parametrize(
    "words",
    [
        'ERROR: relation "public.orders" does not exist',
        'FATAL: no pg_hba.conf entry for host "10.0.0.1", user "me", database "shop"',
        'ERROR: function "f" does not exist',
    ],
)
def test_keeps_names(words: str) -> None:
    assert without_values(words) == words


@pytest.mark.parametrize("state", ["08001", "08006", "57P01", "57P03", "53300", "40001", "58030", "55P03"])
def test_waits_for_who_is_away(state: str) -> None:
    assert kind_of(state, "no") == "unreachable"


@pytest.mark.parametrize("state", ["22P02", "42P01", "42501", "28P01", "3D000", "0A000", "XX001", "23505"])
def test_gives_up_what_comes_again(state: str) -> None:
    assert kind_of(state, "no") == "terminal"


@pytest.mark.parametrize("state", ["57014", "XX000", "P0001", ""])
def test_tries_again_what_it_cannot_place(state: str) -> None:
    assert kind_of(state, "no") == "transient"


def test_knows_losses_by_their_words_but_not_by_a_value() -> None:
    assert kind_of("22023", 'ERROR: invalid snapshot identifier: "1"') == "unreachable"
    assert kind_of("", "FATAL: terminating connection due to administrator command") == "unreachable"
    assert kind_of("", 'ERROR: no such state: "connection refused"') == "transient"


def test_waits_for_aws_too() -> None:
    def answer(code: str, status: int) -> ClientError:
        said = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return ClientError(said, "GetSecretValue")  # type: ignore[arg-type]

    away = [EndpointConnectionError(endpoint_url="x"), ReadTimeoutError(endpoint_url="x"), answer("Throttling", 400)]
    assert {described(error, "orders").kind for error in [*away, answer("Internal", 500)]} == {"unreachable"}
    assert described(answer("AccessDeniedException", 400), "orders").kind == "terminal"
    assert described(answer("Odd", 400), "orders").kind == "transient"


def test_keeps_words_of_others_apart() -> None:
    failure = described(RuntimeError("no"), "orders")
    assert str(failure) == "Table 'orders' could not be read: RuntimeError: no. Try again."
    assert failure.document() == {
        "outcome": "failed",
        "kind": "transient",
        "message": "Table 'orders' could not be read",
        "said": {"words": "RuntimeError: no", "advice": "Try again."},
    }
    assert ExtractionError("Set 'x'.").document() == {"outcome": "failed", "kind": "terminal", "message": "Set 'x'."}
