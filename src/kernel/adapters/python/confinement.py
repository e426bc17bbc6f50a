"""Confines a process that a zygote forked, before it becomes a kernel. Linux only.

The zygote is root of a user namespace that holds the users of its kernels and nobody else, so all it can do here is to
become one of them, to make namespaces inside its own, and to mount in those. See confine.ts for what the places mean.
"""

import base64
import ctypes
import os
import resource
import signal
import socket
import struct

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP = 0x20000000, 0x40000000, 0x02000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_SLAVE = 4096, 16384, 1 << 19
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

libc = ctypes.CDLL(None, use_errno=True)


class Gate:
    """Where a fork waits until it may go on, and tells who leads its process group then."""

    def __init__(self):
        self.wait, self.let = os.pipe()
        self.hear, self.tell = os.pipe()

    def keep_outside(self):
        os.close(self.wait)
        os.close(self.tell)

    def keep_inside(self):
        os.close(self.let)
        os.close(self.hear)

    def open(self):
        """Lets the fork go on; gives the leader's number, or None when it failed."""
        try:
            os.write(self.let, b"1")
            said = os.read(self.hear, 32)
        except OSError:
            said = b""
        self.close()
        return int(said) if said else None

    def close(self):
        os.close(self.let)
        os.close(self.hear)

    def await_opening(self):
        opened = os.read(self.wait, 1)
        os.close(self.wait)
        if not opened:
            os._exit(1)

    def lead(self, pid):
        os.write(self.tell, str(pid).encode())
        os.close(self.tell)


def confine(order, gate):
    """Gives up everything this process may do beyond the order. Returns in the process that becomes the kernel."""
    gate.keep_inside()
    gate.await_opening()
    if order["places"] is None:
        gate.lead(os.getpid())
    else:
        enter_sandbox(order, gate)
    for name, value in order["limits"].items():
        limit = getattr(resource, "RLIMIT_" + name)
        hard = resource.getrlimit(limit)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (least, least))
    if order["uid"] is not None:
        os.setgroups([])
        os.setresgid(order["uid"], order["uid"], order["uid"])
        os.setresuid(order["uid"], order["uid"], order["uid"])
        # Changing users makes a process unreadable in /proc even for itself.
        libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    checked("no new privileges", libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if order["files"] is not None:
        give_up_files(order["files"])
    if order["filter"] is not None:
        refuse_calls(base64.b64decode(order["filter"]))


def give_up_files(files):
    """From here on nothing is opened but what a rule allows: see landlock.ts. A place that is gone needs none."""
    asked = struct.pack("QQQ", files["handled"], 0, files["scoped"])
    rules = libc.syscall(LANDLOCK_CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    if rules < 0:
        checked("the rules for files", rules)
    for rule in files["rules"]:
        try:
            at = os.open(rule["path"], os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        checked("the rule for " + rule["path"], libc.syscall(LANDLOCK_ADD_RULE, rules, 1, struct.pack("=Qi", rule["access"], at), 0))
        os.close(at)
    checked("the rules for files", libc.syscall(LANDLOCK_RESTRICT_SELF, rules, 0))
    os.close(rules)


class Program(ctypes.Structure):
    """struct sock_fprog: how many instructions of 8 bytes, and where they are."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def refuse_calls(filter):
    """From here on the filter judges every system call of this process and of all that come from it."""
    program = Program(len(filter) // 8, filter)
    checked("the filter of system calls", libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))


def enter_sandbox(order, gate):
    """Leaves two processes behind: one outside that ends as the kernel does, and the first inside, whose end ends all."""
    namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP
    checked("namespaces", libc.unshare(namespaces | (0 if order["network"] else CLONE_NEWNET)))
    hear, tell = os.pipe()
    first = os.fork()
    if first != 0:
        os.close(tell)
        gate.lead(first)
        end_alike(hear, first)
    os.close(hear)
    os.close(gate.tell)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.setsid()
    socket.sethostname("stet")
    if not order["network"]:
        raise_loopback()
    enter_view(order["places"])
    kernel = os.fork()
    if kernel != 0:
        reap_until(kernel, tell)
    os.close(tell)


def end_alike(hear, first):
    """Outside: waits for the sandbox and ends as the kernel in it ended."""
    for handled in (signal.SIGINT, signal.SIGTERM):
        signal.signal(handled, signal.SIG_IGN)
    said = os.read(hear, 16)
    _, own = os.waitpid(first, 0)
    status = struct.unpack("i", said)[0] if len(said) == 4 else own
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))


def reap_until(kernel, tell):
    """Inside, as the first process: reaps whatever ends, and ends with the kernel."""
    for handled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(handled, signal.SIG_IGN)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == kernel:
            os.write(tell, struct.pack("i", status))
            os._exit(0)


def enter_view(places):
    """Makes a new root of the places. The base only has to exist: it is covered by our own from here on."""
    base = "/tmp"
    mount(None, "/", None, MS_REC | MS_SLAVE)
    mount("stet", base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    os.mkdir(base + "/old")
    os.mkdir(base + "/new")
    pivot_root(base, base + "/old")
    os.chdir("/")
    mount("stet", "/new", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    for place in places:
        make(place, "/new" + place["path"], "/old")
    checked("the old root", libc.umount2(b"/old", MNT_DETACH))
    os.chdir("/new")
    pivot_root(".", ".")
    checked("the base", libc.umount2(b".", MNT_DETACH))
    os.chdir("/")


def make(place, path, old):
    kind = place["kind"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if kind == "link":
        os.symlink(place["target"], path)
    elif kind == "bind":
        show(old + place.get("from", place["path"]), path, place["isWritable"])
    elif kind == "tmpfs":
        os.makedirs(path, exist_ok=True)
        mount("stet", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=%o" % place["mode"])
    elif kind == "proc":
        os.makedirs(path, exist_ok=True)
        mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    else:
        make_devices(path, old)


def show(source, path, is_writable):
    if os.path.isdir(source):
        os.makedirs(path, exist_ok=True)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o644))
    mount(source, path, None, MS_BIND | MS_REC)
    if not is_writable:
        # What is locked on it (nosuid, nodev) must be said again, or the kernel refuses.
        flags = os.statvfs(path).f_flag
        kept = (MS_NOSUID if flags & os.ST_NOSUID else 0) | (MS_NODEV if flags & 4 else 0) | (MS_NOEXEC if flags & 8 else 0)
        mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def make_devices(path, old):
    os.makedirs(path, exist_ok=True)
    mount("stet", path, "tmpfs", MS_NOSUID, "mode=0755")
    for name in DEVICES:
        show(old + "/dev/" + name, path + "/" + name, True)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
        os.symlink(target, path + "/" + name)
    os.mkdir(path + "/pts")
    mount("devpts", path + "/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    os.symlink("pts/ptmx", path + "/ptmx")


def raise_loopback():
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        # SIOCSIFFLAGS with IFF_UP | IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))


def mount(source, target, kind, flags, data=None):
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    checked("mounting " + target, libc.mount(*words, ctypes.c_ulong(flags), None if data is None else data.encode()))


def pivot_root(new, old):
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError("pivot_root has no known number on this machine")
    checked("the new root", libc.syscall(number, os.fsencode(new), os.fsencode(old)))


def checked(what, result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
