/** What stands around the notebook where it would run, as the rules are told it. Pure. */
import type { Answered } from "#api/contract.ts"
import { type Analyst, type Circumstances, hasFileAmong, languageFor } from "#notebook/index.ts"

export type Around = Answered<"getSurroundings">

/** What is not known is left out, and not judged. */
export function circumstancesIn({ environment, files }: Around, language: Analyst["language"]): Circumstances {
  const speaks = environment !== null && languageFor("", environment.language) === language
  return {
    ...(speaks && environment.modules ? { modules: new Set(environment.modules) } : {}),
    ...(speaks && environment.version !== "" ? { pythonVersion: environment.version } : {}),
    ...(files ? { hasFile: hasFileAmong(files.paths, files.folder, files.below) } : {}),
  }
}
