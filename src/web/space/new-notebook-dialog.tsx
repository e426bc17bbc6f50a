import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { ApiProblem } from "#api/client.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
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
  const { create, error, isMaking } = useCreate(onClose)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (kernel) void create(title, place, kernel)
  }
  return (
    <Modal opened onClose={onClose} title="New notebook">
      <form onSubmit={submit}>
        <Stack gap={14}>
          <TextInput label="Title" placeholder="Untitled" value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus />
          <Select
            label="Kernel"
            data={(kernels.data?.items ?? []).map(({ name, displayName }) => ({ value: name, label: displayName }))}
            value={kernel?.name ?? null}
            onChange={setKernel}
            error={kernels.data?.items.length === 0 ? "No kernel is installed on this server. npm start makes one for Python." : undefined}
          />
          <PlaceFields place={place} onChange={choose} />
          <Wrong error={error ?? kernels.error} />
          <Group justify="flex-end" gap={8}>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" loading={isMaking} disabled={!kernel || place.space === ""}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function usual(kernels: readonly KernelChoice[]): KernelChoice | undefined {
  return kernels.find(({ name }) => name === "python3") ?? kernels[0]
}

function useCreate(onClose: () => void) {
  const go = useGo()
  const forget = useForget()
  const [error, setError] = useState<unknown>()
  const [isMaking, setMaking] = useState(false)
  const create = async (title: string, { space, folder }: Place, kernel: KernelChoice) => {
    setMaking(true)
    setError(undefined)
    try {
      const path = pathIn(cleanFolder(folder), fileNameOf(title))
      const { notebook } = await putNew({ space, path, isNamed: title.trim() !== "" }, blankNotebook(kernel, crypto.randomUUID().slice(0, 8)))
      void forget()
      onClose()
      go(notebookHref(notebook.id))
    } catch (thrown) {
      setError(thrown)
      setMaking(false)
    }
  }
  return { create, error, isMaking }
}

type Where = { readonly space: string; readonly path: string; readonly isNamed: boolean }

/** Nothing that is there is overwritten (`base: 0`); "Untitled" takes the next number that is free. */
async function putNew({ space, path, isNamed }: Where, body: Uint8Array) {
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? path : path.replace(/\.ipynb$/u, ` ${number}.ipynb`)
    try {
      return await api.call("createNotebook", { query: { space, path: numbered, base: 0 }, body })
    } catch (error) {
      const isTaken = error instanceof ApiProblem && error.status === 409
      if (isNamed || !isTaken || number >= 50) throw error
    }
  }
}
