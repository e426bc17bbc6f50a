/** The module that an error says is not there; undefined when it says something else. Pure. */
export function missingModule(ename: unknown, evalue: unknown): string | undefined {
  return ename === "ModuleNotFoundError" ? /^No module named '([\w.]+)'/u.exec(String(evalue))?.[1] : undefined
}
