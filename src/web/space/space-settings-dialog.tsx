import { Button, NumberInput, Select, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { useGo } from "#web/app/go.tsx"
import { spaceHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { SkeletonBox } from "#web/app/skeleton.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import { CodeOwners, ownerSpecs } from "#web/share/code-owners.tsx"
import type { Picked } from "#web/share/person-picker.tsx"

type Space = Answered<"getSpace">

export function SpaceSettingsDialog({ space, onClose }: { readonly space: Space; readonly onClose: () => void }) {
  const go = useGo()
  const forget = useForget()
  const environments = useApi("listEnvironments", { query: { limit: 200 } })
  const [now, set] = useState({ name: space.name, title: space.title, maxRunning: space.maxRunning, defaultEnvironment: space.defaultEnvironment })
  const kept = useApi("listCodeOwners", { params: { space: space.id } })
  const [owners, setOwners] = useState<readonly Picked[]>()
  const save = async () => {
    if (owners) await api.call("setCodeOwners", { params: { space: space.id }, body: { codeOwners: ownerSpecs(owners) } })
    const changed = await api.call("changeSpace", { params: { space: space.id }, body: now })
    go(spaceHref(changed.name))
  }
  const trash = async () => {
    try {
      await api.call("trashSpace", { params: { space: space.id } })
      await forget()
      onClose()
      go("/spaces")
      const undo = () => api.call("restoreSpace", { params: { space: space.id } }).then(forget)
      toast({ text: `The space “${space.title}” is in the trash with all that is in it.`, undo })
    } catch (thrown) {
      toastError(thrown)
    }
  }
  const toTrash = (
    <Button variant="subtle" onClick={trash}>
      Move the space to the trash
    </Button>
  )
  const known = (environments.data?.items ?? []).map(({ sha256, name }) => ({
    value: sha256,
    label: `${name || "captured"} · ${sha256.slice(0, 8)}`,
  }))
  return (
    <FormDialog title="Settings of the space" action="Save" aside={toTrash} onSubmit={save} onClose={onClose}>
      <TextInput label="Title" value={now.title} onChange={(event) => set({ ...now, title: event.currentTarget.value })} data-autofocus />
      <TextInput
        label="Name"
        description="The first part of the paths of what it holds. Programs that use paths must then use the new one."
        value={now.name}
        onChange={(event) => set({ ...now, name: event.currentTarget.value })}
      />
      <NumberInput
        label="Runs at once"
        description="Empty: as many as there are slots."
        min={1}
        max={10_000}
        value={now.maxRunning ?? ""}
        onChange={(value) => set({ ...now, maxRunning: typeof value === "number" ? value : null })}
      />
      <Select
        label="Usual environment"
        data={[{ value: "", label: "That of each notebook" }, ...known]}
        value={now.defaultEnvironment ?? ""}
        onChange={(value) => set({ ...now, defaultEnvironment: value || null })}
      />
      {kept.data ? (
        <CodeOwners
          label="Code owners"
          description="Whose approval every proposal of a template in this space takes: that of each person, and of one of each group. They must be able to edit it."
          owners={owners ?? kept.data.items}
          onChange={setOwners}
        />
      ) : kept.error ? (
        <Wrong error={kept.error} />
      ) : (
        <SkeletonBox height={90} />
      )}
    </FormDialog>
  )
}
