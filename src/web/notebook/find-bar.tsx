/** Find and replace over all cells, drawn or not. */
import { ActionIcon, Button } from "@mantine/core"
import { IconArrowDown, IconArrowUp, IconLetterCase, type IconProps, IconQuotes, IconRegex, IconTerminal2, IconX } from "@tabler/icons-react"
import { type ComponentType, type KeyboardEvent, useEffect, useRef } from "react"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import css from "#web/notebook/find.module.css"
import type { FindQuery } from "#web/notebook/find.ts"
import { useFind } from "#web/notebook/use-find.ts"
import { useStore } from "#web/notebook/use-store.ts"

export function FindBar() {
  const { notebook } = useDesk()
  const open = useStore(notebook.view, (view) => view.find)
  return open === null ? null : <Bar isReplacing={open === "replace"} />
}

const OPTIONS: readonly (readonly [Exclude<keyof FindQuery, "text">, string, ComponentType<IconProps>])[] = [
  ["matchesCase", "Match the case", IconLetterCase],
  ["wholeWord", "Whole words", IconQuotes],
  ["isRegex", "Regular expression", IconRegex],
  ["inOutputs", "In outputs as well", IconTerminal2],
]

function Bar({ isReplacing }: { readonly isReplacing: boolean }) {
  const { notebook, desk } = useDesk()
  const may = useMay()
  const field = useRef<HTMLInputElement>(null)
  const find = useFind()
  useEffect(() => field.current?.select(), [])
  const close = () => {
    notebook.view.change((was) => ({ ...was, find: null }))
    desk.focusCell(notebook.selection.get().active)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") close()
    else if (event.key === "Enter") find.step(event.shiftKey ? -1 : 1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <search className={css["find"]} aria-label="Find in the notebook">
      <div className={css["row"]}>
        <input
          ref={field}
          className={css["field"]}
          aria-label="Find"
          placeholder="Find"
          value={find.query.text}
          onChange={(event) => find.ask({ text: event.currentTarget.value })}
          onKeyDown={onKey}
        />
        {OPTIONS.map(([name, word, Icon]) => (
          <button
            key={name}
            type="button"
            className={css["option"]}
            aria-pressed={find.query[name]}
            aria-label={word}
            title={word}
            onClick={() => find.ask({ [name]: !find.query[name] })}
          >
            <Icon size={15} aria-hidden="true" />
          </button>
        ))}
        <span className={css["count"]} role="status">
          {find.words}
        </span>
        <ActionIcon aria-label="The match before" title="Shift+Enter" onClick={() => find.step(-1)}>
          <IconArrowUp size={15} aria-hidden="true" />
        </ActionIcon>
        <ActionIcon aria-label="The next match" title="Enter" onClick={() => find.step(1)}>
          <IconArrowDown size={15} aria-hidden="true" />
        </ActionIcon>
        <ActionIcon aria-label="Close the search" onClick={close}>
          <IconX size={15} aria-hidden="true" />
        </ActionIcon>
      </div>
      {isReplacing && may.edit && (
        <div className={css["row"]}>
          <input
            className={css["field"]}
            aria-label="Replace with"
            placeholder="Replace with"
            value={find.by}
            onChange={(event) => find.setBy(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Escape" && close()}
          />
          <Button onClick={find.replaceOne} disabled={find.count === 0}>
            Replace
          </Button>
          <Button onClick={find.replaceAll} disabled={find.count === 0}>
            Replace all
          </Button>
        </div>
      )}
    </search>
  )
}
