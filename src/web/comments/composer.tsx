/** Where a comment is written: Markdown, people by @, sent with Ctrl or Cmd and Enter. */
import { Button } from "@mantine/core"
import { type KeyboardEvent, useId, useRef, useState } from "react"
import { useApi } from "#web/app/api.ts"
import { Disc } from "#web/app/person.tsx"
import { toastError } from "#web/app/toast.tsx"
import css from "#web/comments/comments.module.css"
import { type Named, namedIn, type Typing, typingAt, withName } from "#web/comments/mentions.ts"

type Props = {
  readonly label: string
  readonly word: string
  readonly text?: string
  readonly isSmall?: boolean
  readonly onSend: (text: string, mentions: readonly string[]) => Promise<unknown>
  readonly onCancel?: () => void
}

export function Composer({ label, word, text: begun = "", isSmall = false, onSend, onCancel }: Props) {
  const [text, setText] = useState(begun)
  const [chosen, setChosen] = useState<readonly Named[]>([])
  const [isSending, setSending] = useState(false)
  const area = useRef<HTMLTextAreaElement>(null)
  const picking = usePicking()
  const isEmpty = text.trim() === ""
  const send = async () => {
    if (isEmpty || isSending) return
    setSending(true)
    try {
      await onSend(text.trim(), namedIn(text, chosen))
      setText("")
      setChosen([])
    } catch (error) {
      // What was written stays in its place.
      toastError(error)
    } finally {
      setSending(false)
    }
  }
  const choose = (person: Named) => {
    if (!picking.typing) return
    const { text: next, caret } = withName(text, picking.typing, person)
    setText(next)
    setChosen((was) => [...was, person])
    picking.look("", 0)
    requestAnimationFrame(() => area.current?.setSelectionRange(caret, caret))
    area.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (picking.onKey(event, choose)) return
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send()
    if (event.key === "Escape") onCancel?.()
  }
  return (
    <div className={css["composer"]}>
      <textarea
        ref={area}
        value={text}
        rows={isSmall && isEmpty ? 1 : Math.min(10, Math.max(3, text.split("\n").length))}
        aria-label={label}
        placeholder={label}
        dir="auto"
        role="combobox"
        aria-expanded={picking.people.length > 0}
        aria-controls={picking.listId}
        aria-activedescendant={picking.people.length > 0 ? `${picking.listId}-${picking.at}` : undefined}
        onChange={(event) => {
          setText(event.target.value)
          picking.look(event.target.value, event.target.selectionStart)
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setTimeout(() => picking.look("", 0), 150)}
      />
      <People picking={picking} onChoose={choose} />
      {!(isSmall && isEmpty) && (
        <div className={css["row"]}>
          <span className={css["hint"]}>@ names somebody</span>
          {onCancel && (
            <Button variant="subtle" onClick={onCancel}>
              Cancel
            </Button>
          )}
          <Button variant="filled" disabled={isEmpty} loading={isSending} onClick={send}>
            {word}
          </Button>
        </div>
      )}
    </div>
  )
}

type Picking = ReturnType<typeof usePicking>

/** The list of people under the text, while a name is typed. */
function usePicking() {
  const [typing, setTyping] = useState<Typing | undefined>()
  const [at, setAt] = useState(0)
  const listId = useId()
  const found = useApi("listPeople", { query: { q: typing?.query.trim() || undefined, limit: "6" } as never }, { enabled: typing !== undefined })
  const people = typing === undefined ? [] : (found.data?.items ?? []).filter(({ kind }) => kind === "person").map(({ id, name }) => ({ id, name }))
  const look = (text: string, caret: number) => {
    setTyping(typingAt(text, caret))
    setAt(0)
  }
  const onKey = (event: KeyboardEvent, choose: (person: Named) => void): boolean => {
    const person = people[at]
    if (!person) return false
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) setAt((at + step + people.length) % people.length)
    else if (event.key === "Enter" || event.key === "Tab") choose(person)
    else if (event.key === "Escape") setTyping(undefined)
    else return false
    event.preventDefault()
    return true
  }
  return { typing, people, at, listId, look, onKey }
}

function People({ picking, onChoose }: { readonly picking: Picking; readonly onChoose: (person: Named) => void }) {
  if (picking.people.length === 0) return null
  return (
    <div className={css["people"]} id={picking.listId} role="listbox" aria-label="People">
      {picking.people.map((person, index) => (
        // The keys stay with the text.
        // biome-ignore lint/a11y/useFocusableInteractive: see above
        <div
          key={person.id}
          id={`${picking.listId}-${index}`}
          role="option"
          aria-selected={index === picking.at}
          onPointerDown={(event) => {
            event.preventDefault()
            onChoose(person)
          }}
        >
          <Disc person={person} size={18} />
          <bdi>{person.name}</bdi>
        </div>
      ))}
    </div>
  )
}
