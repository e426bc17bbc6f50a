/** At the right of a cell, under the pointer or with the focus: how long it took, its tags, and a menu. */
import { ActionIcon, Menu } from "@mantine/core"
import { IconArrowDown, IconArrowUp, IconDots, IconTrash } from "@tabler/icons-react"
import { type ReactNode, useState } from "react"
import type { ExecutionView } from "#api/live.ts"
import { copyText } from "#web/app/copy.ts"
import { notebookHref } from "#web/app/places.ts"
import { Duration } from "#web/app/time.tsx"
import { BINDINGS, type Command } from "#web/notebook/bindings.ts"
import css from "#web/notebook/cell.module.css"
import { CommentMark, commentOn } from "#web/notebook/comments-rail.tsx"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { writtenKeys } from "#web/notebook/keyboard.ts"
import { IS_MAC } from "#web/notebook/platform.ts"
import { at } from "#web/notebook/selection.ts"
import type { CellShape } from "#web/notebook/structure.ts"

type Props = {
  readonly cell: CellShape
  readonly execution: ExecutionView | undefined
  readonly isActive: boolean
  readonly hasTools: boolean
}

export function CellBar({ cell, execution, isActive, hasTools }: Props) {
  const may = useMay()
  return (
    <div className={css["bar"]}>
      {cell.tags
        .filter((tag) => tag !== "parameters" || !may.edit)
        .map((tag) => (
          <span key={tag} className={css["tag"]}>
            {tag}
          </span>
        ))}
      <CommentMark cell={cell.id} />
      {execution?.startedAt && execution.endedAt && (
        <span className={css["took"]} title={`Run by ${execution.by.name}`}>
          <Duration from={execution.startedAt} to={execution.endedAt} />
        </span>
      )}
      {hasTools && (
        <span className={css["tools"]}>
          {may.edit && isActive && (
            <>
              <Tool cell={cell.id} command="cells.moveUp" icon={<IconArrowUp size={14} />} />
              <Tool cell={cell.id} command="cells.moveDown" icon={<IconArrowDown size={14} />} />
              <Tool cell={cell.id} command="cells.delete" icon={<IconTrash size={14} />} />
            </>
          )}
          <CellMenu cell={cell} isActive={isActive} />
        </span>
      )}
    </div>
  )
}

function useDo(cell: string) {
  const { notebook, act } = useDesk()
  return (command: Command) => {
    const { active } = notebook.selection.get()
    if (active !== cell) notebook.selection.set(at(cell))
    act(command)
  }
}

function Tool({ cell, command, icon }: { readonly cell: string; readonly command: Command; readonly icon: ReactNode }) {
  const run = useDo(cell)
  return (
    <ActionIcon size={24} tabIndex={-1} aria-label={wordsOf(command)} title={`${wordsOf(command)} (${keysOf(command)})`} onClick={() => run(command)}>
      {icon}
    </ActionIcon>
  )
}

const ITEMS: readonly (readonly Command[])[] = [
  ["run.above", "run.below"],
  ["cells.copy", "cells.cut", "cells.duplicate", "cells.merge", "cells.delete"],
  ["type.code", "type.markdown", "type.raw"],
  ["cell.toggleCode", "cell.toggleOutput", "cell.toggleScroll", "outputs.clear", "cell.lines"],
  ["cell.tags", "cell.parameters"],
]
const READS = new Set<Command>(["cells.copy", "cell.toggleCode", "cell.toggleOutput", "cell.toggleScroll", "cell.lines"])

/** One stop of Tab, at the cell that is chosen: all that can be done with it is in there. */
function CellMenu({ cell, isActive }: { readonly cell: CellShape; readonly isActive: boolean }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Menu opened={isOpen} onChange={setOpen} width={280} returnFocus>
      <Menu.Target>
        <ActionIcon size={24} tabIndex={isActive ? 0 : -1} aria-label="More about this cell" title="More">
          <IconDots size={15} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      {isOpen && <CellMenuItems cell={cell} />}
    </Menu>
  )
}

function CellMenuItems({ cell }: { readonly cell: CellShape }) {
  const { notebook } = useDesk()
  const may = useMay()
  const run = useDo(cell.id)
  const allowed = (command: Command) => READS.has(command) || (command.startsWith("run.") ? may.run : may.edit)
  const isParameters = cell.tags.includes("parameters")
  const copyLink = () => {
    copyText(new URL(notebookHref(notebook.id, cell.id), globalThis.location.href).href, "The link to this cell is on the clipboard.")
  }
  return (
    <Menu.Dropdown>
      {ITEMS.map((group) => (
        <div key={group[0]} className={css["menu-group"]}>
          {group.filter(allowed).map((command) => (
            <Menu.Item key={command} onClick={() => run(command)} rightSection={keysOf(command) !== "" && <kbd>{keysOf(command)}</kbd>}>
              {command === "cell.parameters" && isParameters ? "Make it an ordinary cell" : wordsOf(command)}
            </Menu.Item>
          ))}
        </div>
      ))}
      {may.comment && <Menu.Item onClick={() => commentOn(notebook, cell.id)}>Comment</Menu.Item>}
      <Menu.Item onClick={copyLink}>Copy link to this cell</Menu.Item>
    </Menu.Dropdown>
  )
}

export function wordsOf(command: Command): string {
  return BINDINGS.find((each) => each.command === command)?.words ?? command
}

export function keysOf(command: Command): string {
  const keys = BINDINGS.find((each) => each.command === command && each.keys.length > 0)?.keys[0]
  return keys === undefined ? "" : writtenKeys(keys, IS_MAC)
}
