import { TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { nameOf, parentOf, pathIn } from "#web/app/places.ts"
import { toast } from "#web/app/toast.tsx"
import { cleanFolder, type Place, PlaceFields } from "#web/space/place-fields.tsx"

type Notebook = Answered<"getNotebook">

/** Another name, folder or space for a notebook; its address by id stays. */
export function MoveDialog({ notebook, onClose }: { readonly notebook: Notebook; readonly onClose: () => void }) {
  const { id, path, space } = notebook
  const forget = useForget()
  const [name, setName] = useState(nameOf(path))
  const [place, setPlace] = useState<Place>({ space: space.name, folder: parentOf(path) })
  const to = pathIn(cleanFolder(place.folder), /\.ipynb$/iu.test(name) ? name.trim() : `${name.trim()}.ipynb`)
  const move = (where: { readonly space: string; readonly path: string }) => api.call("moveNotebook", { params: { notebook: id }, body: where })
  const submit = async () => {
    await move({ space: place.space, path: to })
    const undo = () => move({ space: space.name, path }).then(forget)
    toast({ text: `It stands at ${place.space}/${to} now. Links to it go on working.`, undo })
  }
  return (
    <FormDialog title="Rename or move" action="Move" isReady={name.trim() !== "" && place.space !== ""} onSubmit={submit} onClose={onClose}>
      <TextInput label="File name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <PlaceFields place={place} onChange={setPlace} />
    </FormDialog>
  )
}
