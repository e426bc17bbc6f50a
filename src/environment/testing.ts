/** The vocabulary of this room's tests. */
import type { Description, Package } from "#environment/description.ts"
import type { Notebook } from "#notebook/index.ts"

/** A locked environment of CPython 3.12.4. */
export function description({ packages = [] }: { readonly packages?: readonly Package[] }): Description {
  return {
    format: 1,
    kind: "locked",
    kernel: {
      name: "python3",
      displayName: "Python 3 (ipykernel)",
      language: "python",
      argv: ["{prefix}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      interruptMode: "signal",
    },
    interpreter: { name: "CPython", version: "3.12.4" },
    platform: { os: "linux", machine: "x86_64", libc: "glibc" },
    packages,
  }
}

/** A notebook of code cells; `metadata` is added to a Python kernelspec. */
export function notebookOf(sources: readonly string[], metadata: object = {}): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "python3", language: "python", display_name: "Python 3" }, ...metadata },
    cells: sources.map((source, i) => ({ id: `c${i}`, cell_type: "code", metadata: {}, source, outputs: [], execution_count: null })),
  }
}
