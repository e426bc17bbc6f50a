import { TagsInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"

export function TagsDialog({ notebook, onClose }: { readonly notebook: Answered<"getNotebook">; readonly onClose: () => void }) {
  const [tags, setTags] = useState<string[]>([...notebook.tags])
  const submit = () => api.call("setTags", { params: { notebook: notebook.id }, body: { tags } })
  return (
    <FormDialog title="Tags" action="Save" onSubmit={submit} onClose={onClose}>
      <TagsInput
        label="Tags of this notebook"
        description="Lists can be narrowed to a tag, and searches with tag:name. Enter after each."
        value={tags}
        onChange={setTags}
        maxTags={50}
        data-autofocus
      />
    </FormDialog>
  )
}
