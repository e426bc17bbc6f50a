/** One thing that set-up does: told in one line, with how long it took. */
export type Step = <Value>(what: string, work: () => Promise<Value>) => Promise<Value>

export type UsablePython = {
  /**
   * How it was come by: a kernelspec on Jupyter's search path starts it; it is on the PATH and its prefix holds a
   * kernelspec that Jupyter's search path does not reach; or Stet made it.
   */
  readonly from: "kernelspec" | "interpreter" | "managed"
  /** Absolute path of the interpreter. */
  readonly python: string
  /** Except for "kernelspec": `<prefix>/share/jupyter/kernels/python3/kernel.json` starts it. */
  readonly prefix: string
}

/**
 * A Python that can run a Jupyter kernel and has every module of `needs` (default ipykernel only): one that is on this
 * machine, else the managed environment `$STET_HOME/python`, made now unless it is there. The search costs a few
 * milliseconds when nothing changed since the last time.
 *
 * @throws SetupFailed: an Error with `name` "SetupFailed", a one-sentence `message` and a one-sentence `remedy`
 */
export declare function usablePython(options: {
  readonly home: string
  readonly step: Step
  readonly env?: { readonly [name: string]: string | undefined }
  readonly needs?: readonly string[]
  /** Gets whole lines that are not steps; default: standard error. */
  readonly tell?: (line: string) => void
}): Promise<UsablePython>

/** What the common notebook imports, and the managed environment holds. */
export declare const DATA_PACKAGES: readonly string[]

export declare function ensureEnvironment(wanted: {
  readonly home: string
  readonly name: string
  readonly what: string
  readonly requirements: string
  readonly needs: readonly string[]
  readonly step: Step
  readonly env?: { readonly [name: string]: string | undefined }
  readonly tell?: (line: string) => void
  /** Where to look for a Python beside the PATH; default: the usual places of Linux and macOS. */
  readonly places?: readonly string[]
}): Promise<{ readonly python: string; readonly prefix: string }>
