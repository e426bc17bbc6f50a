/** The list at the left: days, versions, and the runs that came between. */
import { Button } from "@mantine/core"
import { type KeyboardEvent, useMemo } from "react"
import { useNow } from "#web/app/clock.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { runHref, runsHref, versionsHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { StateBadge } from "#web/app/state-badge.tsx"
import { counted } from "#web/app/words.ts"
import { TestMark, useTestMarks } from "#web/tests/test-mark.tsx"
import { dayWords, localDay, type RunGroup, timeline, type VersionView } from "#web/versions/timeline.ts"
import type { VersionList } from "#web/versions/use-versions.ts"
import css from "#web/versions/versions.module.css"

type Props = {
  readonly list: VersionList
  readonly notebook: { readonly id: string; readonly latest: number; readonly may?: { readonly readCode: boolean } | undefined }
  readonly at: number
  readonly against: number | undefined
  readonly onOpen: (version: number) => void
  readonly onAgainst: (version: number | undefined) => void
}

export function Timeline({ list, notebook, at, against, onOpen, onAgainst }: Props) {
  const { versions, runs } = list
  const tests = useTestMarks(notebook.id, notebook.may?.readCode ?? false)
  const days = useMemo(() => timeline(versions, runs, localDay), [versions, runs])
  const today = localDay(new Date(useNow()).toISOString())
  if (list.error && versions.length === 0) return <Problem error={list.error} retry={list.again} />
  if (list.isPending) return <SkeletonRows rows={12} />
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = STEPS[event.key]
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const next = versions[versions.findIndex(({ number }) => number === at) + step]
    if (!next) return
    event.preventDefault()
    onOpen(next.number)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys move among the links in it
    <div onKeyDown={onKeyDown}>
      {days.map(({ day, entries }) => (
        <section key={day} className={css["day"]} aria-label={dayWords(day, today)}>
          <h2>{dayWords(day, today)}</h2>
          <ol>
            {entries.map((entry) =>
              entry.kind === "version" ? (
                <VersionItem
                  key={`v${entry.version.number}`}
                  version={entry.version}
                  tests={tests.get(entry.version.number)}
                  {...{ notebook, at, against, onAgainst }}
                />
              ) : (
                <RunsItem key={entry.runs[0]?.id} group={entry} notebook={notebook.id} />
              ),
            )}
          </ol>
        </section>
      ))}
      {list.hasMore && (
        <Button onClick={list.more} loading={list.isReading}>
          Show older versions
        </Button>
      )}
      {list.hasMoreRuns && (
        <p className={css["quiet"]}>
          Only the newest runs stand here. <Go href={runsHref({ notebook: notebook.id })}>All runs</Go>
        </p>
      )}
    </div>
  )
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" })

type ItemProps = Pick<Props, "notebook" | "at" | "against" | "onAgainst"> & {
  readonly version: VersionView
  readonly tests: Parameters<typeof TestMark>[0]["state"]
}

function VersionItem({ version: { number, label, message, author, createdAt, source }, tests, notebook, at, against, onAgainst }: ItemProps) {
  const isOpen = number === at
  return (
    <li className={css["version"]} data-open={isOpen} data-against={number === against}>
      <Go href={versionsHref(notebook.id, number)} aria-current={isOpen ? "page" : undefined} className={css["open"]}>
        <span className={css["number"]}>{number}</span>
        <span className={css["what"]}>
          {label !== null && <bdi className={css["label"]}>{label}</bdi>}
          {message !== "" && <bdi className={css["message"]}>{message}</bdi>}
          <span className={css["quiet"]}>
            <time dateTime={createdAt}>{TIME.format(Date.parse(createdAt))}</time>
            {author && (
              <>
                {" "}
                <Person person={author} />
              </>
            )}
            {SOURCES[source]}
            <TestMark state={tests} />
          </span>
        </span>
      </Go>
      {!isOpen && (
        <button
          type="button"
          className={css["against"]}
          aria-pressed={number === against}
          onClick={() => onAgainst(number === against ? undefined : number)}
        >
          {number === against ? "Compared" : "Compare"}
          <span className="unseen"> with version {number}</span>
        </button>
      )}
    </li>
  )
}

const SOURCES: Readonly<Record<string, string>> = { import: ", imported", api: ", by the API", git: ", from git" }

function RunsItem({ group: { runs, version, failures }, notebook }: { readonly group: RunGroup; readonly notebook: string }) {
  const [first] = runs
  if (!first) return null
  const href = runs.length === 1 ? runHref(first.id) : runsHref({ notebook, version: String(version) })
  return (
    <li className={css["runs"]}>
      <Go href={href}>
        <StateBadge state={first.state} /> {runs.length === 1 ? "run" : counted(runs.length, "run")} of version {version}
        {failures > 0 && runs.length > 1 && `, ${failures} failed`}
      </Go>
    </li>
  )
}
