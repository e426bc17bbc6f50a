"""A process that has ipykernel imported and forks a kernel whenever it is asked: 60 ms instead of half a second.

Usage: zygote.py LAUNCHER [PACKAGE …]

Reads one JSON object a line on stdin and answers one a line on descriptor 3.
  {"fork": ID, "argv": […], "cwd": …, "env": {…}, "output": FILE} → {"fork": ID, "pid": PID} or {"fork": ID, "error": …}
    with "confine": {"uid": …, "limits": {…}, "places": […] or null, "network": …} the fork waits for {"go": PID}, gives up
    what it may not keep, and → {"went": PID, "pid": LEADER} or {"went": PID, "error": …}; see `confine`.
  {"keep": PID}: that kernel lives on when this process ends.
Unasked it says {"ready": true}, {"unfit": REASON} and {"ended": PID, "code": …, "signal": …}.
When stdin ends, it kills the kernels that nobody keeps, and ends.

It starts no thread, no event loop and no zmq context: none of them survives a fork.
"""

import gc
import importlib
import json
import os
import select
import signal
import sys

confinement = None
ANSWERS = 3
# What a starting kernel would import one by one.
EARLY = (
    "ipykernel.kernelapp",
    "ipykernel.displayhook",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.history",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "faulthandler",
    "pdb",
    "psutil",
    "tornado.platform.asyncio",
)


class Zygote:
    def __init__(self):
        self.kernels = {}
        self.gates = {}
        self.kept = set()
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)

    def serve(self):
        """Forks as asked. Returns only in a child, with what it was asked to become."""
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        say(ready=True)
        poll = select.poll()
        poll.register(0, select.POLLIN)
        poll.register(self.wake_read, select.POLLIN)
        pending = b""
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self.wake_read:
                    drain(self.wake_read)
                    self.reap()
                    continue
                heard = os.read(0, 65536)
                if not heard:
                    self.end()
                *lines, pending = (pending + heard).split(b"\n")
                for line in lines:
                    wanted = self.heed(json.loads(line))
                    if wanted is not None:
                        return wanted

    def heed(self, request):
        if "keep" in request:
            self.kept.add(request["keep"])
            return None
        if "go" in request:
            self.open_gate(request["go"])
            return None
        gate = confinement.Gate() if "confine" in request else None
        try:
            pid = os.fork()
        except OSError as error:
            say(fork=request["fork"], error=str(error))
            return None
        if pid == 0:
            os.close(self.wake_read)
            os.close(self.wake_write)
            for other in self.gates.values():
                other.close()
            request["gate"] = gate
            return request
        self.kernels[pid] = True
        if gate is not None:
            gate.keep_outside()
            self.gates[pid] = gate
        say(fork=request["fork"], pid=pid)
        return None

    def open_gate(self, pid):
        gate = self.gates.pop(pid, None)
        leader = gate.open() if gate is not None else None
        if leader is None:
            say(went=pid, error="the fork could not be confined")
        else:
            say(went=pid, pid=leader)

    def reap(self):
        while self.kernels:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.kernels.pop(pid, None)
            self.kept.discard(pid)
            killed = os.WIFSIGNALED(status)
            say(
                ended=pid,
                code=None if killed else os.WEXITSTATUS(status),
                signal=signal.Signals(os.WTERMSIG(status)).name if killed else None,
            )

    def end(self):
        for pid in self.kernels:
            if pid not in self.kept:
                for kill in (os.killpg, os.kill):
                    try:
                        kill(pid, signal.SIGKILL)
                    except OSError:
                        pass
        os._exit(0)


def say(**answer):
    try:
        os.write(ANSWERS, json.dumps(answer).encode() + b"\n")
    except OSError:
        # Whoever started us is gone; stdin ends too, and that is where it is dealt with.
        pass


def drain(descriptor):
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        pass


def become(wanted, launcher_path):
    """Makes this fresh child what a process started for the purpose would be."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.close(ANSWERS)
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(wanted["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)
    if "confine" in wanted:
        confinement.confine(wanted["confine"], wanted["gate"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    os.chdir(wanted["cwd"])
    sys.argv = [launcher_path, *wanted["argv"]]
    sys.orig_argv = [sys.executable, *sys.argv]
    # Python's own generator is seeded anew by fork itself; numpy's global one is not.
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    gc.enable()


def prepare(packages):
    """Imports; gives a reason why this process must not be forked, if there is one."""
    for package in EARLY:
        try:
            importlib.import_module(package)
        except ImportError:
            # Another version of ipykernel, or an optional package: it does without.
            pass
    for package in packages:
        try:
            importlib.import_module(package)
        except Exception as error:
            print(f"The zygote could not import {package}: {error!r}", file=sys.stderr, flush=True)
    import threading

    if threading.active_count() > 1:
        return "a package started a thread: " + ", ".join(thread.name for thread in threading.enumerate())
    return None


def load(path):
    """A Python file as a module, without leaving compiled code beside it."""
    import types

    module = types.ModuleType("stet_" + os.path.basename(path)[:-3])
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), module.__dict__)
    return module


def main():
    del sys.path[0]
    launcher_path, *packages = sys.argv[1:]
    global confinement
    confinement = load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "confinement.py"))
    gc.disable()
    unfit = prepare(packages)
    if unfit:
        say(unfit=unfit)
        sys.exit(1)
    launcher = load(launcher_path)
    gc.collect()
    gc.freeze()
    owner = os.getppid()
    wanted = Zygote().serve()
    become(wanted, launcher_path)
    launcher.hide_launcher()
    launcher.run(sys.argv[1:], owner)


if __name__ == "__main__":
    main()
