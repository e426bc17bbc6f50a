/** All cases of all suites, several at once. */
import type { TestCase } from "#case/index.ts"
import type { Suite } from "#cli/test/suite.ts"
import { type Bench, type Tried, tryCase } from "#cli/test/try.ts"

export type SuiteTried = { readonly suite: Suite; readonly cases: readonly Tried[] }

export type Going = {
  readonly bench: Bench
  readonly jobs: number
  readonly failFast: boolean
  /** Told of each when it is over, in whatever order. */
  readonly tell: (suite: Suite, tried: Tried) => void
  readonly isCancelled: () => boolean
}

/** In the order of the files; what was not begun any more is not among them. */
export async function tryAll(suites: readonly Suite[], going: Going): Promise<readonly SuiteTried[]> {
  const waiting = suites.flatMap((suite) => suite.cases.map((one) => ({ suite, one })))
  const done = new Map<TestCase, Tried>()
  let next = 0
  let isOver = false
  const worker = async () => {
    while (!isOver && !going.isCancelled()) {
      const todo = waiting[next++]
      if (!todo) return
      const tried = await tryCase(todo.suite, todo.one, going.bench)
      done.set(todo.one, tried)
      going.tell(todo.suite, tried)
      if (going.failFast && tried.verdict !== "passed") isOver = true
    }
  }
  await Promise.all(Array.from({ length: Math.min(going.jobs, waiting.length) }, worker))
  return suites.map((suite) => ({ suite, cases: suite.cases.flatMap((one) => done.get(one) ?? []) }))
}
