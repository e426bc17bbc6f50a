/** Whoever was told of a run that did not succeed says something back, where they read of it. */
import { Button, Textarea } from "@mantine/core"
import { useState } from "react"
import { api } from "#web/app/api.ts"
import { toastError } from "#web/app/toast.tsx"
import css from "#web/inbox/inbox.module.css"
import { useReading } from "#web/inbox/reading.ts"

type Props = {
  /** Id of the item of the inbox. */
  readonly notice: number
  /** Who told. */
  readonly name: string
}

export function AnswerTold({ notice, name }: Props) {
  const [text, setText] = useState<string>()
  const [isSending, setSending] = useState(false)
  const [isSent, setSent] = useState(false)
  const reading = useReading()
  if (isSent)
    return (
      <p role="status">
        {name} has your answer: <bdi>{text}</bdi>
      </p>
    )
  if (text === undefined)
    return (
      <Button variant="subtle" size="compact-sm" className={css["answer"] ?? ""} onClick={() => setText("")}>
        Answer
      </Button>
    )
  const send = async () => {
    if (text.trim() === "" || isSending) return
    setSending(true)
    try {
      // Who answers has read it.
      await reading([notice], () => api.call("answerTold", { params: { notice }, body: { text } }))
      setSent(true)
    } catch (error) {
      toastError(error)
    }
    setSending(false)
  }
  return (
    <form
      className={css["answering"]}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <Textarea
        aria-label={`Answer to ${name}`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send()
        }}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={1000}
        autoFocus
      />
      <Button type="submit" size="compact-sm" disabled={text.trim() === ""} loading={isSending}>
        Send
      </Button>
      <Button variant="subtle" size="compact-sm" onClick={() => setText(undefined)}>
        Cancel
      </Button>
    </form>
  )
}
