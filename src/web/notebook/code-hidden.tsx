/** A notebook whose code the person may not see: what it is, that it can be run, and what its runs have reported. */
import { Button } from "@mantine/core"
import { IconBell, IconEyeOff, IconPlayerPlayFilled } from "@tabler/icons-react"
import { lazy, Suspense, useState } from "react"
import { useApi } from "#web/app/api.ts"
import { Go, useGo } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { Page } from "#web/app/page.tsx"
import { Person } from "#web/app/person.tsx"
import { runHref, templateHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import css from "#web/notebook/code-hidden.module.css"
import { crumbsOf, type NotebookInfo } from "#web/notebook/crumbs.ts"
import { filterOf } from "#web/runs/filter.ts"
import { RunTable } from "#web/runs/run-table.tsx"
import { useRuns } from "#web/runs/use-runs.ts"

const RunDialog = lazy(() => import("#web/launch/run-dialog.tsx").then(({ RunDialog }) => ({ default: RunDialog })))
const SubscribeDialog = lazy(() => import("#web/subscriptions/subscribe-dialog.tsx").then(({ SubscribeDialog: it }) => ({ default: it })))

export function CodeHidden({ info }: { readonly info: NotebookInfo }) {
  const [open, setOpen] = useState<"run" | "subscribe">()
  const close = () => setOpen(undefined)
  const run = info.may?.run ?? false
  return (
    <Page title={info.title} crumbs={crumbsOf(info)}>
      <header className={css["head"]}>
        <h1>
          <bdi>{info.title}</bdi>
        </h1>
        <p className={css["why"]}>
          <IconEyeOff size={17} stroke={1.6} aria-hidden="true" />
          <span>
            Its code is shown only to those who edit it.{" "}
            {run ? "You may run it, and read what its runs report." : "You may read what its runs report."} <Person person={info.owner} /> owns it:
            ask them if you need to see more.
          </span>
        </p>
        <div className={css["actions"]}>
          {run && (
            <Button size="md" variant="filled" leftSection={<IconPlayerPlayFilled size={14} aria-hidden="true" />} onClick={() => setOpen("run")}>
              Run
            </Button>
          )}
          <Button size="md" leftSection={<IconBell size={15} aria-hidden="true" />} onClick={() => setOpen("subscribe")}>
            Subscribe
          </Button>
        </div>
        <ByName notebook={info.id} />
      </header>
      <Reports notebook={info.id} />
      <Suspense>
        {open === "run" && <RunDialog notebook={info.id} onClose={close} />}
        {open === "subscribe" && <SubscribeDialog of={{ notebook: info.id, title: info.title }} onClose={close} />}
      </Suspense>
    </Page>
  )
}

/** What is run by name says more of itself. */
function ByName({ notebook }: { readonly notebook: string }) {
  const { data } = useApi("listTemplates", { query: { notebook } })
  const promoted = data?.items.filter(({ latest }) => latest > 0) ?? []
  if (promoted.length === 0) return null
  return (
    <p className={css["templates"]}>
      It is the template{" "}
      {promoted.map(({ name }, index) => (
        <span key={name}>
          {index > 0 && ", "}
          <Go href={templateHref(name)}>
            <code>{name}</code>
          </Go>
        </span>
      ))}
      .
    </p>
  )
}

function Reports({ notebook }: { readonly notebook: string }) {
  const me = useMe()
  const go = useGo()
  const [at, setAt] = useState(-1)
  const list = useRuns(filterOf({ notebook }), me.person.id)
  return (
    <section aria-labelledby="its-runs">
      <h2 id="its-runs">Its runs</h2>
      {list.error && list.runs.length === 0 ? (
        <Problem error={list.error} retry={list.again} />
      ) : list.isPending ? (
        <SkeletonRows rows={4} />
      ) : list.runs.length === 0 ? (
        <p className={css["none"]}>It has not been run yet.</p>
      ) : (
        <RunTable
          runs={list.runs}
          hasMore={list.hasMore}
          onEnd={list.more}
          at={at}
          onAt={setAt}
          onOpen={(run) => go(runHref(run.id))}
          showsNotebook={false}
        />
      )}
    </section>
  )
}
