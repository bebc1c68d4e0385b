"""Runs dbt in processes that end when the worker that started them ends.

    dbt_runner.py FOLDER         a fork server: dbt is imported once (seconds), and each command of dbt is a fork of this
                                 process (milliseconds), as fresh as a new one. FOLDER only tells in a list of processes
                                 whose it is. Linux, where to fork without an exec is sound: this process has one thread.
    dbt_runner.py --once ARG...  one command of dbt, in this process.

Every process that runs dbt leads a process group of its own, which is killed once its standard input closes, be it by kill -9 of
the worker: the fence. Its standard output carries dbt's JSON log. Its exit codes are dbt's (0 done, 1 a node failed, 2 could not
run) and 3: dbt is not in this Python environment.

The server takes commands and gives what becomes of them, each a line of JSON; it ends when its standard input does.
In:  {"id", "arguments": [text], "environment": {name: text}}; {"id", "hold": true}: what it writes stays where it is, until that is
     false; {"id", "drop": true}: nobody reads its output any more
Out: {"ready": true} once dbt is imported. {"id", "pid"}, then {"id", "out": text} and {"id", "err": text} in pieces, {"id", "code"} or
     {"id", "signal": name} once it has ended, and {"id", "closed": true} once nobody holds its output any more.
     {"stale": true}: something was installed since dbt was imported. Such a fork begins Python anew; another server is quicker.
"""

import codecs
import gc
import json
import os
import selectors
import signal
import sys
import threading

STDIN = 0


