/** Letting others have the kernel that one's own run left, and taking that back. */
import { ActionIcon, Button, Modal } from "@mantine/core"
import { IconX } from "@tabler/icons-react"
import { type FormEvent, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { Disc } from "#web/app/person.tsx"
import { Wrong } from "#web/app/problem.tsx"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import { PersonPicker, type Picked } from "#web/share/person-picker.tsx"
import css from "#web/share/share.module.css"

export type Held = Answered<"getKernel">
type Props = { readonly run: string; readonly held: Held; readonly onClose: () => void }

export function KernelDialog({ run, held: { until, people }, onClose }: Props) {
  const forget = useForget()
  const allow = (person: string) => api.call("allowKernel", { params: { run, person } }).then(forget)
  const takeBack = async ({ id, name }: { readonly id: string; readonly name: string }) => {
    try {
      await api.call("forbidKernel", { params: { run, person: id } })
      await forget()
      toast({ text: `${name} may not have this kernel any more.`, undo: () => allow(id) })
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <Modal opened onClose={onClose} title="Who may have this kernel" size="lg">
      <div className={css["parts"]}>
        <p>
          It holds what the run read with your rights, and whom you let have it can see all of that. They have to be able to edit the notebook.
          Whoever opens the run live first takes the kernel over; it ends <Time at={until} />.
        </p>
        <Allow onAllow={allow} />
        <section>
          <h3>May have it</h3>
          {people.length === 0 && <p className={css["none"]}>Nobody but you.</p>}
          <ul className={css["grants"]} aria-label="May have it">
            {people.map(({ person, at }) => (
              <li key={person.id}>
                <span className={css["receiver"]}>
                  <Disc person={person} />
                  <bdi>{person.name}</bdi>
                </span>
                <span className={css["quiet"]}>
                  <Time at={at} />
                </span>
                <ActionIcon aria-label={`Take it back from ${person.name}`} onClick={() => takeBack(person)}>
                  <IconX size={15} aria-hidden="true" />
                </ActionIcon>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Modal>
  )
}

function Allow({ onAllow }: { readonly onAllow: (person: string) => Promise<unknown> }) {
  const [to, setTo] = useState<Picked>()
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!to) return
    setError(undefined)
    try {
      await onAllow(to.id)
      setTo(undefined)
      toast(`${to.name} may take this kernel over. Send them the address of this page.`)
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <form onSubmit={submit} className={css["addOne"]}>
      <PersonPicker label="Let somebody have it" services={false} picked={to} onPick={setTo} />
      <Button type="submit" variant="filled" disabled={!to}>
        Allow
      </Button>
      <Wrong error={error} />
    </form>
  )
}
