/** Notebooks as a dense table: every list of them shows the same facts about each. */
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react"
import type { ReactNode } from "react"
import type { Answered } from "#api/contract.ts"
import { type Filters, one, useFilters } from "#web/app/filters.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { notebookHref, parentOf, runsHref } from "#web/app/places.ts"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Time } from "#web/app/time.tsx"
import { digits } from "#web/app/words.ts"
import css from "#web/notebooks/notebook-table.module.css"
import { NotebookMenu } from "#web/space/notebook-menu.tsx"

export type Notebook = Answered<"getNotebook">

type Props = {
  readonly notebooks: readonly Notebook[]
  /** How the list is ordered when the address does not say. */
  readonly usualOrder: Order
}
export type Order = "path" | "title" | "updated" | "lastRun" | "runsWeek" | "failures"

export function NotebookTable({ notebooks, usualOrder }: Props) {
  return (
    <FactTable usualOrder={usualOrder}>
      {notebooks.map((notebook) => (
        <Row key={notebook.id} notebook={notebook} />
      ))}
    </FactTable>
  )
}

type Column = { readonly word: string; readonly order?: Order; readonly isNumber?: boolean }

const FACTS: readonly Column[] = [
  { word: "Owner" },
  { word: "Edited", order: "updated" },
  { word: "Last run", order: "lastRun" },
  { word: "Runs a week", order: "runsWeek", isNumber: true },
  { word: "Failures", order: "failures", isNumber: true },
]

type TableProps = {
  /** Of the first column. */
  readonly name?: string
  /** Where there is one the columns order the list; a folder has an order of its own. */
  readonly usualOrder?: Order
  readonly children: ReactNode
}

/** The table around rows that end with `FactCells`. */
export function FactTable({ name = "Notebook", usualOrder, children }: TableProps) {
  const columns: readonly Column[] = [{ word: name, order: "title" }, ...FACTS]
  return (
    <div className={css["scroll"]}>
      <table className={css["table"]}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.word} column={column} usual={usualOrder} />
            ))}
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

function Row({ notebook }: { readonly notebook: Notebook }) {
  const folder = parentOf(notebook.path)
  return (
    <tr className={css["row"]}>
      <td className={css["name"]}>
        <NotebookName notebook={notebook} place={folder === "" ? notebook.space.name : `${notebook.space.name}/${folder}`} />
      </td>
      <FactCells notebook={notebook} />
    </tr>
  )
}

/** Its title, and below it where it is and its tags. */
export function NotebookName({ notebook: { id, title, tags }, place }: { readonly notebook: Notebook; readonly place: string }) {
  return (
    <div>
      <Go href={notebookHref(id)} className={css["title"]}>
        <bdi>{title}</bdi>
      </Go>
      <div className={css["place"]}>
        <bdi>{place}</bdi>
        {tags.map((tag) => (
          <span key={tag} className={css["tag"]}>
            {tag}
          </span>
        ))}
      </div>
    </div>
  )
}

/** What every list of notebooks says behind a notebook's name, and its menu. */
export function FactCells({ notebook }: { readonly notebook: Notebook }) {
  const { owner, updatedAt, usage } = notebook
  return (
    <>
      <td data-label="Owner">
        <Person person={owner} />
      </td>
      <td data-label="Edited" className={css["quiet"]}>
        <Time at={updatedAt} />
      </td>
      <td data-label="Last run">
        <LastRun usage={usage} />
      </td>
      <UsageCells notebook={notebook} />
      <td className={css["menu"]}>
        <NotebookMenu notebook={notebook} />
      </td>
    </>
  )
}

/** Its state and when; "never". */
export function LastRun({ usage }: { readonly usage: Notebook["usage"] }) {
  if (usage.lastRunState === null) return <span className={css["quiet"]}>never</span>
  return (
    <span className={css["run"]}>
      <StateBadge state={usage.lastRunState} />
      <span className={css["quiet"]}>
        <Time at={usage.lastRunAt} />
      </span>
    </span>
  )
}

/** The two columns of numbers, with links to the runs that they count. */
function UsageCells({ notebook: { id, usage } }: { readonly notebook: Notebook }) {
  return (
    <>
      <td data-label="Runs a week" className={css["number"]}>
        {usage.runsWeek === 0 ? <span className={css["quiet"]}>0</span> : <Go href={runsHref({ notebook: id })}>{digits(usage.runsWeek)}</Go>}
      </td>
      <td data-label="Failures" className={css["number"]}>
        {usage.failuresWeek === 0 ? (
          <span className={css["quiet"]}>0</span>
        ) : (
          <Go href={runsHref({ notebook: id, state: "failed" })} className={css["failures"]}>
            {digits(usage.failuresWeek)}
          </Go>
        )}
      </td>
    </>
  )
}

function Heading({ column: { word, order, isNumber = false }, usual }: { readonly column: Column; readonly usual: Order | undefined }) {
  const look = isNumber ? css["number"] : undefined
  if (order !== undefined && usual !== undefined) return <OrderHeading {...{ word, order, usual, look }} />
  return (
    <th scope="col" className={look}>
      {word}
    </th>
  )
}

type OrderProps = { readonly word: string; readonly order: Order; readonly usual: Order; readonly look: string | undefined }

/** A column that the list can be ordered by; once more turns it round. */
function OrderHeading({ word, order, usual, look }: OrderProps) {
  const [filters, change] = useFilters()
  const now = orderOf(filters, usual)
  const isThis = now.order === order
  const goesUp = GOES_UP.has(order) !== now.reversed
  const Arrow = goesUp ? IconArrowUp : IconArrowDown
  const press = () => change({ order, reversed: isThis && !now.reversed ? "true" : undefined, cursor: undefined })
  return (
    <th scope="col" className={look} aria-sort={isThis ? (goesUp ? "ascending" : "descending") : undefined}>
      <button type="button" className={css["sort"]} onClick={press}>
        {word}
        {isThis && <Arrow size={12} aria-hidden="true" />}
      </button>
    </th>
  )
}

const GOES_UP: ReadonlySet<string> = new Set(["path", "title"])
const ORDERS: readonly Order[] = ["path", "title", "updated", "lastRun", "runsWeek", "failures"]

export function orderOf(filters: Filters, usual: Order): { readonly order: Order; readonly reversed: boolean } {
  const asked = one(filters, "order")
  return { order: ORDERS.find((order) => order === asked) ?? usual, reversed: one(filters, "reversed") === "true" }
}
