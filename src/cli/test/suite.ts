/** From what was typed to what is to be tried: notebooks with their test cases. */
import { isFault } from "#base/fault.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { caseFileFor, isCaseFile, notebookFor, readCases, type TestCase } from "#case/index.ts"
import type { Edge } from "#cli/edge.ts"
import { type Refusal, readNotebook } from "#cli/prepare.ts"
import type { Workshop } from "#cli/test/workshop.ts"
import { decode } from "#cli/values.ts"
import type { Notebook } from "#notebook/index.ts"
import type { Storage } from "#run/index.ts"

export type Suite = {
  /** As it is called here. */
  readonly path: string
  readonly file: string
  readonly notebook: Notebook
  readonly cases: readonly TestCase[]
}

export type Found = { readonly suites: readonly Suite[]; readonly untested: readonly string[] }

type Finding = { readonly edge: Edge; readonly storage: Storage; readonly workshop: Workshop }

/** Everything that is named, or what is wrong with any of it. */
export async function suitesIn(named: readonly string[], finding: Finding): Promise<Outcome<Found, Refusal>> {
  const files: string[] = []
  const untested: string[] = []
  for (const path of named) {
    if (!finding.edge.isFolder(path)) files.push(isCaseFile(path) ? path : caseFileFor(path))
    else {
      const found = await finding.workshop.tests(path)
      files.push(...found.caseFiles)
      untested.push(...found.untested)
    }
  }
  const read = await Promise.all([...new Set(files)].map((file) => suiteOf(file, finding)))
  const messages = read.flatMap((one) => (one.ok ? [] : one.refusal.messages))
  if (messages.length > 0) return refused({ messages, remedy: read.find((one) => !one.ok)?.refusal.remedy ?? "" })
  return accepted({ suites: read.flatMap((one) => (one.ok ? [one.value] : [])), untested })
}

async function suiteOf(file: string, { edge, storage }: Finding): Promise<Outcome<Suite, Refusal> & { readonly refusal?: Refusal }> {
  const path = notebookFor(file)
  const notebook = await readNotebook(storage, path, edge)
  if (!notebook.ok) return notebook
  const bytes = await bytesOf(storage, file)
  if (!bytes)
    return refused({ messages: [`${path} has no test cases: there is no ${file}.`], remedy: `Write one. The least that it can say: ${LEAST}` })
  const text = decode(bytes)
  if (text === undefined) return refused({ messages: [`${file} is not UTF-8 text.`], remedy: "" })
  const cases = readCases(text, file)
  if (!cases.ok) return refused({ messages: cases.refusal.message.split("\n"), remedy: "" })
  return accepted({ path, file, notebook: notebook.value, cases: cases.value })
}

const LEAST = "tests: [{name: defaults, checks: [{check: output_contains, cell: TAG_OR_ID, text: …}]}]"

async function bytesOf(storage: Storage, path: string): Promise<Uint8Array | undefined> {
  try {
    return await storage.read(path)
  } catch (error) {
    if (isFault(error) && error.code === "storage_unreadable") return undefined
    throw error
  }
}
