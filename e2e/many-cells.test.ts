/** Editing by keyboard alone in a notebook of two thousand cells: every step is there at once, in the document, and taken back by one key. */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { longestTasks, type TraceEvent } from "../bench/web-trace.ts"
import { inaccessible, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Many")
  ada = await stage.someone("Ada Many", { space, role: "editor" })
})

const MANY = 2000
/** What a step may keep the page's thread, in ms of the processor's time: others run beside. */
const IMMEDIATE_MS = 200

const cellOf = (at: number) =>
  at % 7 === 3
    ? { cell_type: "markdown", source: `Prose of ${at}` }
    : { source: `value_${at} = ${at}`, outputs: [{ output_type: "stream", name: "stdout", text: `result of ${at}\n` }], execution_count: at }

async function opened(notebook: string): Promise<Page> {
  const page = await ada.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  return page
}

type Written = { readonly cell_type: string; readonly source: string; readonly metadata: object; readonly attachments?: object }

async function written(notebook: string): Promise<readonly Written[]> {
  const draft = JSON.parse(new TextDecoder().decode(await ada.api.call("getDraft", { params: { notebook } })))
  return draft.cells.map(({ cell_type, source, metadata, attachments }: Written) => ({
    cell_type,
    source: Array.isArray(source) ? source.join("") : source,
    metadata,
    ...(attachments ? { attachments } : {}),
  }))
}

async function traced(page: Page, work: () => Promise<readonly string[]>): Promise<ReadonlyMap<string, number>> {
  const events: TraceEvent[] = []
  const devtools = await page.context().newCDPSession(page)
  devtools.on("Tracing.dataCollected", ({ value }) => void events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise<unknown>((resolve) => devtools.once("Tracing.tracingComplete", resolve))
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel", "blink.user_timing"] } })
  const marks = await work()
  await devtools.send("Tracing.end")
  await complete
  return longestTasks(events, marks)
}

async function keys(page: Page, ...pressed: readonly string[]): Promise<void> {
  for (const key of pressed) await page.keyboard.press(key)
}

async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press("p")
  await page.getByLabel("Search the commands").fill(words)
  await page.getByRole("option", { name: words }).first().waitFor()
  await page.keyboard.press("Enter")
  await page.getByRole("dialog").waitFor({ state: "detached" })
}

async function pastePicture(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const canvas = document.createElement("canvas")
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"))
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([blob as Blob], "pasted.png", { type: "image/png" }))
    ;(document.activeElement ?? document.body).dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
  })
}

/** Goes to a cell as people do, by what stands in it. */
async function goTo(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+f")
  await page.getByLabel("Find", { exact: true }).fill(text)
  await page.getByLabel("Find", { exact: true }).press("Enter")
  await page.getByText(/^1 of 1$/u).waitFor()
  await page.keyboard.press("Escape")
  await page.getByLabel("Find", { exact: true }).waitFor({ state: "detached" })
}

type Step = {
  readonly name: string
  readonly act: (page: Page) => Promise<void>
  /** What must have become of the cells. */
  readonly now: (before: readonly Written[]) => readonly Written[] | ((after: readonly Written[]) => boolean)
}

const AT = 1000
const without = (cells: readonly Written[], from: number, count: number) => [...cells.slice(0, from), ...cells.slice(from + count)]
const changed = (cells: readonly Written[], at: number, change: Partial<Written>) =>
  cells.map((cell, place) => (place === at ? { ...cell, ...change } : cell))

