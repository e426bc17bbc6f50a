/** What was promoted, and the names that stand for it: going back is naming an earlier one again. */
import { Button, Menu, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { proposalHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/templates/templates.module.css"

type Promotion = Answered<"listPromotions">["items"][number]

type Of = Pick<Answered<"getTemplate">, "name" | "latest" | "mayEdit">

export function ChangeLog({ template }: { readonly template: Of }) {
  const { name } = template
  const { data } = useApi("listPromotions", { params: { template: name } })
  if (!data || data.items.length === 0) return null
  return (
    <section aria-label="Change log">
      <h2>Change log</h2>
      <ol className={css["log"]}>
        {data.items.map((promotion) => (
          <Entry key={promotion.number} template={template} promotion={promotion} all={data.items} />
        ))}
      </ol>
    </section>
  )
}

type Props = { readonly template: Of; readonly promotion: Promotion; readonly all: readonly Promotion[] }

function Entry({ template: { name, latest, mayEdit }, promotion, all }: Props) {
  const { number, version, message, by, at, isReviewed, channels, proposal, author, versions } = promotion
  const others = versions.filter((one) => one.message !== message)
  return (
    <li>
      <p>
        <Go href={proposalHref(proposal)}>
          <b>Version {version}</b>
        </Go>{" "}
        {number === latest && <code>@latest-approved</code>}{" "}
        {channels.map((channel) => (
          <code key={channel}>@{channel} </code>
        ))}
        <span className={css["quiet"]}>
          promoted by <Person person={by} />, <Time at={at} />
          {!isReviewed && " · not reviewed"}
          {author !== null && author.id !== by.id && (
            <>
              {" · made by "}
              <Person person={author} />
            </>
          )}
        </span>
      </p>
      {message !== "" && <p dir="auto">{message}</p>}
      {others.length > 0 && <Since versions={others} />}
      {mayEdit && number !== latest && <GoBack name={name} promotion={promotion} isBack={number < latest} />}
      {mayEdit && (
        <Naming
          name={name}
          number={number}
          known={[...new Set(all.flatMap((one) => one.channels))].filter((channel) => !channels.includes(channel))}
        />
      )}
    </li>
  )
}

/** What the versions said that led to it. */
function Since({ versions }: { readonly versions: Promotion["versions"] }) {
  return (
    <ul className={css["since"]}>
      {versions.map(({ number, message, author, createdAt }) => (
        <li key={number}>
          <span className={css["quiet"]}>Version {number}</span> <bdi>{message}</bdi>{" "}
          <span className={css["quiet"]}>
            {author !== null && (
              <>
                <Person person={author} />,{" "}
              </>
            )}
            <Time at={createdAt} />
          </span>
        </li>
      ))}
    </ul>
  )
}

/** One click: whoever runs it without an @ gets this one from now on. */
function GoBack({
  name,
  promotion: { number, version },
  isBack,
}: {
  readonly name: string
  readonly promotion: Promotion
  readonly isBack: boolean
}) {
  const forget = useForget()
  const go = async () => {
    try {
      await api.call("pointChannel", { params: { template: name, channel: "latest-approved" }, body: { number } })
      toast(`${name} stands for version ${version} now.`)
    } catch (error) {
      toastError(error)
    }
    await forget()
  }
  return (
    <Button size="compact-xs" onClick={go}>
      {isBack ? "Go back to this" : "Go on to this"}
    </Button>
  )
}

/** The names that stand elsewhere, and a new one. */
function Naming({ name, number, known }: { readonly name: string; readonly number: number; readonly known: readonly string[] }) {
  const forget = useForget()
  const [fresh, setFresh] = useState("")
  const point = async (channel: string) => {
    try {
      await api.call("pointChannel", { params: { template: name, channel }, body: { number } })
      toast(`${name}@${channel} stands for this now.`)
      setFresh("")
    } catch (error) {
      toastError(error)
    }
    await forget()
  }
  return (
    <Menu width={260} closeOnItemClick returnFocus>
      <Menu.Target>
        <Button variant="subtle" size="compact-xs" className={css["name-it"]}>
          Name it…
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {known.map((channel) => (
          <Menu.Item key={channel} onClick={() => point(channel)}>
            Let @{channel} stand for this
          </Menu.Item>
        ))}
        <form
          className={css["naming"]}
          onSubmit={(event) => {
            event.preventDefault()
            if (fresh.trim() !== "") void point(fresh.trim())
          }}
        >
          <TextInput aria-label="A new name" placeholder="prod" value={fresh} onChange={(event) => setFresh(event.currentTarget.value)} />
          <Button type="submit">Name</Button>
        </form>
      </Menu.Dropdown>
    </Menu>
  )
}
