"""https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html"""

import argparse


class GlueArgumentError(Exception):
    """An argument that the job needs was not given."""


def getResolvedOptions(args: list[str], options: list[str]) -> dict[str, str]:
    """The values of `--name value` for the names asked for; `-` and `_` in names are one; unknown ones are left."""
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    for name in [*options, "JOB_NAME", "JOB_ID", "JOB_RUN_ID"]:
        parser.add_argument(f"--{name}", f"--{name.replace('_', '-')}", dest=name)
    found = vars(parser.parse_known_args(args[1:])[0])
    missing = [name for name in options if found[name] is None]
    if missing:
        raise GlueArgumentError("the following arguments are required: " + ", ".join(f"--{name}" for name in missing))
    return {name: value for name, value in found.items() if value is not None}
