import { Select, TextInput } from "@mantine/core"
import { useState } from "react"
import { ApiProblem } from "#api/client.ts"
import { api, useApi } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { useGo } from "#web/app/go.tsx"
import { notebookHref, pathIn } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { blankNotebook, fileNameOf, type KernelChoice } from "#web/space/blank-notebook.ts"
import { cleanFolder, type Place, PlaceFields, usePlace } from "#web/space/place-fields.tsx"

type Props = { readonly place?: Place; readonly onClose: () => void }

export function NewNotebookDialog({ place: given = { space: "", folder: "" }, onClose }: Props) {
  const [title, setTitle] = useState("")
  const [chosen, choose] = useState<Partial<Place>>({})
  const place = usePlace(given.space === "" ? {} : given, chosen)
  const kernels = useApi("listKernels", {})
  const [kernelName, setKernel] = useState<string | null>(null)
  const kernel = kernels.data?.items.find(({ name }) => name === kernelName) ?? usual(kernels.data?.items ?? [])
  const go = useGo()
  const create = async () => {
    if (kernel) go(notebookHref(await putNew(title, place, kernel)))
  }
  return (
    <FormDialog title="New notebook" action="Create" isReady={kernel !== undefined && place.space !== ""} onSubmit={create} onClose={onClose}>
      <TextInput label="Title" placeholder="Untitled" value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus />
      <Select
        label="Kernel"
        data={(kernels.data?.items ?? []).map(({ name, displayName }) => ({ value: name, label: displayName }))}
        value={kernel?.name ?? null}
        onChange={setKernel}
        error={kernels.data?.items.length === 0 ? "No kernel is installed on this server. npm start makes one for Python." : undefined}
      />
      <PlaceFields place={place} onChange={choose} />
      <Wrong error={kernels.error} />
    </FormDialog>
  )
}

function usual(kernels: readonly KernelChoice[]): KernelChoice | undefined {
  return kernels.find(({ name }) => name === "python3") ?? kernels[0]
}

/** Gives its id. Nothing that is there is overwritten (`base: 0`); "Untitled" takes the next number that is free. */
async function putNew(title: string, { space, folder }: Place, kernel: KernelChoice): Promise<string> {
  const path = pathIn(cleanFolder(folder), fileNameOf(title))
  const body = blankNotebook(kernel, crypto.randomUUID().slice(0, 8))
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? path : path.replace(/\.ipynb$/u, ` ${number}.ipynb`)
    try {
      return (await api.call("createNotebook", { query: { space, path: numbered, base: 0 }, body })).notebook.id
    } catch (error) {
      const isTaken = error instanceof ApiProblem && error.status === 409
      if (title.trim() !== "" || !isTaken || number >= 50) throw error
    }
  }
}