const STEPS: readonly Step[] = [
  {
    name: "three cells are moved down",
    act: (page) => keys(page, "Shift+ArrowDown", "Shift+ArrowDown", "Alt+ArrowDown"),
    now: (cells) => [...cells.slice(0, AT), ...cells.slice(AT + 3, AT + 4), ...cells.slice(AT, AT + 3), ...cells.slice(AT + 4)],
  },
  {
    name: "four cells are cut, and pasted at the end",
    act: (page) => keys(page, "Shift+J", "Shift+J", "Shift+J", "x", "End", "v"),
    now: (cells) => [...without(cells, AT, 4), ...cells.slice(AT, AT + 4)],
  },
  { name: "a cell is deleted", act: (page) => keys(page, "d", "d"), now: (cells) => without(cells, AT, 1) },
  {
    name: "all cells are deleted",
    act: (page) => keys(page, "Control+a", "d", "d"),
    now: () => (after) => after.length <= 1,
  },
  {
    name: "a cell becomes Markdown",
    act: (page) => keys(page, "m"),
    now: (cells) => changed(cells, AT, { cell_type: "markdown" }),
  },
  {
    name: "two cells are merged",
    act: (page) => keys(page, "Shift+ArrowDown", "Shift+M"),
    now: (cells) => (after) => after.length === MANY - 1 && after[AT]?.source.includes(cells[AT + 1]?.source ?? "?") === true,
  },
  {
    name: "a tag is given",
    act: async (page) => {
      await page.keyboard.press("t")
      const dialog = page.getByRole("dialog", { name: "Tags of the cell" })
      await dialog.locator("input").first().waitFor()
      await page.keyboard.type("kept")
      // The list of tags is closed first.
      await keys(page, "Enter", "Escape", "Escape")
      await dialog.waitFor({ state: "detached" })
    },
    now: (cells) => changed(cells, AT, { metadata: { tags: ["kept"] } }),
  },
  {
    name: "code is collapsed",
    act: (page) => keys(page, "Shift+C"),
    now: (cells) => changed(cells, AT, { metadata: { jupyter: { source_hidden: true } } }),
  },
  {
    name: "an output is collapsed",
    act: (page) => keys(page, "o"),
    now: (cells) => changed(cells, AT, { metadata: { jupyter: { outputs_hidden: true } } }),
  },
  {
    name: "a picture is pasted",
    act: pastePicture,
    now: () => (after) => after.length === MANY + 1 && after[AT + 1]?.source.includes("attachment:") === true,
  },
  {
    name: "it becomes the parameters cell",
    act: (page) => command(page, "Make parameters cell"),
    now: (cells) => changed(cells, AT, { metadata: { tags: ["parameters"] } }),
  },
  {
    name: "a word is replaced in all cells",
    act: async (page) => {
      await page.keyboard.press("Control+h")
      const field = page.getByLabel("Find", { exact: true })
      await field.fill("value_")
      await page
        .getByRole("search")
        .getByText(/1,?71\d/u)
        .first()
        .waitFor()
      await page.getByLabel("Replace with").focus()
      await page.keyboard.type("amount_")
      await keys(page, "Tab", "Tab", "Enter", "Escape")
    },
    now: (cells) => cells.map((cell) => ({ ...cell, source: cell.source.replace("value_", "amount_") })),
  },
]

test("two thousand cells are edited by keyboard, at once each time, and each step is taken back by one key", { timeout: 240_000 }, async () => {
  const [notebook, other] = [
    await stage.notebook(space, "Many.ipynb", ...Array.from({ length: MANY }, (_, at) => cellOf(at))),
    await stage.notebook(space, "Other.ipynb", ...Array.from({ length: MANY }, (_, at) => cellOf(at + MANY))),
  ]
  const page = await opened(notebook)
  const before = await written(notebook)
  const came = async (of: string, wanted: ReturnType<Step["now"]>, name: string) => {
    const look = async () => {
      const after = await written(of)
      return typeof wanted === "function" ? wanted(after) : JSON.stringify(after) === JSON.stringify(wanted)
    }
    await expect.poll(look, { timeout: 15_000, interval: 100, message: name }).toBe(true)
  }
  const took = await traced(page, async () => {
    const marks: string[] = []
    for (const { name, act, now } of STEPS) {
      await goTo(page, `value_${AT} `)
      await page.evaluate((mark) => performance.mark(mark), name)
      await act(page)
      await came(notebook, now(before), name)
      await page.evaluate((mark) => performance.mark(mark), `back: ${name}`)
      await page.keyboard.press("z")
      // What was cut goes back in two steps: the paste, and the cut.
      if (name.includes("cut")) await page.keyboard.press("z")
      await came(notebook, before, `taken back: ${name}`)
      marks.push(name, `back: ${name}`)
    }
    return marks
  })
  expect([...took].filter(([, ms]) => ms > IMMEDIATE_MS)).toEqual([])
  expect(await inaccessible(page)).toEqual([])

  // To another notebook, in another tab.
  await goTo(page, `value_${AT} `)
  await keys(page, "Shift+J", "Shift+J", "c")
  const there = await opened(other)
  const beforeThere = await written(other)
  await there.keyboard.press("End")
  await there.keyboard.press("v")
  await came(other, [...beforeThere, ...before.slice(AT, AT + 3)], "pasted into another notebook")
  await there.keyboard.press("z")
  await came(other, beforeThere, "taken back there")
})
