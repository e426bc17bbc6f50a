/** What waits for the person: mentions, answers, proposals to review, failed runs, cells that ask for input, requests for access. */
import { Button } from "@mantine/core"
import {
  IconAlertTriangle,
  IconAt,
  IconBell,
  IconCircleCheck,
  IconGitPullRequest,
  IconKey,
  IconKeyboard,
  IconMessage,
  IconMessageReport,
  type IconProps,
  IconRosetteDiscountCheck,
  IconTestPipe,
} from "@tabler/icons-react"
import { type ComponentType, Fragment, type ReactNode } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget, usePages } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { Go } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { notebookHref, proposalHref, runHref, sharing, spaceHref, versionsHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { toastError } from "#web/app/toast.tsx"
import { HeadWithViews } from "#web/app/views.tsx"
import { AnswerTold } from "#web/inbox/answer-told.tsx"
import css from "#web/inbox/inbox.module.css"
import { useReading } from "#web/inbox/reading.ts"

type Notice = Answered<"listInbox">["items"][number]

const VIEWS = [
  ["unread", "Unread"],
  ["all", "All"],
] as const

export function InboxPage() {
  const [filters, change] = useFilters()
  const forget = useForget()
  const view = one(filters, "show") === "all" ? "all" : "unread"
  const isAll = view === "all"
  const { items, error, isLoading, hasMore, more, isFetchingMore, retry } = usePages(
    "listInbox",
    { query: isAll ? {} : { unread: "true" } },
    { everyMs: 15_000 },
  )
  const reading = useReading()
  const read = (ids?: readonly number[]) => reading(ids, () => api.call("readInbox", { body: ids ? { ids: [...ids] } : {} })).then(forget, toastError)
  return (
    <Page
      title="Inbox"
      actions={
        <Button disabled={!items?.some(({ readAt }) => readAt === null)} onClick={() => read()}>
          Mark all as read
        </Button>
      }
    >
      <HeadWithViews views={VIEWS} at={view} onView={(name) => change({ show: name === "all" ? "all" : undefined })}>
        <h1>Inbox</h1>
      </HeadWithViews>
      {error ? <Problem error={error} retry={retry} /> : null}
      {isLoading && <SkeletonRows rows={5} />}
      {items?.length === 0 && (
        <Empty title={isAll ? "Nothing has come yet" : "Nothing waits for you"}>
          Here you find comments that mention you or answer you, proposals that wait for your approval and what became of yours, runs of yours that
          failed, cells that ask for input while nobody watches, and requests for access to what you administer. No mail server is needed.
        </Empty>
      )}
      <ul className={css["notices"]}>
        {items?.map((notice) => (
          <OneNotice key={notice.id} notice={notice} onRead={() => void read([notice.id])} />
        ))}
      </ul>
      {hasMore && (
        <Button mt={16} loading={isFetchingMore} onClick={more}>
          Show more
        </Button>
      )}
    </Page>
  )
}

type Told = { readonly icon: ComponentType<IconProps>; readonly words: ReactNode; readonly href: string }

function told({ kind, notebook, space, run, proposal, version, cell, by }: Notice): Told {
  const who = <b>{by?.name ?? "Somebody"}</b>
  const what = <b>{notebook?.title ?? space?.name ?? "something"}</b>
  const there = notebook ? notebookHref(notebook.id, cell || undefined) : space ? spaceHref(space.name) : "/"
  const toRun = run ? runHref(run) : there
  const toProposal = proposal ? proposalHref(proposal) : there
  switch (kind) {
    case "mention":
      return { icon: IconAt, words: <Words parts={[who, "mentions you in", what]} />, href: there }
    case "reply":
      return { icon: IconMessage, words: <Words parts={[who, run ? "answers you about a run of" : "answers you in", what]} />, href: toRun }
    case "run_failed":
      return { icon: IconAlertTriangle, words: <Words parts={["A run of", what, "failed"]} />, href: toRun }
    case "run_ended":
      return { icon: IconBell, words: <Words parts={["A run of", what, "has ended"]} />, href: toRun }
    case "tests_failed":
      if (proposal) return { icon: IconTestPipe, words: <Words parts={["Checks of a proposal of", what, "fail"]} />, href: proposalHref(proposal) }
      return { icon: IconTestPipe, words: <Words parts={["Test cases of", what, "fail"]} />, href: toRun }
    case "tests_waiting":
      return {
        icon: IconTestPipe,
        words: <Words parts={["Test cases of", what, "wait for your yes"]} />,
        href: notebook && version !== null ? versionsHref(notebook.id, version) : there,
      }
    case "run_told":
      return { icon: IconMessageReport, words: <Words parts={[who, "tells you of a run of", what, "that did not succeed"]} />, href: toRun }
    case "input_waiting":
      return { icon: IconKeyboard, words: <Words parts={["A cell of", what, "asks for input"]} />, href: there }
    case "access_asked":
      return { icon: IconKey, words: <Words parts={[who, "asks for access to", what]} />, href: sharing(there, by?.id) }
    case "access_given":
      return { icon: IconKey, words: <Words parts={[who, "gave you access to", what]} />, href: there }
    case "review_asked":
      return { icon: IconGitPullRequest, words: <Words parts={[who, "asks for your approval of a proposal of", what]} />, href: toProposal }
    case "changes_asked":
      return { icon: IconMessageReport, words: <Words parts={[who, "asks for changes in your proposal of", what]} />, href: toProposal }
    case "approved":
      return { icon: IconCircleCheck, words: <Words parts={[who, "approved your proposal of", what]} />, href: toProposal }
    case "promoted":
      return { icon: IconRosetteDiscountCheck, words: <Words parts={[who, "promoted your proposal of", what]} />, href: toProposal }
  }
}

/** Names and words with a blank between them. */
function Words({ parts }: { readonly parts: readonly ReactNode[] }) {
  return parts.map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a sentence never changes its order
    <Fragment key={at}>
      {at > 0 && " "}
      {part}
    </Fragment>
  ))
}

/** The button goes with what it marked: whoever has no mouse goes on with the next. */
function passOn(button: HTMLElement): void {
  const all = [...(button.closest("ul")?.querySelectorAll<HTMLElement>(`.${css["read"]}`) ?? [])]
  const at = all.indexOf(button)
  const to = all[at + 1] ?? all[at - 1] ?? document.getElementById("main")
  to?.focus()
}

function OneNotice({ notice, onRead }: { readonly notice: Notice; readonly onRead: () => void }) {
  const { icon: Icon, words, href } = told(notice)
  const quote = notice.comment?.text ?? notice.said
  const isUnread = notice.readAt === null
  return (
    <li className={isUnread ? css["unread"] : undefined}>
      <Icon size={17} stroke={1.6} aria-hidden="true" />
      <div className={css["what"]}>
        <Go href={href} onClick={() => isUnread && onRead()}>
          {isUnread && <span className="unseen">Unread: </span>}
          {words}
        </Go>
        {quote !== "" && <p dir="auto">{quote}</p>}
        {notice.kind === "run_told" && notice.by && <AnswerTold notice={notice.id} name={notice.by.name} />}
      </div>
      <span className={css["when"]}>
        <Time at={notice.at} />
      </span>
      {isUnread && (
        <Button
          variant="subtle"
          className={css["read"] ?? ""}
          onClick={({ currentTarget }) => {
            passOn(currentTarget)
            onRead()
          }}
        >
          Mark as read
        </Button>
      )}
    </li>
  )
}
