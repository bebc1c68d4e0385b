"""Runs dbt in this process, which ends when the worker that started it ends.

Standard input is the fence: the worker holds its other end open. When that end closes, be it by kill -9, the whole
process group is killed. The caller must have made this process the leader of its own group.
Standard output carries dbt's JSON log. Exit codes are dbt's (0 done, 1 a node failed, 2 could not run) and 3:
dbt is not in this Python environment.
"""

import gc
import os
import signal
import sys
import threading


def kill_group_when_stdin_closes() -> None:
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> int:
    threading.Thread(target=kill_group_when_stdin_closes, daemon=True).start()
    # A short process that makes many objects and drops few: fewer collections save about a tenth of its time.
    gc.set_threshold(200_000, 50, 50)
    try:
        from dbt.cli.main import cli
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        return 3
    cli(sys.argv[1:], prog_name="dbt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
