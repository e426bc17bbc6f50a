"""Runs notebooks with nbclient, several at once in threads, each result written once at its end: nbclient_once.py IN OUT [IN OUT]…"""

import sys
import threading

import nbformat
from nbclient import NotebookClient

failures = []


def run(source, target):
    try:
        notebook = nbformat.read(source, as_version=4)
        try:
            NotebookClient(notebook, timeout=None).execute()
        finally:
            nbformat.write(notebook, target)
    except Exception as error:
        failures.append(error)
        print(f"{source}: {type(error).__name__}: {error}", file=sys.stderr)


paths = sys.argv[1:]
pairs = list(zip(paths[::2], paths[1::2], strict=True))
if len(pairs) == 1:
    run(*pairs[0])
else:
    threads = [threading.Thread(target=run, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
sys.exit(1 if failures else 0)
