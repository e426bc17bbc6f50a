"""Starts an ipykernel: the same kernel, sooner started, which also knows executes that depend on earlier ones.

Usage: launcher.py -f CONNECTION_FILE [--stet-no-debugger] [any argument of ipykernel_launcher]

An execute_request with metadata {"stet": {"after": MSG_ID}} runs only when the execute_request MSG_ID succeeded here
before (or raised with stop_on_error false) and nothing has asked the kernel to exit; otherwise it is answered `aborted`
at once. That makes pipelining safe: a client may send every cell ahead, and what runs never depends on timing.
A kernel that does this says so: `supported_features` of its kernel_info holds "stet conditional execute".
"""

import os
import sys

FEATURE = "stet conditional execute"
REMEMBERED = 65536
EVENTS_AT_ONCE = 1000
INTERRUPTED = {"status": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": [], "user_expressions": {}, "payload": []}
NOTE_BYTES = 128
NOTE_FILE = None
NO_DEBUGGER = "--stet-no-debugger"
QUIET_DEBUGGER = "PYDEVD_DISABLE_FILE_VALIDATION"


def hide_launcher():
    """Makes sys.argv and sys.path what `python -m ipykernel_launcher` makes of them."""
    import importlib.util

    spec = importlib.util.find_spec("ipykernel_launcher")
    if spec is not None and spec.origin:
        sys.argv[0] = spec.origin


def conditional_kernel():
    """The IPythonKernel class that heeds `after`."""
    from ipykernel.ipkernel import IPythonKernel as Plain
    from traitlets import Float

    class IPythonKernel(Plain):
        # ipykernel waits half a millisecond before every reply, for clients that take the reply for the end of the
        # output. Ours takes `idle`, which follows the output on the same socket.
        _execute_sleep = Float(0.0).tag(config=True)

        def __init__(self, **kwargs):
            self._stet_succeeded = {}
            self._stet_is_aborting = False
            self._stet_is_answering = False
            self._stet_showed_error = False
            self._stet_note_file = NOTE_FILE
            super().__init__(**kwargs)
            if self.shell is not None:
                self._stet_watch_tracebacks(self.shell)

        # Killed at once, the kernel takes what it said of earlier cells with it: this tells which cell it was in. A file
        # outlives it, and writing costs a few microseconds.
        def _stet_note(self, msg_id):
            if self._stet_note_file is not None:
                os.pwrite(self._stet_note_file, msg_id.encode().ljust(NOTE_BYTES), 0)

        # Magics and handlers may show an error under a reply that is fine; to the one who reads it the cell has failed.
        def _stet_watch_tracebacks(self, shell):
            show = shell._showtraceback

            def show_and_tell(*args, **kwargs):
                self._stet_showed_error = True
                return show(*args, **kwargs)

            shell._showtraceback = show_and_tell

        # ipykernel aborts what it happens to have queued when a cell raises, and for a moment also what comes then.
        # A request that names what it depends on is decided by that alone.
        @property
        def _aborting(self):
            return self._stet_is_aborting and _after(self.get_parent("shell")) is None

        @_aborting.setter
        def _aborting(self, value):
            self._stet_is_aborting = value

        @property
        def kernel_info(self):
            info = dict(super().kernel_info)
            info["supported_features"] = [*info.get("supported_features", ()), FEATURE]
            return info

        async def execute_request(self, stream, ident, parent):
            after = _after(parent)
            if after is not None and (after not in self._stet_succeeded or getattr(self.shell, "exit_now", False)):
                self._send_abort_reply(stream, parent, ident)
                return
            self._stet_is_answering = False
            self._stet_note(parent["header"]["msg_id"])
            try:
                await super().execute_request(stream, ident, parent)
            except KeyboardInterrupt:
                # An interrupt that comes before or behind the cell's own code would leave the request without a reply.
                if not self._stet_is_answering:
                    self.session.send(stream, "execute_reply", INTERRUPTED, parent, ident=ident)
                raise

        def finish_metadata(self, parent, metadata, reply_content):
            self._stet_is_answering = True
            return super().finish_metadata(parent, metadata, reply_content)

        async def do_execute(self, *args, **kwargs):
            parent = self.get_parent("shell")
            self._stet_showed_error = False
            reply = await super().do_execute(*args, **kwargs)
            succeeded = reply["status"] == "ok" and not self._stet_showed_error
            if succeeded or not parent["content"].get("stop_on_error", True):
                self._stet_succeeded[parent["header"]["msg_id"]] = True
                if len(self._stet_succeeded) > REMEMBERED:
                    del self._stet_succeeded[next(iter(self._stet_succeeded))]
            return reply

    IPythonKernel.__module__ = Plain.__module__
    IPythonKernel.__qualname__ = Plain.__qualname__
    return IPythonKernel


def _after(message):
    """The msg_id that a request depends on, or None."""
    stet = (message.get("metadata") or {}).get("stet") if message else None
    return stet.get("after") if isinstance(stet, dict) else None


def open_note(sockets):
    """Opens the file beside the sockets that holds the msg_id of the execute that the kernel is in."""
    global NOTE_FILE
    try:
        NOTE_FILE = os.open(os.path.join(sockets, "request"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        # Then nobody will know.
        pass


def follow_owner(connection_file, parent, owner):
    """Ends the whole process group when the owner is gone, unless the kernel was kept (a keeper then ends it)."""
    import signal
    import threading
    import time

    folder = os.path.dirname(connection_file)

    def is_there():
        if os.getppid() == parent:
            return True
        # A zygote may die before its owner does.
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            return False
        except OSError:
            pass
        return owner != parent

    def watch():
        while is_there():
            time.sleep(1.0)
        if any(os.path.exists(os.path.join(folder, mark)) for mark in ("kept", "owned")):
            return
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, name="StetOwner", daemon=True).start()


def quicken_output():
    """Spares most of the hand-overs between threads that a cell costs in ipykernel, where flushing nothing takes two each.

    What is published, and in which order, stays the same: everything goes through one queue of the IOPub thread.
    """
    import threading

    from ipykernel import iostream

    thread_class, plain = iostream.IOPubThread, iostream.OutStream
    if not all(hasattr(thread_class, name) for name in ("schedule", "_handle_event", "_event_pipe")):
        return

    # True from when somebody decides to wake the thread until it begins to work: what is queued in between, it will find.
    # Counting the queue instead would lose a wake when two threads add to it at once.
    thread_class._stet_is_woken = False

    def schedule(self, work):
        if not self.thread.is_alive():
            work()
            return
        self._events.append(work)
        if not self._stet_is_woken:
            self._stet_is_woken = True
            try:
                self._event_pipe.send(b"")
            except BaseException:
                self._stet_is_woken = False
                raise

    def handle_event(self, _message):
        self._stet_is_woken = False
        try:
            for _ in range(EVENTS_AT_ONCE):
                if not self._events:
                    return
                self._events.popleft()()
        finally:
            # Many, or one that failed: the thread looks at its sockets and timers before the rest.
            if self._events:
                self.io_loop.add_callback(self._handle_event, None)

    thread_class.schedule = schedule
    thread_class._handle_event = handle_event

    class OutStream(plain):
        _stet_written = False

        def write(self, string):
            self._stet_written = True
            return super().write(string)

        def flush(self):
            thread = getattr(self.pub_thread, "thread", None)
            if thread is None or not thread.is_alive() or thread is threading.current_thread():
                super().flush()
            elif self._stet_written:
                self._stet_written = False
                sent = threading.Event()

                def send():
                    try:
                        self._flush()
                    finally:
                        sent.set()

                self.pub_thread.schedule(send)
                if not sent.wait(self.flush_timeout):
                    print("IOStream.flush timed out", file=sys.__stderr__)

    OutStream.__module__ = plain.__module__
    OutStream.__qualname__ = plain.__qualname__
    iostream.OutStream = OutStream


def _init_iopub(app, context):
    # By default libzmq drops what a PUB socket says once 1,000 messages wait for a slow reader, `idle` included.
    context.sndhwm = 0
    type(app).init_iopub(app, context)


def leave_out_debugger():
    """Spares the import of debugpy (a tenth of a second): this kernel does not announce the feature."""
    import types

    stub = types.ModuleType("ipykernel.debugger")
    stub._is_debugpy_available = False
    stub.Debugger = type("Debugger", (), {})
    sys.modules["ipykernel.debugger"] = stub


def import_debugger():
    """Imports debugpy before stderr is captured: its warning of frozen modules would end up in the first cell."""
    asked = os.environ.get(QUIET_DEBUGGER)
    os.environ[QUIET_DEBUGGER] = "1"
    try:
        import ipykernel.debugger  # noqa: F401
    except ImportError:
        pass
    if asked is None:
        del os.environ[QUIET_DEBUGGER]
    else:
        os.environ[QUIET_DEBUGGER] = asked


def run(arguments, owner):
    """Runs the kernel until it is shut down. `owner` is the process that the kernel works for."""
    if NO_DEBUGGER in arguments:
        arguments = [argument for argument in arguments if argument != NO_DEBUGGER]
        leave_out_debugger()
    else:
        import_debugger()
    from ipykernel.kernelapp import IPKernelApp

    quicken_output()
    parent = os.getppid()
    os.environ["JPY_PARENT_PID"] = str(parent)
    app = IPKernelApp.instance(parent_handle=parent, kernel_class=conditional_kernel())
    app.init_poller = lambda: None
    app.init_iopub = lambda context: _init_iopub(app, context)
    plain_sockets = app.init_sockets

    def init_sockets():
        if app.transport == "ipc":
            open_note(os.path.dirname(app.ip))
        plain_sockets()

    app.init_sockets = init_sockets
    app.initialize(arguments)
    if "__mp_main__" in sys.modules:
        # A zygote imported multiprocessing when it was `__main__` itself.
        sys.modules["__mp_main__"] = sys.modules["__main__"]
    follow_owner(app.abs_connection_file, parent, owner)
    app.start()


if __name__ == "__main__":
    del sys.path[0]
    hide_launcher()
    run(sys.argv[1:], os.getppid())
