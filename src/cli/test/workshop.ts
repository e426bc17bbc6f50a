/** Port: what there is to be tested on this machine, and places to do it. */
export type Workshop = {
  readonly cores: number
  /** Files of test cases below a folder, and notebooks that have none; by path. */
  tests(folder: string): Promise<{ readonly caseFiles: readonly string[]; readonly untested: readonly string[] }>
  /** A copy of a folder, for one case alone; undefined when it is too large to be copied, or holds what cannot be. */
  copyOf(folder: string): Promise<Copy | undefined>
  makeFolder(path: string): Promise<void>
}

export type Copy = { readonly path: string; remove(): Promise<void> }
