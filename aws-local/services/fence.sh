#!/usr/bin/env bash
# Runs a command in a process group of its own for as long as the process that started it lives, however that one ends:
# standard input is a pipe from it, and ends with it.
exec 3<&0
set -m
"$@" </dev/null 3<&- &
child=$!
exec 2>/dev/null # what bash says of its jobs is not the command's
end() { kill -TERM -- "-$child"; sleep "${FENCE_GRACE:-5}"; kill -KILL -- "-$child"; }
{ cat <&3; end; } >/dev/null &
watch=$!
wait "$child"
status=$?
kill -KILL -- "-$child" "-$watch"
exit "$status"
