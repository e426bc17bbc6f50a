import { Button } from "@mantine/core"
import { type FormEvent, useEffect, useRef, useState } from "react"
import type { ExecutionView } from "#api/live.ts"
import { toast } from "#web/app/toast.tsx"
import css from "#web/notebook/cell.module.css"
import { useDesk } from "#web/notebook/desk.tsx"

type Props = { readonly execution: string; readonly input: NonNullable<ExecutionView["input"]>; readonly mayRun: boolean }

/** The cell asks for a line of text. */
export function InputBox({ execution, input, mayRun }: Props) {
  const { notebook } = useDesk()
  const [value, setValue] = useState("")
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Whoever ran the cell is waiting for this; nobody is pulled away from what they type.
    if (document.activeElement?.closest(".cm-editor") === null) field.current?.focus({ preventScroll: true })
  }, [])
  if (!mayRun)
    return <p className={css["note"]}>The cell waits for somebody who may run it to answer: {input.prompt || "it asks for a line of text."}</p>
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const answer = await notebook.live.ask({ do: "input", execution, value })
    if (!answer.ok) toast({ text: `${answer.refusal.message} ${answer.refusal.remedy}`.trim(), kind: "failed" })
  }
  return (
    <form className={css["input"]} onSubmit={send}>
      <label>
        <span>{input.prompt || "The cell asks for a line of text."}</span>
        <input
          ref={field}
          type={input.password ? "password" : "text"}
          autoComplete="off"
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      </label>
      <Button type="submit">Send</Button>
    </form>
  )
}
