/** Commands that run cells, or do something to the kernel. */
import type { Outcome } from "#base/outcome.ts"
import { sourceDigest } from "#draft/index.ts"
import { chosenIn, insert } from "#web/notebook/act-cells.ts"
import type { Command } from "#web/notebook/bindings.ts"
import type { Desk } from "#web/notebook/desk-type.ts"
import type { Refused } from "#web/notebook/live.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { at } from "#web/notebook/selection.ts"

export type KernelCommand = Extract<Command, `run.${string}` | `kernel.${string}`>
export const KERNEL_COMMANDS = { has: (command: Command) => command.startsWith("run.") || command.startsWith("kernel.") }

export function actOnKernel(desk: Desk, command: KernelCommand): void {
  DO[command](desk)
}

const DO: Record<KernelCommand, (desk: Desk) => void> = {
  "run.next": (desk) => {
    const last = chosenIn(desk.notebook).at(-1)
    runChosen(desk)
    goOn(desk, last)
  },
  "run.stay": (desk) => {
    runChosen(desk)
    toCommand(desk)
  },
  "run.insert": (desk) => {
    runChosen(desk)
    const id = insert(desk, "after")
    desk.notebook.selection.set(at(id, "edit"))
    desk.notebook.editors.focus(id, "start")
  },
  "run.all": (desk) => runAll(desk),
  "run.above": (desk) => runCells(desk, part(desk.notebook, "above")),
  "run.below": (desk) => runCells(desk, part(desk.notebook, "below")),
  "kernel.interrupt": (desk) => settle(desk, desk.notebook.live.ask({ do: "interrupt" })),
  "kernel.restart": (desk) => settle(desk, restart(desk)),
  "kernel.restartRunAll": async (desk) => {
    const answer = await restart(desk)
    if (answer.ok) runAll(desk)
    else refuse(desk, answer.refusal)
  },
  "kernel.stop": (desk) => settle(desk, desk.notebook.live.ask({ do: "stop" })),
}

/** A session that is over has nothing that could be restarted: another one is begun. */
function restart({ notebook: { live, state } }: Desk): Promise<Outcome<unknown, Refused>> {
  const { session } = state.get()
  const isOver = session === null || session.state === "lost" || session.state === "ended"
  return live.ask({ do: isOver ? "start" : "restart" })
}

function part({ structure, selection }: OpenNotebook, which: "above" | "below"): readonly string[] {
  const { ids } = structure.get()
  const place = Math.max(0, ids.indexOf(selection.get().active))
  return which === "above" ? ids.slice(0, place) : ids.slice(place)
}

function runChosen(desk: Desk): void {
  runCells(desk, chosenIn(desk.notebook))
}

function runAll(desk: Desk): void {
  runCells(desk, desk.notebook.structure.get().ids, true)
}

/** The source that is meant goes along by its digest, so that what runs is what one saw when one pressed the key. */
function runCells(desk: Desk, ids: readonly string[], isAll = false): void {
  const { draft, live, state } = desk.notebook
  const cells = ids.flatMap((id) => {
    const cell = draft.cell(id)
    return cell && cell.type === "code" && cell.text.trim() !== "" ? [{ cell: id, sourceSha256: sourceDigest(cell.text) }] : []
  })
  if (cells.length === 0) return
  if (!state.get().you?.mayRun) return
  settle(desk, live.ask({ do: "run", cells, stopOnError: true, isAll }))
}

async function settle(desk: Desk, asked: Promise<Outcome<unknown, Refused>>): Promise<void> {
  const answer = await asked
  if (!answer.ok) refuse(desk, answer.refusal)
}

function refuse({ say }: Desk, { message, remedy }: Refused): void {
  say({ text: `${message} ${remedy}`.trim(), kind: "failed" })
}

/** To the cell below; below the last one a new cell is made, ready to be typed in. */
function goOn(desk: Desk, last: string | undefined): void {
  const { notebook, reveal, focusCell } = desk
  const { ids } = notebook.structure.get()
  const next = ids[ids.indexOf(last ?? "") + 1]
  if (next !== undefined) {
    notebook.selection.set(at(next))
    focusCell(next)
    return reveal(next)
  }
  if (!notebook.state.get().you?.mayEdit) return toCommand(desk)
  if (last !== undefined) notebook.selection.set(at(last))
  const id = insert(desk, "after")
  notebook.selection.set(at(id, "edit"))
  notebook.editors.focus(id, "start")
}

function toCommand({ notebook, focusCell }: Desk): void {
  notebook.selection.change((was) => ({ ...was, mode: "command" }))
  focusCell(notebook.selection.get().active)
}
