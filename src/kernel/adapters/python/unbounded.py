"""Runs a kernel that is a Python module, and sees to it that nothing it publishes is dropped.

Usage: unbounded.py MODULE [ARGUMENT …], which is otherwise `python -m MODULE ARGUMENT …`

By default libzmq drops what a PUB socket says once 1,000 messages wait for a slow reader: of 20,000 lines that a busy
machine's bash_kernel printed, 3,000 were lost. Kernels written in Python make their sockets through pyzmq.
"""

import runpy
import sys


def keep_all_published():
    try:
        import zmq
    except ImportError:
        # It speaks to us in another way.
        return
    plain = zmq.Context.socket

    def socket(self, socket_type, *args, **kwargs):
        made = plain(self, socket_type, *args, **kwargs)
        if socket_type in (zmq.PUB, zmq.XPUB):
            made.sndhwm = 0
        return made

    zmq.Context.socket = socket


if __name__ == "__main__":
    # `python -m` puts the working folder here.
    sys.path[0] = ""
    sys.argv.pop(0)
    keep_all_published()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
