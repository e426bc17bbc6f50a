/**
 * One value's way through Stet, stage by stage: the first file to open. `region = EU` comes in as typed words, is bound
 * to what the notebook declares, becomes a literal in the kernel's language, is executed, journalled, folded into an
 * output, and stands in the result that is saved. One direction, four forms, nothing doubled back.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { type Heard, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { bind, declaredParameters, inject, read } from "#notebook/index.ts"
import { page } from "#page/index.ts"
import { blobDirectory } from "#run/adapters/blob-directory.ts"
import { openJournal, readJournal } from "#run/adapters/journal-file.ts"
import { placed } from "#run/adapters/journal-format.ts"
import { openStorage } from "#run/adapters/storage.ts"
import { systemClock, systemTimers } from "#run/adapters/system.ts"
import { perform, STET } from "#run/index.ts"
import { orderOf } from "#run/testing.ts"

const FILE = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" }, language_info: { name: "python" } },
  cells: [
    {
      cell_type: "code",
      id: "declares",
      metadata: { tags: ["parameters"] },
      source: 'region: str = "US"  # where to look',
      outputs: [],
      execution_count: null,
    },
    { cell_type: "code", id: "uses", metadata: {}, source: "print(region)", outputs: [], execution_count: null },
  ],
})

/** Stands in for Python: knows assignments of one text, and print. */
function tinyPython({ code, memory }: Heard) {
  for (const [, name = "", text = ""] of code.matchAll(/^(\w+)(?:: str)? = "([^"]*)"/gm)) memory.set(name, text)
  const printed = /^print\((\w+)\)$/.exec(code)?.[1]
  return printed === undefined ? [] : [stdout(`${memory.get(printed)}\n`)]
}

test("the walk of one value", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stet-walk-"))

  // 1 A notebook is read: bytes become a document.
  const reading = read(FILE)
  if (!reading.ok) throw new Error("the file is a notebook")
  const { notebook } = reading.value

  // 2 It says what it can be given.
  const declared = declaredParameters(notebook)
  expect(declared.parameters).toMatchObject([{ name: "region", default: "US", help: "where to look" }])

  // 3 What was typed is bound to it: typed, or every problem at once.
  expect(bind(declared, [{ name: "regoin", text: "EU" }])).toMatchObject({ ok: false, refusal: [{ problem: "unknown", suggestion: "region" }] })
  const bound = bind(declared, [{ name: "region", text: "EU" }])
  if (!bound.ok) throw new Error("region is declared")
  expect(bound.value).toEqual([{ name: "region", value: "EU", secret: false }])

  // 4 The value becomes a literal in the kernel's language, in a cell of its own.
  const injected = inject(notebook, bound.value)
  if (!injected.ok) throw new Error("Python has literals for texts")
  expect(injected.value.cells.map((cell) => cell.source)).toEqual([
    'region: str = "US"  # where to look',
    '# Parameters\nregion = "EU"\n',
    "print(region)",
  ])

  // 5 The order is fixed: what will run, and with what.
  const order = orderOf(injected.value, { kernelName: "python3", parameters: [{ name: "region", value: "EU" }], pipelining: true })

  // 6 It is performed: step decides, the kernel executes, the journal keeps what was said before anyone sees it.
  const kernels = scriptedKernels(tinyPython, { kernels: { python3: "python" }, features: ["conditional execute"] })
  const journal = openJournal(join(folder, "walk.journal"))
  const output = join(folder, "walk.result.ipynb")
  const storage = openStorage({ allowPrivateAddresses: false })
  const shown: string[] = []
  const { run } = await perform(order, {
    start: () => kernels.start("python3"),
    displayName: "Python 3",
    journal,
    placed,
    blobs: blobDirectory(join(folder, "blobs")),
    open: () => storage.openWrite(output),
    clock: systemClock,
    timers: systemTimers,
    dialect: STET,
    snapshotMs: 0,
    keepKernelMs: 0,
    watch: (event) => void (event.type === "said" && event.message.header.msg_type === "stream" && shown.push(String(event.message.content["text"]))),
  }).done
  await journal.close()
  expect([run.status, kernels.whats("executes").length, shown]).toEqual(["succeeded", 3, ["EU\n"]])

  // 7 The journal alone would tell it again.
  const events = [...readJournal(journal.path).records()].map(({ event }) => event.type)
  expect(events[0]).toBe("begun")
  expect(events.filter((type) => type === "sent")).toHaveLength(3)

  // 8 The result stands beside the input: the value, its literal and what came of it.
  const result = read(readFileSync(output))
  if (!result.ok) throw new Error("a result is a notebook")
  expect(result.value.notebook.metadata).toMatchObject({ stet: { run: { status: "succeeded", parameters: { region: "EU" } } } })
  expect(result.value.notebook.cells.at(-1)?.outputs).toEqual([{ output_type: "stream", name: "stdout", text: "EU\n" }])

  // 9 And a person reads it on a page.
  expect(page(result.value.notebook, { title: "Walk" })).toMatch(/region[\s\S]*EU/)
  rmSync(folder, { recursive: true })
})
