/** What a version is: its number, its name, who saved it when and why, and what it is compared with. */
import { Button, Select, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { isAtLeast } from "#web/app/me.ts"
import { Person } from "#web/app/person.tsx"
import { runsHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Time } from "#web/app/time.tsx"
import { counted, sizeWords } from "#web/app/words.ts"
import { InEnvironment } from "#web/readiness/in-environment.tsx"
import { proofWords } from "#web/readiness/proof.ts"
import { TestsOfVersion } from "#web/tests/tests-of-version.tsx"
import type { VersionView } from "#web/versions/timeline.ts"
import css from "#web/versions/versions.module.css"

type Props = {
  readonly notebook: Answered<"getNotebook">
  readonly version: VersionView
  readonly against: number | undefined
  readonly onAgainst: (version: string | undefined) => void
}

export function VersionHead({ notebook, version, against, onAgainst }: Props) {
  const { number, author, createdAt, message, sizeBytes, files, parent } = version
  return (
    <header className={css["head"]}>
      <h1>
        Version {number}
        {number === notebook.latest && <span className={css["newest"]}>newest</span>}
      </h1>
      <Name notebook={notebook} version={version} />
      {message !== "" && <p className={css["said"]}>{message}</p>}
      <p className={css["facts"]}>
        {author && <Person person={author} />}
        <Time at={createdAt} />
        <span>{sizeWords(sizeBytes)}</span>
        {files > 0 && <span>with {counted(files, "file")}</span>}
        <Go href={runsHref({ notebook: notebook.id, version: String(number) })}>Its runs</Go>
      </p>
      <Proven notebook={notebook.id} version={number} />
      {notebook.may?.readCode && <TestsOfVersion notebook={notebook.id} version={number} mayEdit={notebook.may.edit} />}
      <Against latest={notebook.latest} notebook={notebook.id} number={number} parent={parent} against={against} onAgainst={onAgainst} />
    </header>
  )
}

/** How its newest proof came out; nothing of a version that nobody proved. */
function Proven({ notebook, version }: { readonly notebook: string; readonly version: number }) {
  const proof = useApi("listProofs", { params: { notebook }, query: { version, limit: 1 } }).data?.items[0]
  if (!proof) return null
  return (
    <p className={css["facts"]}>
      <StateBadge state={proof.state} title={proofWords(proof)} />
      <span>
        {proof.state === "clean" ? "proven by" : "tried by"} <Person person={proof.askedBy} />, <Time at={proof.endedAt ?? proof.askedAt} />
        <InEnvironment digest={proof.environment} />
      </span>
    </p>
  )
}

type AgainstProps = { readonly latest: number; readonly notebook: string; readonly number: number; readonly parent: number | null } & Pick<
  Props,
  "against" | "onAgainst"
>

function Against({ latest, notebook, number, parent, against, onAgainst }: AgainstProps) {
  const known = useApi("listVersions", { params: { notebook }, query: { limit: 100 } }).data?.items ?? []
  const others = known
    .filter((one) => one.number !== number)
    .map((one) => ({ value: String(one.number), label: `Version ${one.number}${one.label === null ? "" : ` · ${one.label}`}` }))
  const isListed = against === undefined || others.some(({ value }) => value === String(against))
  if (latest === 1) return null
  return (
    <div className={css["compare"]}>
      <Select
        aria-label="Compare with"
        size="xs"
        data={[{ value: "", label: "nothing" }, ...(isListed ? [] : [{ value: String(against), label: `Version ${against}` }]), ...others]}
        value={against === undefined ? "" : String(against)}
        onChange={(chosen) => onAgainst(chosen === null || chosen === "" ? undefined : chosen)}
        searchable
        leftSection={<span className={css["with"]}>Compare with</span>}
        leftSectionWidth={96}
      />
      {parent !== null && against !== parent && <Button onClick={() => onAgainst(String(parent))}>What changed since version {parent}</Button>}
    </div>
  )
}

/** A name makes a version easy to find again; it can be changed at any time. */
function Name({ notebook: { id, space }, version: { number, label } }: { readonly notebook: Props["notebook"]; readonly version: VersionView }) {
  const role = useApi("getSpace", { params: { space: space.id } }).data?.role ?? null
  const [typed, setTyped] = useState<string>()
  const [error, setError] = useState<unknown>()
  const forget = useForget()
  const save = async () => {
    const next = typed?.trim() ?? ""
    try {
      if (next !== (label ?? ""))
        await api.call("labelVersion", { params: { notebook: id, version: number }, body: { label: next === "" ? null : next } })
      setTyped(undefined)
      setError(undefined)
      await forget()
    } catch (thrown) {
      setError(thrown)
    }
  }
  if (typed === undefined)
    return (
      <p className={css["name"]}>
        {label !== null && <bdi className={css["label"]}>{label}</bdi>}
        {isAtLeast(role, "editor") && (
          <Button size="compact-xs" variant="subtle" onClick={() => setTyped(label ?? "")}>
            {label === null ? "Name this version" : "Rename"}
          </Button>
        )}
      </p>
    )
  return (
    <form
      className={css["name"]}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextInput
        size="xs"
        aria-label="Name of this version"
        placeholder="Sent to the board"
        maxLength={100}
        value={typed}
        data-autofocus
        ref={(input) => input?.focus()}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
        onKeyDown={({ key }) => key === "Escape" && setTyped(undefined)}
      />
      <Button size="xs" type="submit">
        Save
      </Button>
      <Wrong error={error} />
    </form>
  )
}
