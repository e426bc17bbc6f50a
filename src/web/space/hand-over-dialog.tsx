import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { toast } from "#web/app/toast.tsx"
import { PersonPicker, type Picked } from "#web/share/person-picker.tsx"

/** Another owner for a notebook. */
export function HandOverDialog({ notebook, onClose }: { readonly notebook: Answered<"getNotebook">; readonly onClose: () => void }) {
  const { id, owner, title } = notebook
  const forget = useForget()
  const [person, setPerson] = useState<Picked>()
  const give = (to: string) => api.call("setOwner", { params: { notebook: id }, body: { person: to } })
  const submit = async () => {
    if (!person) return
    await give(person.id)
    const undo = () => give(owner.id).then(forget)
    toast({ text: `“${title}” is owned by ${person.name} now.`, ...(owner.hasLeft ? {} : { undo }) })
  }
  return (
    <FormDialog title="Hand over" action="Hand over" isReady={person !== undefined} onSubmit={submit} onClose={onClose}>
      <p>
        Its owner is {owner.name}
        {owner.hasLeft ? ", who has left" : ""}. The owner answers for a notebook and hears when its runs fail.
      </p>
      <PersonPicker label="New owner" people onlyActive onPick={setPerson} picked={person} />
    </FormDialog>
  )
}
