/** All spaces that one may see, and how a new one is made. */
import { Button, TextInput } from "@mantine/core"
import { IconFolderPlus } from "@tabler/icons-react"
import { useState } from "react"
import { api, useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { Go, useGo } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { spaceHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { roleWords } from "#web/share/roles.ts"
import css from "#web/space/space.module.css"

export function SpacesPage() {
  const [isMaking, setMaking] = useState(false)
  const { data, error, refetch } = useApi("listSpaces", { query: {} })
  const make = (
    <Button variant="filled" leftSection={<IconFolderPlus size={15} aria-hidden="true" />} onClick={() => setMaking(true)}>
      New space
    </Button>
  )
  return (
    <Page title="Spaces" actions={make}>
      <h1>Spaces</h1>
      {error ? <Problem error={error} retry={refetch} /> : null}
      {!data && !error && <SkeletonRows rows={4} />}
      {data?.items.length === 0 && (
        <Empty title="You are in no space yet" actions={make}>
          A space holds notebooks and files in folders, and says who may do what with them. Make one, or ask for an invitation to one.
        </Empty>
      )}
      <ul className={css["cards"]}>
        {data?.items.map(({ id, name, title, role }) => (
          <li key={id}>
            <Go href={spaceHref(name)}>
              <strong>
                <bdi>{title}</bdi>
              </strong>
              <span>
                {name}
                {role === null ? "" : ` · you are ${roleWords(role)}`}
              </span>
            </Go>
          </li>
        ))}
      </ul>
      {isMaking && <NewSpaceDialog onClose={() => setMaking(false)} />}
    </Page>
  )
}

function NewSpaceDialog({ onClose }: { readonly onClose: () => void }) {
  const go = useGo()
  const [title, setTitle] = useState("")
  const [given, setName] = useState<string>()
  const name = given ?? nameFrom(title)
  const submit = async () => {
    const made = await api.call("createSpace", { body: { name, title: title.trim() } })
    go(spaceHref(made.name))
  }
  return (
    <FormDialog title="New space" action="Create" isReady={name.trim() !== "" && title.trim() !== ""} onSubmit={submit} onClose={onClose}>
      <TextInput label="Title" placeholder="Sales analytics" value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus />
      <TextInput
        label="Name"
        description="Stands first in the path of everything in it."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

function nameFrom(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replace(/[/\\\s]+/gu, "-")
    .slice(0, 80)
}
