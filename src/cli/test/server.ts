/** `stet test --server`: the test cases that a notebook has on a server, run there on one of its versions. */
import type { Answered } from "#api/contract.ts"
import { isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { say } from "#cli/say.ts"
import { type Remote, sayingProblems } from "#cli/server/act.ts"
import { connected } from "#cli/server/connection.ts"
import { referenceOf } from "#cli/server/reference.ts"
import type { SuiteTried } from "#cli/test/all.ts"
import { json, junit, tap } from "#cli/test/formats.ts"
import { tellCase, tellSummary } from "#cli/test/report.ts"
import type { Tried } from "#cli/test/try.ts"
import { saysYes, withYes } from "#cli/yes.ts"
import type { Storage } from "#run/index.ts"

type TestRun = Answered<"getTestRun">

const LOOK_MS = 500

/** Gives the exit code. */
export async function testOnServer(parsed: Parsed, edge: Edge, storage: Storage): Promise<number> {
  const to = connected(parsed, edge)
  if (!to.ok) return say(edge, to.refusal)
  const local = ["--only", "--fail-fast", "--jobs", "--kernel", "--cwd", "--in-place", "--update-snapshots", "--coverage"] as const
  const given = local.find((name) => parsed.given.some(({ flag }) => flag.name === name))
  if (given) {
    complain(edge, `${given} is for tests on this machine.`, "Leave it out, or --server.")
    return EXIT.bad
  }
  return sayingProblems(edge, async () => {
    const began = edge.clock.steady()
    const tried: SuiteTried[] = []
    const isForMachines = isOn(parsed, "--tap") === true || isOn(parsed, "--json") === true
    const isWaiting = isOn(parsed, "--waiting") === true
    for (const path of parsed.positionals) {
      const one = await (isWaiting ? answering : onServer)(path, { parsed, edge, isForMachines }, to.value.client)
      if (one === undefined) return EXIT.bad
      if (one === "nothing") continue
      if (!isForMachines) for (const each of one.cases) tellCase(edge.out, one.suite, each)
      tried.push(one)
    }
    const summing = { tried, untested: [], skipped: 0, durationMs: edge.clock.steady() - began, wholeCoverage: false }
    if (!isForMachines) tellSummary(edge.out, summing)
    if (isOn(parsed, "--tap")) edge.out.write(tap(tried))
    if (isOn(parsed, "--json")) edge.out.write(json(tried, []))
    const file = lastValueOf(parsed, "--junit")
    if (file !== undefined) await storage.write(file, new TextEncoder().encode(junit(tried)))
    return tried.every(({ cases }) => cases.every(({ verdict }) => verdict === "passed")) ? EXIT.succeeded : EXIT.failed
  })
}

type Asking = { readonly parsed: Parsed; readonly edge: Edge; readonly isForMachines: boolean }

/** Undefined when it needs a yes that nobody gives. */
async function onServer(path: string, asking: Asking, client: Remote["client"]): Promise<SuiteTried | undefined> {
  const { notebook, version } = referenceOf(path)
  const body = typeof version === "number" ? { version } : {}
  const begun = await withYes(path, (mayWrite) => client.call("testVersion", { params: { notebook }, body: { ...body, mayWrite } }), asking)
  return begun && triedBy(path, begun, asking, client)
}

async function triedBy(path: string, begun: TestRun, asking: Asking, client: Remote["client"]): Promise<SuiteTried> {
  const { cases } = await settled(begun, asking.edge, client)
  const empty = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] } as const
  return { suite: { path, file: path, notebook: empty, cases: [] }, cases: cases.map(triedOf) }
}

/** The test run that waits for a yes is answered in place of beginning another one. */
async function answering(path: string, asking: Asking, client: Remote["client"]): Promise<SuiteTried | "nothing" | undefined> {
  const { notebook, version } = referenceOf(path)
  const query = { ...(typeof version === "number" ? { version } : {}), limit: 100 }
  const waiting = (await client.call("listTestRuns", { params: { notebook }, query })).items.find(({ state }) => state === "waiting")
  if (!waiting) {
    asking.edge.err.write(`${path}: no test run waits for a yes.\n`)
    return "nothing"
  }
  const answer = (said: "yes" | "leave") => client.call("answerTestRun", { params: { testRun: waiting.id }, body: { answer: said } })
  if (isOn(asking.parsed, "--leave")) {
    await answer("leave")
    asking.edge.err.write(`${path}: the tests of version ${waiting.version} were left, and do not run.\n`)
    return "nothing"
  }
  if (!(await saysYes(path, waiting.waitsFor ?? [], asking))) return undefined
  return triedBy(path, await answer("yes"), asking, client)
}

async function settled(begun: TestRun, edge: Edge, client: Remote["client"]): Promise<TestRun> {
  for (let run = begun; ; run = await client.call("getTestRun", { params: { testRun: begun.id } })) {
    if (run.state !== "pending" && run.state !== "waiting") return run
    await new Promise<void>((then) => edge.timers.after(LOOK_MS, then))
  }
}

function triedOf({ name, verdict, said, mocks, startedAt, endedAt }: TestRun["cases"][number]): Tried {
  return {
    name,
    verdict: verdict === "passed" ? "passed" : "failed",
    said: said === "" ? [] : [said],
    weak: [],
    ran: [],
    mocked: mocks,
    durationMs: startedAt === null || endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt),
    raised: undefined,
  }
}
