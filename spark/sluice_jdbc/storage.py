"""Small documents in S3: the request and the results. boto3 finds region, role and endpoint in its environment."""

import json
from typing import Any
from urllib.parse import urlparse

import boto3


def read_json(uri: str) -> dict[str, Any]:
    bucket, key = _parts(uri)
    return json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def write_json(uri: str, document: dict[str, Any]) -> None:
    bucket, key = _parts(uri)
    boto3.client("s3").put_object(
        Bucket=bucket, Key=key, Body=json.dumps(document).encode(), ContentType="application/json"
    )


def _parts(uri: str) -> tuple[str, str]:
    parsed = urlparse(uri)
    return parsed.netloc, parsed.path.lstrip("/")
