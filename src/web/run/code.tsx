/** Code that is only read, coloured once its language is here. */
import { useLayoutEffect, useMemo, useRef, useState } from "react"
import { piecesOf } from "#web/notebook/highlight.ts"
import { languageNamed, languages } from "#web/notebook/languages.ts"
import { useStore } from "#web/notebook/use-store.ts"
import css from "#web/run/code.module.css"

const MOST_COLOURED = 60_000

export function Code({ text, language }: { readonly text: string; readonly language: string }) {
  const known = useStore(languages, (all) => all.get(language)) ?? (language === "" ? undefined : languageNamed(language))
  const pieces = useMemo(() => (known && text.length <= MOST_COLOURED ? piecesOf(text, known) : [{ text, look: "" }]), [text, known])
  const place = useRef<HTMLPreElement>(null)
  const [isWide, setWide] = useState(false)
  // What is wider than the page is scrolled by keyboard too; what is not is no stop on the way through the page.
  useLayoutEffect(() => {
    const pre = place.current
    if (!pre) return
    const watch = new ResizeObserver(() => setWide(pre.scrollWidth > pre.clientWidth + 1))
    watch.observe(pre)
    return () => watch.disconnect()
  }, [])
  return (
    <pre ref={place} className={css["code"]} {...(isWide ? { tabIndex: 0 } : {})}>
      <code>
        {pieces.map(({ text: piece, look }, at) =>
          look === "" ? (
            piece
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the text
            <span key={at} className={look}>
              {piece}
            </span>
          ),
        )}
      </code>
    </pre>
  )
}
