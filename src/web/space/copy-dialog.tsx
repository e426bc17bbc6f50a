import { TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { useGo } from "#web/app/go.tsx"
import { nameOf, notebookHref, parentOf, pathIn } from "#web/app/places.ts"
import { cleanFolder, type Place, PlaceFields, useEditableSpaces } from "#web/space/place-fields.tsx"

type Notebook = Answered<"getNotebook">

/** A second notebook that begins as this one is now. */
export function CopyDialog({ notebook, onClose }: { readonly notebook: Notebook; readonly onClose: () => void }) {
  const go = useGo()
  const { id, path, space } = notebook
  const spaces = useEditableSpaces()
  const isHere = spaces?.some(({ name }) => name === space.name) ?? true
  const [name, setName] = useState(nameOf(path).replace(/\.ipynb$/iu, " copy.ipynb"))
  const [chosen, setPlace] = useState<Place>()
  const place = chosen ?? (isHere ? { space: space.name, folder: parentOf(path) } : { space: spaces?.[0]?.name ?? "", folder: "" })
  const submit = async () => {
    const to = pathIn(cleanFolder(place.folder), /\.ipynb$/iu.test(name) ? name.trim() : `${name.trim()}.ipynb`)
    const copy = await api.call("copyNotebook", { params: { notebook: id }, body: { space: place.space, path: to } })
    go(notebookHref(copy.id))
  }
  return (
    <FormDialog title="Make a copy" action="Copy" isReady={name.trim() !== "" && place.space !== ""} onSubmit={submit} onClose={onClose}>
      <TextInput label="File name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <PlaceFields place={place} onChange={setPlace} />
    </FormDialog>
  )
}
