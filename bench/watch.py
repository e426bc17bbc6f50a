"""Runs commands at once and tells what each cost, seen from outside.

Standard input: {"commands": [[...], ...], "stderr": path, "timeout_s": n}; standard output: one JSON object.
A process that ended but was not yet waited for still shows its own clock ticks and its bytes written in /proc:
that is how the runner's own share is told from its kernel's. Only memory has to be sampled while it lives.
"""

import json
import os
import select
import signal
import sys
import time

SAMPLE_MS = 10
TICKS = os.sysconf("SC_CLK_TCK")


def fields(path):
    with open(path) as lines:
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def peak_kb(pid):
    try:
        return int(fields(f"/proc/{pid}/status").get("VmHWM", "0 kB").split()[0])
    except (OSError, ValueError):
        return 0


def start(argv, stderr):
    # posix_spawn keeps the new process from sharing this one's memory, which would show up as its peak.
    quiet = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    quiet.append((os.POSIX_SPAWN_DUP2, stderr, 2))
    return os.posix_spawnp(argv[0], argv, os.environ, file_actions=quiet, setsid=True)


def account(pid, peak):
    with open(f"/proc/{pid}/stat") as stat:
        after_name = stat.read().rpartition(")")[2].split()
    ticks = [int(value) / TICKS for value in after_name[11:15]]
    io = fields(f"/proc/{pid}/io")
    _, status, _ = os.wait4(pid, 0)
    return {
        "exit": os.waitstatus_to_exitcode(status),
        "cpu_s": ticks[0] + ticks[1],
        "cpu_children_s": ticks[2] + ticks[3],
        "rss_kb": peak,
        "written_bytes": int(io["wchar"]),
        "disk_bytes": int(io["write_bytes"]),
    }


def watch(pids, deadline):
    """Gives every process's peak once all have ended; kills what is left at the deadline."""
    ends = {os.pidfd_open(pid): pid for pid in pids}
    peaks = dict.fromkeys(pids, 0)
    poll = select.poll()
    for end in ends:
        poll.register(end, select.POLLIN)
    timed_out = False
    while ends:
        for end, _ in poll.poll(SAMPLE_MS):
            poll.unregister(end)
            os.close(end)
            del ends[end]
        for pid in ends.values():
            peaks[pid] = max(peaks[pid], peak_kb(pid))
        if time.monotonic() > deadline and not timed_out:
            timed_out = True
            for pid in ends.values():
                os.killpg(pid, signal.SIGKILL)
    return peaks, timed_out


def main():
    order = json.load(sys.stdin)
    stderr = os.open(order["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    began_at_ns, began = time.time_ns(), time.perf_counter()
    pids = [start(argv, stderr) for argv in order["commands"]]
    try:
        peaks, timed_out = watch(pids, time.monotonic() + order["timeout_s"])
    except KeyboardInterrupt:
        # They have sessions of their own, where the terminal's Ctrl-C does not reach them.
        for pid in pids:
            os.killpg(pid, signal.SIGTERM)
        sys.exit(130)
    wall_s = time.perf_counter() - began
    processes = [account(pid, peaks[pid]) for pid in pids]
    json.dump({"wall_s": wall_s, "began_at_ns": str(began_at_ns), "timed_out": timed_out, "processes": processes}, sys.stdout)


main()
