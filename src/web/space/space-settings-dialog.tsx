import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { spaceHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { toast } from "#web/app/toast.tsx"

type Space = Answered<"getSpace">

export function SpaceSettingsDialog({ space, onClose }: { readonly space: Space; readonly onClose: () => void }) {
  const go = useGo()
  const forget = useForget()
  const environments = useApi("listEnvironments", { query: { limit: 200 } })
  const [now, set] = useState({ name: space.name, title: space.title, maxRunning: space.maxRunning, defaultEnvironment: space.defaultEnvironment })
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    try {
      const changed = await api.call("changeSpace", { params: { space: space.id }, body: now })
      await forget()
      onClose()
      go(spaceHref(changed.name))
    } catch (thrown) {
      setError(thrown)
    }
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
      setError(thrown)
    }
  }
  const known = (environments.data?.items ?? []).map(({ sha256, name }) => ({
    value: sha256,
    label: `${name || "captured"} · ${sha256.slice(0, 8)}`,
  }))
  return (
    <Modal opened onClose={onClose} title="Settings of the space">
      <form onSubmit={submit}>
        <Stack gap={14}>
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
          <Wrong error={error} />
          <Group justify="space-between">
            <Button variant="subtle" onClick={trash}>
              Move the space to the trash
            </Button>
            <Group gap={8}>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" variant="filled">
                Save
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
