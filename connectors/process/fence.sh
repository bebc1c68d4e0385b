# Runs a program in this process, with all that it starts fenced in: when standard input closes, because the worker that holds its
# other end is gone or the program has ended, the whole process group is killed, a second later: a filter may have last lines yet.
# The caller makes this process the leader of a group of its own.
exec 3<&0
{ cat <&3; sleep 1; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
exec "$@" </dev/null
