import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { SkeletonText } from "#web/app/skeleton.tsx"
import { toast } from "#web/app/toast.tsx"
import { counted } from "#web/app/words.ts"
import { PersonPicker, type Picked } from "#web/share/person-picker.tsx"

/** Somebody leaves: what they own goes to somebody else, and then they may not sign in any more. */
export function LeaveDialog({ person, onClose }: { readonly person: Answered<"getPerson">; readonly onClose: () => void }) {
  const { data } = useApi("getHoldings", { params: { person: person.id } })
  const [to, setTo] = useState<Picked>()
  const owns =
    data !== undefined &&
    (data.notebookCount > 0 || data.fileCount > 0 || data.services.length > 0 || data.templates.length > 0 || data.administers.length > 0)
  const submit = async () => {
    if (to) await api.call("handOverAll", { params: { person: person.id }, body: { to: to.id } })
    await api.call("changePerson", { params: { person: person.id }, body: { isDisabled: true } })
    toast(to ? `${to.name} owns what ${person.name} owned; ${person.name} may not sign in any more.` : `${person.name} may not sign in any more.`)
  }
  return (
    <FormDialog
      title={`${person.name} leaves`}
      action={to ? "Hand over and end the account" : "End the account"}
      isReady={data !== undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      {!data && <SkeletonText lines={2} />}
      {data && (
        <p>
          {owns
            ? `${person.name} owns ${counted(data.notebookCount, "notebook")}, ${counted(data.fileCount, "file")} and ${counted(data.templates.length, "template")}, answers for ${counted(data.services.length, "service account")} and administers ${counted(data.administers.length, "space")}.`
            : `${person.name} owns nothing that somebody else would need.`}{" "}
          Sessions and tokens end at once; what they wrote and ran stays.
        </p>
      )}
      {owns && <PersonPicker label="Hand it over to" people picked={to} onPick={setTo} />}
    </FormDialog>
  )
}
