/** What a run printed, from the end back. */
import { Button } from "@mantine/core"
import { useEffect, useState } from "react"
import { api } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonText } from "#web/app/skeleton.tsx"
import { sizeWords } from "#web/app/words.ts"
import { TextOutput } from "#web/outputs/text-output.tsx"
import css from "#web/run/run.module.css"

const PART = 512 * 1024
const EVERY_MS = 1000
const MOST_CHARACTERS = 8_000_000

type Log = { readonly text: string; readonly from: number; readonly to: number; readonly isOver: boolean }

export function LogView({ run, isUnderWay }: { readonly run: string; readonly isUnderWay: boolean }) {
  const { log, error, earlier, isReading } = useLog(run, isUnderWay)
  if (error !== undefined && !log) return <Problem error={error} />
  if (!log) return <SkeletonText lines={8} />
  if (log.text === "")
    return (
      <Empty title={isUnderWay ? "Nothing was printed yet" : "Nothing was printed"}>
        What cells print stands here as it comes, over all of them.
      </Empty>
    )
  return (
    <div className={css["log"]}>
      {log.from > 0 && (
        <p className={css["tools"]}>
          <Button size="compact-xs" onClick={earlier} loading={isReading}>
            Show earlier text
          </Button>{" "}
          {sizeWords(log.from)} before this
        </p>
      )}
      <TextOutput text={log.text} isError={false} label="Log of the run" />
    </div>
  )
}

function useLog(run: string, isUnderWay: boolean) {
  const [log, setLog] = useState<Log>()
  const [error, setError] = useState<unknown>()
  const [isReading, setReading] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the run has ended the rest is read at once
  useEffect(() => {
    const stop = new AbortController()
    let known: Log | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = async () => {
      known = await further(run, known, stop.signal)
      if (stop.signal.aborted) return
      setLog(known)
      setError(undefined)
      if (!known.isOver) timer = setTimeout(again, EVERY_MS)
    }
    const again = () =>
      read().catch((thrown: unknown) => {
        if (stop.signal.aborted) return
        setError(thrown)
        timer = setTimeout(again, 5 * EVERY_MS)
      })
    void again()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [run, isUnderWay])
  const earlier = async () => {
    if (!log || isReading) return
    setReading(true)
    const from = Math.max(0, log.from - PART)
    const part = await partOf(run, from, log.from - from).catch((thrown: unknown) => setError(thrown))
    if (part) setLog((now) => now && { ...now, text: part.text + now.text, from: part.offset })
    setReading(false)
  }
  return { log, error, earlier, isReading }
}

function partOf(run: string, offset: number, limitBytes: number, signal?: AbortSignal) {
  return api.call("getLog", { params: { run }, query: { offset, limitBytes: Math.max(4, limitBytes) }, ...(signal ? { signal } : {}) })
}

/** The first time its end, later what came since. */
async function further(run: string, known: Log | undefined, signal: AbortSignal): Promise<Log> {
  const start = known ? known.to : Math.max(0, (await api.call("getRun", { params: { run }, signal })).logBytes - PART)
  let log: Log = known ?? { text: "", from: start, to: start, isOver: false }
  for (;;) {
    const part = await partOf(run, log.to, PART, signal)
    const text = log.text + part.text
    const cut = Math.max(0, text.length - MOST_CHARACTERS)
    log = { text: text.slice(cut), from: known ? log.from + cut : part.offset, to: part.nextOffset, isOver: part.eof }
    if (part.eof || part.nextOffset <= part.offset || signal.aborted) return log
    known = log
  }
}
