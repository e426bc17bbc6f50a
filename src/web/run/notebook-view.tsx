/** A notebook that is only looked at: a result, a version, a run under way. Long ones are drawn where the reader is. */
import { useWindowVirtualizer } from "@tanstack/react-virtual"
import { type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react"
import { useIsPrinting } from "#web/app/printing.ts"
import { OutputStage } from "#web/outputs/stage/output-stage.tsx"
import type { LiveCellShown } from "#web/run/live.ts"
import type { Outline, OutlineCell } from "#web/run/reading/outline.ts"
import type { Source } from "#web/run/reading/reader.ts"
import { expectedHeight, isLong } from "#web/run/room.ts"
import { useEarlier } from "#web/run/use-earlier.ts"
import css from "#web/run/view.module.css"
import { ViewCell } from "#web/run/view-cell.tsx"

/** Moves the page to a cell. */
export type Mover = { readonly toCell: (index: number) => void }

export type NotebookViewProps = {
  readonly outline: Outline
  /** Where the outputs are read from; undefined where `live` alone has them. */
  readonly source: Source | undefined
  /** One view of one notebook. */
  readonly scope: string
  readonly live?: ReadonlyMap<string, LiveCellShown> | undefined
  /** What it ran in, where that is known; else what the notebook names. */
  readonly environment?: string | null | undefined
  readonly hidesCode?: boolean
  readonly isReport?: boolean
  /** Everything at once, as paper needs it. */
  readonly isWhole?: boolean
  readonly ref?: Ref<Mover>
}

export function NotebookView(props: NotebookViewProps) {
  const { outline, source, live, isReport, isWhole = false } = props
  const isPrinting = useIsPrinting()
  const earlier = useEarlier({ cells: outline.cells, source, live, isReport })
  return (
    <OutputStage
      kernel={outline.kernel}
      environment={props.environment ?? outline.environment}
      notebook={source?.kind === "version" ? source.notebook : undefined}
      widgetState={outline.widgetState}
      earlier={earlier}
      isWhole={isWhole}
    >
      {!isWhole && !isPrinting && isLong(outline.cells) ? <LongView {...props} /> : <WholeView {...props} />}
    </OutputStage>
  )
}

function WholeView({ ref, ...props }: NotebookViewProps) {
  const list = useRef<HTMLDivElement>(null)
  useImperativeHandle(ref, () => ({ toCell: (index) => reveal(list.current, index) }), [])
  const to = (count: number) => reveal(list.current, indexOfCount(props.outline.cells, count))
  return (
    <div ref={list} className={css["view"]}>
      {props.outline.cells.map((cell) => (
        <div key={cell.id} data-cell={cell.index} className={css["place"]}>
          <ShownCell cell={cell} props={props} toCount={to} />
        </div>
      ))}
    </div>
  )
}

function LongView({ ref, ...props }: NotebookViewProps) {
  const { cells } = props.outline
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + globalThis.scrollY), [])
  const rows = useWindowVirtualizer({
    count: cells.length,
    estimateSize: (index) => expectedHeight(cells[index] as OutlineCell, props.hidesCode ?? false),
    overscan: 4,
    scrollMargin: top,
    scrollPaddingStart: 64,
    getItemKey: (index) => cells[index]?.id ?? index,
  })
  const to = (index: number) => rows.scrollToIndex(index, { align: "start" })
  useImperativeHandle(ref, () => ({ toCell: to }))
  return (
    <div ref={list} className={css["view"]} style={{ height: rows.getTotalSize(), position: "relative" }}>
      {rows.getVirtualItems().map(({ index, start, key }) => {
        const cell = cells[index]
        return (
          cell && (
            <div
              key={key}
              ref={rows.measureElement}
              data-index={index}
              data-cell={index}
              className={css["placed"]}
              style={{ transform: `translateY(${start - rows.options.scrollMargin}px)` }}
            >
              <ShownCell cell={cell} props={props} toCount={(count) => to(indexOfCount(cells, count))} />
            </div>
          )
        )
      })}
    </div>
  )
}

type Shown = { readonly cell: OutlineCell; readonly props: Omit<NotebookViewProps, "ref">; readonly toCount: (count: number) => void }

function ShownCell({ cell, props: { outline, source, scope, live, hidesCode = false, isReport = false }, toCount }: Shown) {
  return (
    <ViewCell
      cell={cell}
      language={outline.language}
      source={cell.outputs > 0 ? source : undefined}
      scope={scope}
      live={live?.get(cell.id)}
      hidesCode={hidesCode}
      isReport={isReport}
      onOpenCell={({ executionCount }) => toCount(executionCount)}
    />
  )
}

function indexOfCount(cells: readonly OutlineCell[], count: number): number {
  return Math.max(
    0,
    cells.findIndex(({ executionCount }) => executionCount === count),
  )
}

function reveal(list: HTMLElement | null, index: number): void {
  list?.querySelector(`[data-cell="${index}"]`)?.scrollIntoView({ block: "start", behavior: "smooth" })
}
