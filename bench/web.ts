/**
 * `npm run bench -- web [--json] [--only open,type] [--apps stet,jupyterlab] [--repeat 3] [--short]`
 *
 * The web app in headless Chromium beside JupyterLab 4, on the same notebooks, with the same script and the same kernel: how long
 * until a notebook can be typed in, what a keystroke costs, how a long notebook scrolls, how soon a trivial cell shows what it
 * printed, and whether a hundred thousand lines freeze the page. Times include what the browser takes to paint. Needs Chromium.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { chromium, type Page } from "playwright-core"
import { describeMachine } from "./report.ts"
import { type App, type AppName, openJupyterLab, openStet } from "./web-apps.ts"
import { type Measured, measures } from "./web-measures.ts"
import { makeNotebooks } from "./web-notebooks.ts"

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string" },
    apps: { type: "string", default: "stet,jupyterlab" },
    repeat: { type: "string", default: "3" },
    short: { type: "boolean", default: false },
  },
})

const BROWSER = {
  executablePath: process.env["STET_TEST_CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
  viewport: { width: 1440, height: 900 },
}
const home = mkdtempSync(join(tmpdir(), "stet-bench-web-"))
const rows: { readonly app: AppName; readonly what: string; readonly unit: string; readonly values: number[]; readonly promise: string }[] = []

try {
  await main()
} finally {
  rmSync(home, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const folder = join(home, "notebooks")
  mkdirSync(folder)
  const notebooks = makeNotebooks(options.short ? 20 : 1)
  for (const [name, bytes] of Object.entries(notebooks)) writeFileSync(join(folder, name), bytes)
  for (const name of options.apps.split(",") as AppName[]) {
    const app = await (name === "stet" ? openStet(folder, Object.keys(notebooks)) : openJupyterLab(folder, home))
    try {
      for (let round = 0; round < Number(options.repeat); round++) await measureAll(app)
    } finally {
      await app.close()
    }
  }
  print()
}

async function measureAll(app: App): Promise<void> {
  const only = options.only?.split(",")
  for (const measure of measures) {
    if (only && !only.includes(measure.name)) continue
    if (measure.stetOnly && app.name !== "stet") continue
    // A profile, as people have one: a private window keeps nothing of the compiled scripts.
    const context = await chromium.launchPersistentContext(mkdtempSync(join(home, "profile-")), BROWSER)
    try {
      await app.signIn(context)
      for (const found of await measure.run(app, context)) keep(app.name, found)
    } catch (error) {
      process.stderr.write(`${app.name} ${measure.name}: ${String(error).split("\n")[0]}\n`)
      for (const page of context.pages()) process.stderr.write(`${await shownAt(page)}\n`)
    } finally {
      await context.close()
    }
  }
}

/** What a page says when it does not show what was waited for: a kernel that died is told there, and a run that was refused. */
async function shownAt(page: Page): Promise<string> {
  const text = await page.evaluate(() => document.body?.innerText ?? "").catch(String)
  return `  ${page.url()} shows: ${text.replace(/\s+/gu, " ").slice(0, 2000)}`
}

function keep(app: AppName, { what, value, unit, promise }: Measured): void {
  const row = rows.find((one) => one.app === app && one.what === what)
  if (row) row.values.push(value)
  else rows.push({ app, what, unit, promise, values: [value] })
  process.stderr.write(`${app.padEnd(12)} ${what.padEnd(58)} ${value.toFixed(1)} ${unit}\n`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function print(): void {
  if (options.json) {
    const told = rows.map(({ values, ...row }) => ({ ...row, median: median(values), values }))
    return void process.stdout.write(
      `${JSON.stringify({ date: new Date().toISOString(), machine: describeMachine(), measured: told }, undefined, 1)}\n`,
    )
  }
  for (const what of [...new Set(rows.map((row) => row.what))]) {
    const cells = rows.filter((row) => row.what === what).map(({ app, values, unit }) => `${app} ${median(values).toFixed(1)} ${unit}`)
    const promise = rows.find((row) => row.what === what)?.promise ?? ""
    process.stdout.write(`${what.padEnd(58)} ${cells.join("   ").padEnd(50)} ${promise}\n`)
  }
}
