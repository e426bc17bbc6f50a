/** Every command with its keys; a command is given from here as well. */
import { Modal, TextInput } from "@mantine/core"
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react"
import type { Binding } from "#web/notebook/bindings.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { searchBindings, writtenKeys } from "#web/notebook/keyboard.ts"
import css from "#web/notebook/keys.module.css"
import { IS_MAC } from "#web/notebook/platform.ts"

type Props = { readonly isPalette: boolean; readonly onClose: () => void }

export function KeysDialog({ isPalette, onClose }: Props) {
  const { act } = useDesk()
  const [typed, type] = useState("")
  const [chosen, choose] = useState(0)
  const list = useId()
  const found = unique(searchBindings(typed, IS_MAC))
  const run = (binding: Binding | undefined) => {
    if (!binding) return
    onClose()
    // The dialog gives the focus back first.
    setTimeout(() => act(binding.command), 50)
  }
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (by !== 0) {
      event.preventDefault()
      choose((was) => Math.max(0, Math.min(found.length - 1, was + by)))
    } else if (event.key === "Enter") {
      event.preventDefault()
      run(found[chosen])
    }
  }
  return (
    <Modal opened onClose={onClose} title={isPalette ? "Commands" : "Keys"} size={640}>
      <TextInput
        aria-label="Search the commands"
        placeholder="Search the commands and their keys"
        value={typed}
        onChange={(event) => {
          type(event.currentTarget.value)
          choose(0)
        }}
        onKeyDown={onKey}
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[chosen] ? `${list}-${chosen}` : undefined}
      />
      <Commands id={list} found={found} chosen={chosen} isGrouped={typed === "" && !isPalette} onRun={run} />
      {found.length === 0 && <p className={css["none"]}>No command has these words.</p>}
    </Modal>
  )
}

type ListProps = {
  readonly id: string
  readonly found: readonly Binding[]
  readonly chosen: number
  readonly isGrouped: boolean
  readonly onRun: (binding: Binding) => void
}

function Commands({ id, found, chosen, isGrouped, onRun }: ListProps) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    element.current?.querySelector(`[id="${id}-${chosen}"]`)?.scrollIntoView({ block: "nearest" })
  }, [id, chosen])
  return (
    <div ref={element} id={id} role="listbox" aria-label="Commands" className={css["list"]}>
      {found.map((binding, at) => (
        <div key={`${binding.command} ${binding.modes}`} role="presentation">
          {isGrouped && binding.group !== found[at - 1]?.group && (
            <div className={css["group"]} role="presentation">
              {binding.group}
            </div>
          )}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys */}
          <div id={`${id}-${at}`} role="option" tabIndex={-1} aria-selected={at === chosen} className={css["command"]} onClick={() => onRun(binding)}>
            <span>{binding.words}</span>
            <span className={css["keys"]}>
              {/* `Mod` is another key than Ctrl on a Mac only. */}
              {[...new Set(binding.keys.map((keys) => writtenKeys(keys, IS_MAC)))].map((keys) => (
                <kbd key={keys}>{keys}</kbd>
              ))}
            </span>
          </div>
        </div>
      ))}
    </div>
  )
}

/** A command that has other keys in another mode is one command. */
function unique(bindings: readonly Binding[]): readonly Binding[] {
  const byCommand = new Map<string, Binding>()
  for (const binding of bindings) {
    const known = byCommand.get(binding.command)
    byCommand.set(binding.command, known ? { ...known, keys: [...known.keys, ...binding.keys] } : binding)
  }
  return [...byCommand.values()]
}
