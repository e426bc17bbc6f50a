/** What was found in titles, text, code and outputs, with the words around it. */
import { Button, TextInput } from "@mantine/core"
import { IconSearch } from "@tabler/icons-react"
import { type FormEvent, type ReactNode, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { usePages } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { Go } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { notebookHref, parentOf, runsHref, spaceHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonText } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { counted } from "#web/app/words.ts"
import { LastRun } from "#web/notebooks/notebook-table.tsx"
import css from "#web/search/search.module.css"

type Hit = Answered<"search">["items"][number]

export function SearchPage() {
  const [filters] = useFilters()
  const q = (one(filters, "q") ?? "").trim()
  return (
    <Page title={q === "" ? "Search" : `Search: ${q.slice(0, 60)}`} crumbs={[{ label: "Search" }]}>
      <h1 className="unseen">Search</h1>
      <Form key={q} q={q} />
      {q === "" ? <Help /> : <Found q={q} />}
    </Page>
  )
}

function Form({ q }: { readonly q: string }) {
  const [, change] = useFilters()
  const [text, setText] = useState(q)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change({ q: text.trim() })
  }
  return (
    <search>
      <form onSubmit={submit} className={css["form"]}>
        <TextInput
          className={css["field"]}
          size="md"
          type="search"
          aria-label="Search"
          placeholder={'words, "a phrase", in:space/folder, tag:weekly'}
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoFocus={q === ""}
        />
        <Button type="submit" variant="filled">
          Search
        </Button>
      </form>
    </search>
  )
}

const EXAMPLES = [
  ["revenue forecast", "notebooks that hold both words, in whatever part"],
  ['"group by region"', "the words in this order"],
  ["churn -test", "without a word"],
  ["in:sales/reports tag:weekly", "within a folder, with a tag"],
  ["owner:me lang:r", "by who owns it and what it is written in"],
] as const

function Help() {
  return (
    <Empty title="Look into every notebook that you may read">
      <p>Titles, text, code and outputs are searched.</p>
      <dl className={css["examples"]}>
        {EXAMPLES.map(([q, what]) => (
          <div key={q}>
            <dt>
              <Go href={`/search?${new URLSearchParams({ q })}`}>
                <code>{q}</code>
              </Go>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Empty>
  )
}

function Found({ q }: { readonly q: string }) {
  const { items, error, isLoading, hasMore, more, isFetchingMore, retry } = usePages("search", { query: { q } })
  if (error) return <Problem error={error} retry={retry} />
  if (isLoading || !items) return <SkeletonText lines={10} />
  if (items.length === 0)
    return <Empty title="Nothing holds all of this">Nothing that you may read has all of these words. Try fewer, or the beginning of one.</Empty>
  return (
    <>
      <ol className={css["hits"]} aria-label="Found">
        {items.map((hit) => (
          <OneHit key={hit.notebook.id} hit={hit} />
        ))}
      </ol>
      {hasMore && (
        <Button mt={16} loading={isFetchingMore} onClick={more}>
          Show more
        </Button>
      )}
    </>
  )
}

const WHERE = { title: "title", path: "path", prose: "text", code: "code", outputs: "output" } as const

function OneHit({ hit: { notebook, snippets } }: { readonly hit: Hit }) {
  const { usage } = notebook
  const folder = parentOf(notebook.path)
  return (
    <li>
      <h2>
        <Go href={notebookHref(notebook.id)}>
          <bdi>{notebook.title}</bdi>
        </Go>
      </h2>
      <p className={css["facts"]}>
        <Go href={spaceHref(notebook.space.name, folder)}>
          <bdi>
            {notebook.space.name}/{notebook.path}
          </bdi>
        </Go>
        <span>{notebook.owner.name}</span>
        <span>
          edited <Time at={notebook.updatedAt} />
        </span>
        <span>
          last run: <LastRun usage={usage} />
        </span>
        <span>{counted(usage.runsWeek, "run")} a week</span>
        {usage.failuresWeek > 0 && (
          <Go href={runsHref({ notebook: notebook.id, state: "failed" })} className={css["failures"]}>
            {counted(usage.failuresWeek, "failure")}
          </Go>
        )}
      </p>
      {snippets
        .filter(({ where }) => where !== "title" && where !== "path")
        .map(({ where, text, ranges }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a hit's snippets never change
          <div key={at} className={css["snippet"]}>
            <span className={css["where"]}>{WHERE[where]}</span>
            {where === "prose" ? <p dir="auto">{marked(text, ranges)}</p> : <pre dir="auto">{marked(text, ranges)}</pre>}
          </div>
        ))}
    </li>
  )
}

function marked(text: string, ranges: readonly (readonly [number, number])[]): ReactNode {
  const pieces = ranges.flatMap(([from, to], at) => [text.slice(ranges[at - 1]?.[1] ?? 0, from), <mark key={from}>{text.slice(from, to)}</mark>])
  return [...pieces, text.slice(ranges.at(-1)?.[1] ?? 0)]
}
