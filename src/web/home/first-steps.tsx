/** What to do on the first day; it goes when it was put away. */
import { ActionIcon, Button } from "@mantine/core"
import { useLocalStorage } from "@mantine/hooks"
import { IconX } from "@tabler/icons-react"
import { useState } from "react"
import { api, useApi } from "#web/app/api.ts"
import { CopyField } from "#web/app/copy-field.tsx"
import { Go } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { notebookHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { counted } from "#web/app/words.ts"
import css from "#web/home/home.module.css"
import { RoleSelect } from "#web/share/role-select.tsx"
import { type Role, roleWords } from "#web/share/roles.ts"
import { useExamples } from "#web/templates/examples-part.tsx"

/** `mayWrite`: there is a space in which they may make notebooks. */
export function FirstSteps({ mayWrite, onNew }: { readonly mayWrite: boolean; readonly onNew: () => void }) {
  const me = useMe()
  const [isDone, setDone] = useLocalStorage({ key: `stet-first-steps-${me.person.id}`, defaultValue: false, getInitialValueInEffect: false })
  const people = useApi("listPeople", { query: { limit: 2 } }, { enabled: me.isAdmin && !isDone })
  const self = useApi("getPerson", { params: { person: me.person.id } }, { enabled: !isDone })
  const first = useApi("listNotebooks", { query: { limit: 50, order: "title", language: "python" } }, { enabled: !isDone })
  if (isDone || !first.data || !self.data || (me.isAdmin && !people.data)) return null
  const isAlone = me.isAdmin && people.data?.items.length === 1
  // Of the samples that are there on the first day, the one that shows most.
  const { items } = first.data
  const notebook = [/(^|\/)sales-report\.ipynb$/u, /report\.ipynb$/iu, /./u].flatMap((like) => items.find(({ path }) => like.test(path)) ?? [])[0]
  if (!notebook && !mayWrite) return null
  return (
    <section className={css["steps"]} aria-labelledby="first-steps">
      <h2 id="first-steps">Begin here</h2>
      <ActionIcon className={css["dismiss"]} aria-label="Put the first steps away" onClick={() => setDone(true)}>
        <IconX size={16} aria-hidden="true" />
      </ActionIcon>
      <ol>
        <li>
          <h3>Open a notebook</h3>
          <p>Edit it, run its cells on a live kernel, close the tab: what runs goes on, and nothing is lost.</p>
          {notebook ? (
            <Button component={Go} href={notebookHref(notebook.id)} variant="filled">
              Open “{notebook.title}”
            </Button>
          ) : (
            <Button variant="filled" onClick={onNew}>
              Write the first one
            </Button>
          )}
        </li>
        <ExamplesStep />
        {me.isAdmin && <InviteStep isAlone={isAlone} />}
        {me.isAdmin && <PlaceStep />}
        {self.data.hasPassword === false && !self.data.hasSingleSignOn && <ReturnStep />}
      </ol>
    </section>
  )
}

/** As long as nothing can be run by name, and there are examples that could be. */
function ExamplesStep() {
  const examples = useExamples(true)
  if (!examples || examples.left.length === 0 || !examples.areAll) return null
  return (
    <li>
      <h3>Run something by its name</h3>
      <p>{counted(examples.left.length, "example")} can become templates: whoever opens one fills a form and gets a report.</p>
      <Button component={Go} href="/templates">
        Look at the examples
      </Button>
    </li>
  )
}

/** With a role in the first space: whoever joins without any finds nothing at all. */
function InviteStep({ isAlone }: { readonly isAlone: boolean }) {
  const spaces = useApi("listSpaces", { query: {} })
  const [role, setRole] = useState<Role>("editor")
  const [link, setLink] = useState<string>()
  const [error, setError] = useState<unknown>()
  const space = spaces.data?.items[0]
  const body = space ? { space: space.name, role } : {}
  const make = () => api.call("createInvite", { body }).then((made) => setLink(made.link), setError)
  return (
    <li>
      <h3>Invite somebody</h3>
      <p>{isAlone ? "You are alone here so far. " : ""}A link works once, for a week, and needs no mail server: send it as you like.</p>
      {space && link === undefined && <RoleSelect label={`In “${space.title}” they are`} role={role} onChange={setRole} />}
      {space && link !== undefined && (
        <p>
          Who takes it up is {roleWords(role)} in “{space.title}”. Settings has more, for other spaces and roles.
        </p>
      )}
      {link === undefined ? (
        <Button onClick={make} loading={spaces.isPending}>
          Make an invitation link
        </Button>
      ) : (
        <CopyField text={link} label="Invitation link" />
      )}
      <Wrong error={error} />
    </li>
  )
}

/** For whoever came by a link that works once, and has nothing else to sign in with. */
function ReturnStep() {
  return (
    <li>
      <h3>Come back</h3>
      <p>The link that brought you here works once. With a login and a password you sign in again, from any browser.</p>
      <Button component={Go} href="/settings/profile">
        Set a password
      </Button>
    </li>
  )
}

/** What it means that the server listens where it does. */
function PlaceStep() {
  const { hostname, origin, protocol } = globalThis.location
  const isLoopback = ["localhost", "127.0.0.1", "[::1]", "::1"].includes(hostname)
  if (isLoopback)
    return (
      <li>
        <h3>Let others reach it</h3>
        <p>
          This server answers on this machine alone ({origin}). For others set <code>STET_HOST</code>, with a certificate (<code>STET_TLS_CERT</code>,{" "}
          <code>STET_TLS_KEY</code>) or behind a proxy that speaks TLS (<code>STET_TRUST_PROXY=1</code>), and start it again.
        </p>
      </li>
    )
  return (
    <li>
      <h3>Share the address</h3>
      <p>Everybody who has an account reaches it here{protocol === "https:" ? "" : ", without encryption on the way"}:</p>
      <CopyField text={origin} label="Address of this server" />
    </li>
  )
}
