/**
 * The examples that come with Stet become templates the way any notebook does: proposed, run afresh with their test cases, promoted when
 * every gate is open. Nothing is approved in anybody's place; what fails, or waits for somebody's approval, says so and stays what it is.
 */
import type { Answered } from "#api/contract.ts"

type Proposal = Pick<Answered<"getProposal">, "id" | "state" | "gates" | "checks">

export type Example = {
  readonly notebook: string
  readonly title: string
  /** As it will be called. */
  readonly template: string
}

export type Standing =
  | { readonly is: "waiting" | "stopped" }
  | { readonly is: "proving"; readonly proposal: string; readonly ended: number; readonly of: number }
  | { readonly is: "promoted" }
  /** Its gates are open but for what other people have to say. */
  | { readonly is: "asks"; readonly proposal: string; readonly said: string }
  | { readonly is: "failed"; readonly proposal: string | null; readonly said: string }

/** What of the platform it takes; each throws what the platform says against it. */
export type Ways = {
  /** @returns the id of the proposal, also of one that is open already */
  propose(example: Example): Promise<string>
  proposal(id: string): Promise<Proposal>
  promote(id: string): Promise<void>
  /** With what of it still runs. */
  withdraw(proposal: Proposal): Promise<void>
  pause(): Promise<void>
  wordsFor(error: unknown): string
}

/** How many are proved at once: others want to run something, too. */
const AT_ONCE = 2

export async function proveAll(
  examples: readonly Example[],
  {
    ways,
    tell,
    isStopped,
  }: { readonly ways: Ways; readonly tell: (example: Example, standing: Standing) => void; readonly isStopped: () => boolean },
): Promise<void> {
  const waiting = [...examples]
  for (const example of waiting) tell(example, { is: "waiting" })
  const work = async () => {
    for (let example = waiting.shift(); example; example = waiting.shift()) {
      const one = example
      await proveOne(one, { ways, isStopped, tell: (standing) => tell(one, standing) }).then(
        (standing) => tell(one, standing),
        (error: unknown) => tell(one, { is: "failed", proposal: null, said: ways.wordsFor(error) }),
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

type Proving = { readonly ways: Ways; readonly isStopped: () => boolean; readonly tell: (standing: Standing) => void }

async function proveOne(example: Example, { ways, isStopped, tell }: Proving): Promise<Standing> {
  if (isStopped()) return { is: "stopped" }
  const id = await ways.propose(example)
  for (;;) {
    const proposal = await ways.proposal(id)
    const next = standingOf(proposal)
    if (next.is === "proving" && isStopped()) {
      await ways.withdraw(proposal)
      return { is: "stopped" }
    }
    if (next.is === "failed") await ways.withdraw(proposal)
    if (next.is === "ready") {
      await ways.promote(id)
      return { is: "promoted" }
    }
    if (next.is !== "proving") return next
    tell(next)
    await ways.pause()
  }
}

/** `ready`: every gate is open. */
export function standingOf({ id, state, gates, checks }: Proposal): Standing | { readonly is: "ready" } {
  if (state === "promoted") return { is: "promoted" }
  if (state !== "open") return { is: "failed", proposal: id, said: `The proposal was ${state}.` }
  const shut = gates.filter((gate) => gate.state !== "passed")
  if (shut.length === 0) return { is: "ready" }
  const failed = shut.find(({ gate, state: is }) => is === "failed" && gate !== "approvals" && gate !== "consent")
  if (failed) return { is: "failed", proposal: id, said: failed.said }
  const ended = checks.filter(({ verdict }) => verdict !== "pending").length
  if (ended < checks.length) return { is: "proving", proposal: id, ended, of: checks.length }
  return { is: "asks", proposal: id, said: shut.map(({ said }) => said).join(" ") }
}

/** `templates/csv-to-parquet/csv-to-parquet.ipynb` in `samples` is called `samples/csv-to-parquet`. */
export function templateNameOf(space: string, path: string): string {
  const file = path.split("/").at(-1) ?? path
  return `${space}/${file.replace(/\.ipynb$/u, "")}`
}
