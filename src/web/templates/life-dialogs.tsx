/** A template that should not be used any more, or that somebody else answers for. */
import { Button, Select, Textarea } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { toast } from "#web/app/toast.tsx"
import { PersonPicker, type Picked } from "#web/share/person-picker.tsx"
import css from "#web/templates/templates.module.css"

type Template = Answered<"getTemplate">

export function DeprecateDialog({ template, onClose }: { readonly template: Template; readonly onClose: () => void }) {
  const { name, deprecatedAt } = template
  const [text, setText] = useState(template.deprecation)
  const [successor, setSuccessor] = useState<string | null>(template.successor)
  const known = useApi("listTemplates", { query: {} })
  const names = (known.data?.items ?? []).map((one) => one.name).filter((one) => one !== name)
  const decide = (deprecation: string | null) =>
    api.call("decideTemplate", { params: { template: name }, body: { deprecation, successor: deprecation === null ? null : successor } })
  return (
    <FormDialog title={`Deprecate ${name}`} action="Deprecate" onClose={onClose} onSubmit={() => decide(text)}>
      <p className={css["quiet"]}>It still runs. Who looks at it, in the gallery and on its page, reads what you say here.</p>
      <Textarea label="Why, and what to do instead" autosize minRows={2} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Select label="Successor" placeholder="none" searchable clearable data={names} value={successor} onChange={setSuccessor} />
      {deprecatedAt !== null && (
        <Button
          variant="subtle"
          onClick={() =>
            void decide(null).then(() => {
              toast(`${name} may be used again.`)
              onClose()
            })
          }
        >
          It may be used again
        </Button>
      )}
    </FormDialog>
  )
}

type HandingOver = { readonly name: string; readonly owner: Template["owner"]; readonly onClose: () => void }

export function HandOverDialog({ name, owner, onClose }: HandingOver) {
  const [to, setTo] = useState<Picked>()
  const give = () => api.call("handOverTemplate", { params: { template: name }, body: { person: to?.id ?? "" } })
  return (
    <FormDialog title={`Hand over ${name}`} action="Hand over" isReady={to !== undefined} onClose={onClose} onSubmit={give}>
      <p className={css["quiet"]}>
        {owner.name} owns it now. Whoever gets it has to be able to edit it. What ran in the name of {owner.name} does so no more.
      </p>
      <PersonPicker label="To" picked={to} onPick={setTo} />
    </FormDialog>
  )
}
