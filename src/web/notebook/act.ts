/** What the page does when a command is given: by a key, a button or the palette. */

import { actOnCells, CELL_COMMANDS, type CellCommand } from "#web/notebook/act-cells.ts"
import { actOnKernel, KERNEL_COMMANDS, type KernelCommand } from "#web/notebook/act-kernel.ts"
import { actOnView, type ViewCommand } from "#web/notebook/act-view.ts"
import { BINDINGS, type Command } from "#web/notebook/bindings.ts"
import type { Desk } from "#web/notebook/desk-type.ts"

const TAKES = new Map(BINDINGS.flatMap((each) => (each.takes ? [[each.command, each.takes] as const] : [])))

export function act(desk: Desk, command: Command): void {
  const you = desk.notebook.state.get().you
  const takes = TAKES.get(command)
  // A key that is pressed before it is known who may do what was meant for what was on the page before.
  if (takes && !you) return
  if (takes === "edit" && !you?.mayEdit)
    return desk.say({ text: "You may read this notebook, not edit it. Make a copy to edit that.", kind: "failed" })
  if (takes === "run" && !you?.mayRun)
    return desk.say({ text: "You may read this notebook, not run its cells. Ask its owner for the role of runner.", kind: "failed" })
  if (CELL_COMMANDS.has(command)) return actOnCells(desk, command as CellCommand)
  if (KERNEL_COMMANDS.has(command)) return actOnKernel(desk, command as KernelCommand)
  actOnView(desk, command as ViewCommand)
}
