import { Button, Textarea } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { api } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { Wrong } from "#web/app/problem.tsx"

type Props = { readonly to: { readonly space: string } | { readonly notebook: string } }

/** In the place of what is not there, or may not be seen: nobody learns here which of the two it is. */
export function AskAccess({ to }: Props) {
  const [text, setText] = useState("")
  const [isAsked, setAsked] = useState(false)
  const [error, setError] = useState<unknown>()
  const ask = (event: FormEvent) => {
    event.preventDefault()
    api.call("askAccess", { body: { ...to, text } }).then(() => setAsked(true), setError)
  }
  const home = (
    <Button component={Go} href="/">
      Go home
    </Button>
  )
  if (isAsked)
    return (
      <Empty title="You have asked" actions={home}>
        If there is something at this address, whoever administers it has been told. You hear of it in your inbox.
      </Empty>
    )
  return (
    <Empty title="Nothing here that you may see">
      <p>It may not exist, or you may have no role in it. If you believe that it is there, ask those who administer it.</p>
      <form onSubmit={ask} style={{ display: "grid", gap: 10, marginTop: 16, maxWidth: 440 }}>
        <Textarea
          label="What do you need it for?"
          autosize
          minRows={2}
          maxLength={1000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Wrong error={error} />
        <div style={{ display: "flex", gap: 8 }}>
          <Button type="submit" variant="filled">
            Ask for access
          </Button>
          {home}
        </div>
      </form>
    </Empty>
  )
}
