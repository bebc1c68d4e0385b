"""User and password of the source, from Secrets Manager. They never are arguments, and never reach a log."""

import json
from dataclasses import dataclass, field

import boto3

from .failures import ExtractionError


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str = field(repr=False)


def read_credentials(arn: str) -> Credentials:
    """Reads JSON with `username` and `password`, as RDS makes it. Raises ExtractionError naming the secret."""
    client = boto3.client("secretsmanager")
    try:
        text = client.get_secret_value(SecretId=arn).get("SecretString") or ""
    except client.exceptions.ResourceNotFoundException as error:
        raise ExtractionError(f"There is no secret {arn}. Create it, or correct the connection's secret.") from error
    try:
        document = json.loads(text)
        return Credentials(document["username"], document["password"])
    except (ValueError, KeyError, TypeError):
        # Without the cause: its text may hold the secret.
        raise ExtractionError(f'Secret {arn} must be JSON like {{"username": "…", "password": "…"}}.') from None
