/** What was mended live becomes the next version of the notebook it came from, and is proposed from here if one likes. */
import { Button, Group, Modal, Textarea } from "@mantine/core"
import { useState } from "react"
import { ApiProblem } from "#api/client.ts"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { versionsHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { toast } from "#web/app/toast.tsx"
import { ProposeDialog } from "#web/templates/propose-dialog.tsx"

type Props = { readonly id: string; readonly origin: Answered<"getLiveOrigin">; readonly onClose: () => void }
type Returned = Answered<"returnLive">

export function ReturnDialog({ id, origin, onClose }: Props) {
  const [message, setMessage] = useState("")
  const [error, setError] = useState<unknown>()
  const [theirs, setTheirs] = useState<number>()
  const [doing, setDoing] = useState<"save" | "propose">()
  const [returned, setReturned] = useState<Returned>()
  const forget = useForget()
  const go = useGo()
  const save = async (next: "save" | "propose") => {
    setDoing(next)
    setError(undefined)
    try {
      const text = message.trim()
      const body = { ...(text === "" ? {} : { message: text }), ...(theirs === undefined ? {} : { onTopOf: theirs }) }
      const made = await api.call("returnLive", { params: { notebook: id }, body })
      await forget()
      if (next === "propose") return setReturned(made)
      const { number } = made.version
      toast({
        text: made.created ? `Saved as version ${number} of ${made.notebook.path}.` : `Version ${number} says this already.`,
        action: { word: "Show", do: () => go(versionsHref(made.notebook.id, number)) },
      })
      onClose()
    } catch (thrown) {
      setError(thrown)
      setTheirs(theirsIn(thrown))
      setDoing(undefined)
    }
  }
  if (returned) return <ProposeDialog notebook={{ ...returned.notebook, latest: returned.version.number }} onClose={onClose} />
  const on = theirs === undefined ? "" : ` on top of version ${theirs}`
  return (
    <Modal opened onClose={onClose} title={`Save as a version of ${origin.notebook?.path ?? "its notebook"}`}>
      <p>What stands here goes back into the notebook it was opened from, without the parameters of this one run.</p>
      <Textarea
        label="What is new"
        autosize
        minRows={2}
        maxLength={2000}
        value={message}
        onChange={(event) => setMessage(event.currentTarget.value)}
        data-autofocus
      />
      <Wrong error={error} />
      <Group justify="flex-end" gap={8} mt={20}>
        <Button onClick={onClose}>Cancel</Button>
        <Button loading={doing === "save"} onClick={() => save("save")}>
          Save{on}
        </Button>
        <Button variant="filled" loading={doing === "propose"} onClick={() => save("propose")}>
          Save{on} and propose
        </Button>
      </Group>
    </Modal>
  )
}

/** The version that somebody saved meanwhile: named once, it may be saved upon. */
function theirsIn(error: unknown): number | undefined {
  if (!(error instanceof ApiProblem) || error.problem.code !== "edited_meanwhile") return undefined
  const theirs = error.problem.facts?.["theirs"]
  const number = typeof theirs === "object" && theirs !== null && "number" in theirs ? theirs.number : undefined
  return typeof number === "number" ? number : undefined
}
