import { Button, Textarea, TextInput } from "@mantine/core"
import { useState } from "react"
import { api, useApi, usePages } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { useMe } from "#web/app/me.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { toast } from "#web/app/toast.tsx"
import { Form, Rows, Section } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"

export function EnvironmentsPart() {
  const me = useMe()
  return (
    <>
      <Section title="Kernels" about="What new notebooks can be written for. They come from the Jupyter kernelspecs of this machine.">
        <Kernels />
      </Section>
      {me.isAdmin && (
        <Section
          title="Build"
          about="A locked environment from a list of packages: it can be built again exactly, and every run names the one it used."
        >
          <Build />
        </Section>
      )}
      <Section title="Environments">
        <Environments />
      </Section>
    </>
  )
}

function Kernels() {
  const { data, error } = useApi("listKernels", {})
  if (error) return <Problem error={error} />
  if (!data) return <SkeletonRows rows={2} />
  if (data.items.length === 0)
    return <Empty title="No kernel is installed">npm start makes one for Python; others are found on Jupyter's search path.</Empty>
  return (
    <Rows columns={["Kernel", "Language", "Name"]} label="Kernels">
      {data.items.map(({ name, displayName, language }) => (
        <tr key={name}>
          <td>{displayName}</td>
          <td className={css["quiet"]}>{language}</td>
          <td className={css["quiet"]}>
            <code>{name}</code>
          </td>
        </tr>
      ))}
    </Rows>
  )
}

function Environments() {
  const { items, error, isLoading, hasMore, more, retry } = usePages("listEnvironments", { query: { limit: 50 } })
  if (error) return <Problem error={error} retry={retry} />
  if (isLoading || !items) return <SkeletonRows rows={3} />
  if (items.length === 0) return <Empty title="No environment is known yet">The first run describes the one that it used, and it stands here.</Empty>
  return (
    <>
      <Rows columns={["Name", "Kind", "Packages asked for", "Made", "Last used"]} label="Environments">
        {items.map(({ sha256, name, kind, requirements, createdAt, lastUsedAt }) => (
          <tr key={`${sha256} ${name}`}>
            <td>
              {name || "captured"}
              <div className={css["small"]} title={sha256}>
                <code>{sha256.slice(0, 12)}</code>
              </div>
            </td>
            <td className={css["quiet"]}>{kind}</td>
            <td className={css["quiet"]}>
              {requirements.slice(0, 8).join(", ") + (requirements.length > 8 ? `, and ${requirements.length - 8} more` : "")}
            </td>
            <td className={css["quiet"]}>
              <Time at={createdAt} />
            </td>
            <td className={css["quiet"]}>
              <Time at={lastUsedAt} none="never" />
            </td>
          </tr>
        ))}
      </Rows>
      {hasMore && (
        <Button mt={12} onClick={more}>
          Show more
        </Button>
      )}
    </>
  )
}

function Build() {
  const [now, set] = useState({ name: "", requirements: "", python: "" })
  const build = async () => {
    const requirements = now.requirements
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean)
    const python = now.python.trim()
    await api.call("buildEnvironment", { body: { name: now.name.trim(), requirements, ...(python === "" ? {} : { python }) } })
    toast(`The environment ${now.name} is built.`)
    set({ name: "", requirements: "", python: "" })
  }
  return (
    <Form
      action="Build"
      isReady={now.name.trim() !== ""}
      onSubmit={build}
      meanwhile="It is being built; this takes a minute or two. You can leave: it goes on, and stands below when it is done."
    >
      <TextInput label="Name" placeholder="forecasting" value={now.name} onChange={(event) => set({ ...now, name: event.currentTarget.value })} />
      <Textarea
        label="Packages"
        description="As pip writes them, one a line."
        placeholder={"pandas==2.3.*\nscikit-learn"}
        autosize
        minRows={3}
        value={now.requirements}
        onChange={(event) => set({ ...now, requirements: event.currentTarget.value })}
      />
      <TextInput
        label="Python"
        description="Empty: the newest that is there."
        placeholder="3.12"
        value={now.python}
        onChange={(event) => set({ ...now, python: event.currentTarget.value })}
      />
    </Form>
  )
}