def kill_group_when_stdin_closes() -> None:
    while os.read(STDIN, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


def installed() -> dict[str, tuple[int, int]]:
    """What tells that Python, or a package of it, is another one: of each its time and its place."""
    found = {}
    for folder in filter(os.path.isdir, sys.path):
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue  # gone meanwhile; that it is missing tells
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info", ".pth")):
                found[entry.path] = of_file(entry.path)
    found[sys.executable] = of_file(sys.executable)
    return found


def of_file(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


def load_dbt():
    # Short processes that make many objects and drop few: fewer collections save about a tenth of their time.
    gc.set_threshold(200_000, 50, 50)
    try:
        from dbt.cli.main import cli
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        sys.exit(3)
    return cli


def run(cli, arguments: list[str]) -> None:
    """Ends this process, the leader of its group, by SystemExit."""
    name_it("dbt")
    sys.argv[1:] = arguments  # dbt tells by it, in its results, what it was called with
    threading.Thread(target=kill_group_when_stdin_closes, daemon=True).start()
    cli(arguments, prog_name="dbt")


def close_if_open(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        pass  # by which the folder was read


def begin_anew(arguments: list[str]) -> None:
    """Becomes a Python of its own, with what is installed by now."""
    try:
        os.execv(sys.executable, [sys.executable, "-I", "-u", __file__, "--once", *arguments])
    except OSError as error:
        print(f"{sys.executable}: {error.strerror}", file=sys.stderr)
        os._exit(3)


def name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"  # of real time


def name_it(name: str) -> None:
    try:
        with open("/proc/self/comm", "w") as comm:
            comm.write(name)
    except OSError:
        pass  # no Linux; it is only for people


class Command:
    def __init__(self, id: int, pid: int, fence: int, out: int, err: int):
        self.id = id
        self.pid = pid
        # Held open while this process lives, and by nobody else.
        self.fence = fence
        self.open = {out: "out", err: "err"}
        self.decoders = {each: codecs.getincrementaldecoder("utf-8")("replace") for each in self.open}
        self.is_held = False
        self.has_ended = False


class Server:
    def __init__(self, imported: dict[str, tuple[int, int]]):
        self.imported = imported
        self.commands: dict[int, Command] = {}
        self.selector = selectors.DefaultSelector()
        self.held = b""
        woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # The handler does nothing: that there is one is what makes the signal a byte in the pipe.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        self.selector.register(STDIN, selectors.EVENT_READ, self.take)
        self.selector.register(woken, selectors.EVENT_READ, self.reap)
        # What is imported is for ever: collections in the forks leave its pages shared.
        gc.freeze()

    def serve(self) -> list[str]:
        """Does not return in this process; in a fork it gives the arguments for dbt."""
        self.tell(ready=True)
        while True:
            for key, _ in self.selector.select():
                arguments = key.data(key.fd)
                if arguments is not None:
                    return arguments

    def take(self, fd: int) -> list[str] | None:
        read = os.read(fd, 65_536)
        if not read:
            os._exit(0)  # closes the fences
        *lines, self.held = (self.held + read).split(b"\n")
        for line in lines:
            command = json.loads(line)
            if command.get("drop"):
                self.drop(command["id"])
                continue
            if "hold" in command:
                self.hold(command["id"], command["hold"])
                continue
            arguments = self.start(command)
            if arguments is not None:
                return arguments
        return None

    def start(self, command: dict) -> list[str] | None:
        pipes: list[int] = []
        is_stale = installed() != self.imported
        # An interrupt that comes before Python has settled in the fork would be lost: it waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _ in range(3):
                pipes.extend(os.pipe())
            pid = os.fork()
        except OSError as error:
            # No memory, no process, no descriptor left: it is this command's trouble, and may pass.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            for each in pipes:
                os.close(each)
            self.tell(id=command["id"], err=f"fork: {os.strerror(error.errno)}")
            self.tell(id=command["id"], signal="SIGKILL")
            self.tell(id=command["id"], closed=True)
            return None
        fence, held, out, its_out, err, its_err = pipes
        # In both: whoever is told of the process can signal its group, and the process itself finds it made.
        os.setpgid(pid, pid)
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for target, source in enumerate((fence, its_out, its_err)):
                os.dup2(source, target)
            # Among them the other commands' fences.
            for each in map(int, os.listdir("/proc/self/fd")):
                if each > 2:
                    close_if_open(each)
            os.environ.clear()
            os.environ.update(command["environment"])
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            if is_stale:
                begin_anew(command["arguments"])
            return command["arguments"]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for each in (fence, its_out, its_err):
            os.close(each)
        self.commands[pid] = started = Command(command["id"], pid, held, out, err)
        self.read(started)
        if is_stale:
            self.tell(stale=True)
        self.tell(id=started.id, pid=pid)
        return None

    def read(self, command: Command) -> None:
        for each in command.open:
            self.selector.register(each, selectors.EVENT_READ, lambda fd: self.pass_on(command, fd))

    def pass_on(self, command: Command, fd: int) -> None:
        if fd not in command.open:
            return  # dropped by what was read just before
        read = os.read(fd, 65_536)
        text = command.decoders[fd].decode(read, final=not read)
        if text:
            self.tell(id=command.id, **{command.open[fd]: text})
        if not read:
            self.close(command, fd)
            self.tell_closed(command)

    def close(self, command: Command, fd: int) -> None:
        if not command.is_held:
            self.selector.unregister(fd)
        os.close(fd)
        del command.open[fd]

    def hold(self, id: int, is_held: bool) -> None:
        for command in self.commands.values():
            if command.id == id and command.is_held != is_held:
                command.is_held = is_held
                if not is_held:
                    self.read(command)
                else:
                    for fd in command.open:
                        self.selector.unregister(fd)

    def drop(self, id: int) -> None:
        for command in list(self.commands.values()):
            if command.id == id:
                for fd in list(command.open):
                    self.close(command, fd)
                self.tell_closed(command)

    def reap(self, woken: int) -> None:
        os.read(woken, 65_536)
        for command in list(self.commands.values()):
            if command.has_ended:
                continue
            pid, status = os.waitpid(command.pid, os.WNOHANG)
            if pid == 0:
                continue
            command.has_ended = True
            os.close(command.fence)
            if os.WIFSIGNALED(status):
                self.tell(id=command.id, signal=name_of(os.WTERMSIG(status)))
            else:
                self.tell(id=command.id, code=os.WEXITSTATUS(status))
            self.tell_closed(command)

    def tell_closed(self, command: Command) -> None:
        if command.has_ended and not command.open:
            del self.commands[command.pid]
            self.tell(id=command.id, closed=True)

    def tell(self, **what) -> None:
        line = json.dumps(what).encode() + b"\n"
        while line:
            line = line[os.write(1, line) :]


def main() -> None:
    # Where this was started in the background by a shell, interrupts are ignored: dbt would not cancel its queries.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    imported = installed()
    cli = load_dbt()
    if sys.argv[1] == "--once":
        run(cli, sys.argv[2:])
    else:
        run(cli, Server(imported).serve())


if __name__ == "__main__":
    main()
