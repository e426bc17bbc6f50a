/** One output that has forms to choose from. */
import { type ReactNode, useLayoutEffect, useMemo, useRef } from "react"
import { type Bundle, bundleOf, has, isPlain, mediaTypesOf, own, said, textOf } from "#web/outputs/bundle.ts"
import { clean } from "#web/outputs/clean.ts"
import { External } from "#web/outputs/external.tsx"
import { Grid } from "#web/outputs/grid.tsx"
import { JsonTree } from "#web/outputs/json-tree.tsx"
import { Markdown } from "#web/outputs/markdown.tsx"
import type { OutputProps } from "#web/outputs/output-props.ts"
import styles from "#web/outputs/outputs.module.css"
import { Picture } from "#web/outputs/picture.tsx"
import { placeRemote } from "#web/outputs/remote-picture.ts"
import { type Form, richest } from "#web/outputs/richest.ts"
import { outputHash, outputId, showOf } from "#web/outputs/stage/active.ts"
import { ActiveOutput } from "#web/outputs/stage/active-output.tsx"
import { isStill } from "#web/outputs/still.ts"
import { tableOf } from "#web/outputs/table-of-html.ts"
import { TextOutput } from "#web/outputs/text-output.tsx"

export function Data(props: OutputProps): ReactNode {
  const bundle = bundleOf(props.output)
  const form = richest(bundle)
  if (form.as === "nothing") return null
  if (form.as === "unknown") return <Unknown bundle={bundle} />
  return <Whole form={form} bundle={bundle} of={props} />
}

/** What was too long to be sent along is fetched first; a script's markup beside it as well. */
function Whole({ form, bundle, of }: ShownProps): ReactNode {
  const needed = form.as === "active" && form.renderer === "html" ? [form.mediaType, "text/html"] : [form.mediaType]
  const missing = needed.find((one) => bundle.external[one] !== undefined && !Object.hasOwn(bundle.data, one))
  if (missing === undefined) return <Shown form={form} bundle={bundle} of={of} />
  return (
    <External key={missing} address={bundle.external[missing] ?? ""} mediaType={missing}>
      {(text) => <Whole form={form} bundle={withText(bundle, missing, text)} of={of} />}
    </External>
  )
}

function withText(bundle: Bundle, mediaType: string, text: string): Bundle {
  return { ...bundle, data: { ...bundle.data, [mediaType]: isJson(mediaType) ? parsed(text) : text } }
}

function isJson(mediaType: string): boolean {
  return /[/+]json$/.test(mediaType)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

type Drawable = Exclude<Form, { as: "nothing" | "unknown" }>
type ShownProps = { readonly form: Drawable; readonly bundle: Bundle; readonly of: OutputProps }

function Shown({ form, bundle, of }: ShownProps): ReactNode {
  switch (form.as) {
    case "picture":
    case "drawing":
      return <Pictured bundle={bundle} mediaType={form.mediaType} />
    case "markdown":
      return <Markdown source={said(bundle, form.mediaType) ?? ""} />
    case "latex":
      return <Markdown source={asDisplay(said(bundle, form.mediaType) ?? "")} />
    case "json":
      return <JsonTree value={own(bundle.data, form.mediaType)} isOpen />
    case "named":
      return <NamedResult scrap={own(bundle.data, form.mediaType)} />
    case "html":
      return <Html form={form} bundle={bundle} of={of} />
    case "text":
    case "code":
      return <TextOutput text={said(bundle, form.mediaType) ?? ""} label="Text" />
    case "active":
      return <Framed form={form} bundle={bundle} of={of} />
  }
}

function NamedResult({ scrap }: { readonly scrap: unknown }): ReactNode {
  return <JsonTree name={textOf(own(scrap, "name")) ?? "?"} value={own(scrap, "data")} />
}

function Pictured({ bundle, mediaType }: { readonly bundle: Bundle; readonly mediaType: string }): ReactNode {
  const about = own(bundle.metadata, mediaType)
  const length = (name: string): number | undefined => {
    const value = own(about, name) ?? own(bundle.metadata, name)
    return typeof value === "number" && value > 0 && value < 20_000 ? value : undefined
  }
  const alt = textOf(own(about, "alt")) ?? textOf(own(bundle.metadata, "alt")) ?? said(bundle, "text/plain")?.slice(0, 300) ?? "picture"
  return <Picture mediaType={mediaType} content={said(bundle, mediaType) ?? ""} alt={alt} width={length("width")} height={length("height")} />
}

/** IPython's Math and sympy put display formulas between single dollars. */
function asDisplay(latex: string): string {
  const bare = latex.trim()
  const inner = /^\$(?!\$)([\s\S]*[^\\])\$$/.exec(bare)?.[1]
  return inner?.trim().startsWith("\\displaystyle") ? `$$${inner.replace("\\displaystyle", "")}$$` : bare
}

function Html({ form, bundle, of }: ShownProps): ReactNode {
  const html = said(bundle, "text/html") ?? ""
  const table = useMemo(() => tableOf(html), [html])
  if (table) return <Grid table={table} label={`Table of cell ${of.of.cell}`} />
  return isStill(html) ? <Cleaned html={html} /> : <Framed form={form} bundle={bundle} of={of} />
}

function Cleaned({ html }: { readonly html: string }): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => place.current?.replaceChildren(clean(html, { picture: placeRemote })), [html])
  return <div ref={place} className={styles["html"]} data-stet-content="" />
}

function Framed({ form, bundle, of: { output, index, of } }: ShownProps): ReactNode {
  const show = useMemo(() => showOf(form, bundle), [form, bundle])
  if (!show) return <Fallback bundle={bundle} />
  const hash = outputHash(output)
  return (
    <ActiveOutput key={hash} id={outputId(of.cell, index, hash)} cell={of.cell} hash={hash} show={show} fallback={<Fallback bundle={bundle} />} />
  )
}

function Fallback({ bundle }: { readonly bundle: Bundle }): ReactNode {
  const picture = mediaTypesOf(bundle).find((one) => /^image\/(?:png|jpeg|gif|webp|svg\+xml)$/.test(one) && Object.hasOwn(bundle.data, one))
  if (picture) return <Pictured bundle={bundle} mediaType={picture} />
  return has(bundle, "text/plain") ? <TextOutput text={said(bundle, "text/plain") ?? ""} label="Text" /> : <Unknown bundle={bundle} />
}

function Unknown({ bundle }: { readonly bundle: Bundle }): ReactNode {
  return (
    <div>
      <p className={styles["aside"]}>An output that Stet cannot draw:</p>
      <JsonTree value={isPlain(bundle.data) ? bundle.data : {}} isOpen={false} />
    </div>
  )
}
