/**
 * Libraries for frames, as text: those that the app brings, and those that the notebook's environment has. An address of a public
 * copy (a CDN) means the same library, so that a chart that names one is drawn without any network.
 */
import type { PartName } from "#web/outputs/frame/messages.ts"

const address = {
  vega: new URL("../../../../node_modules/vega/build/vega.min.js", import.meta.url).href,
  vegaLite: new URL("../../../../node_modules/vega-lite/build/vega-lite.min.js", import.meta.url).href,
  vegaEmbed: new URL("../../../../node_modules/vega-embed/build/vega-embed.min.js", import.meta.url).href,
  plotly: new URL("../../../../node_modules/plotly.js-dist-min/plotly.min.js", import.meta.url).href,
  mermaid: new URL("../../../../node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js", import.meta.url).href,
  widgets: new URL("../../../../node_modules/@jupyter-widgets/html-manager/dist/libembed-amd.js", import.meta.url).href,
} as const

const PARTS: Readonly<Record<PartName, readonly (keyof typeof address)[]>> = {
  vega: ["vega", "vegaLite", "vegaEmbed"],
  plotly: ["plotly"],
  mermaid: ["mermaid"],
  widgets: ["widgets"],
}

const texts = new Map<string, Promise<string>>()

function textAt(place: string): Promise<string> {
  const found = texts.get(place)
  if (found) return found
  const loading = fetch(place, { credentials: "same-origin" }).then((answer) => {
    if (!answer.ok) throw new Error(answer.status === 404 ? "it is not in the environment" : `the server answered ${answer.status}`)
    return answer.text()
  })
  texts.set(place, loading)
  loading.catch(() => texts.delete(place))
  return loading
}

export async function partTexts(name: PartName): Promise<readonly string[]> {
  const found = await Promise.all(PARTS[name].map((each) => textAt(address[each])))
  return name === "widgets" ? Promise.all(found.map(withFonts)) : found
}

const fonts: Readonly<Record<string, string>> = import.meta.glob("../../../../node_modules/@jupyter-widgets/html-manager/dist/*.woff2", {
  query: "?url",
  import: "default",
  eager: true,
})

/** Widgets load the letters that their icons are from beside them, where a frame has nothing: they get them in the text. */
async function withFonts(code: string): Promise<string> {
  const data = new Map<string, string>()
  for (const [file, place] of Object.entries(fonts)) data.set(file.slice(file.lastIndexOf("/") + 1), await dataAddress(place))
  return code.replace(/\b\w+\.p\s*\+\s*"([0-9a-f]{20}\.(?:woff2?|ttf|eot|svg))"/g, (_, name: string) => JSON.stringify(data.get(name) ?? "data:,"))
}

async function dataAddress(place: string): Promise<string> {
  const blob = await (await fetch(place)).blob()
  return new Promise((done, failed) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result))
    reader.onerror = () => failed(reader.error)
    reader.readAsDataURL(blob)
  })
}

/** `kernel`: the kernelspec's name. `environment`: the name or the digest of one that was built. `notebook`: whose would be taken else. */
export type LibraryPlace = {
  readonly kernel?: string | undefined
  readonly environment?: string | undefined
  readonly notebook?: string | undefined
}

/** @throws Error with why there is none, for the reader */
export async function libraryText(wanted: string, place: LibraryPlace): Promise<string> {
  const found = sourceOf(wanted)
  if (!found) throw new Error("it is not one that Stet brings or finds in an environment")
  if ("text" in found) return found.text
  if ("own" in found) return textAt(address[found.own])
  const named = Object.entries(place).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  if (named.length === 0) throw new Error("no environment is known for this notebook")
  const query = new URLSearchParams([["path", found.path], ...named])
  return textAt(`/api/v1/libraries?${query}`)
}

export type Source = { readonly own: keyof typeof address } | { readonly path: string } | { readonly text: string }

const KNOWN: readonly (readonly [RegExp, (match: RegExpExecArray) => Source])[] = [
  [
    /^https?:\/\/cdn\.plot\.ly\/plotly-[\w.-]*?(?:\.min)?(?:\.js)?$|\/plotly\.js(?:-dist(?:-min)?)?@?[^/]*\/[\w./-]*plotly[\w.-]*\.js$|^plotly(?:\.js)?$/i,
    () => ({ own: "plotly" }),
  ],
  [/\/npm\/vega@[^/]*$|\/vega@[^/]*\/build\/vega\.min\.js$|\/vega\/[\d.]+\/vega(?:\.min)?\.js$/i, () => ({ own: "vega" })],
  [/\/npm\/vega-lite@[^/]*$|\/vega-lite@[^/]*\/build\/[\w.-]+\.js$|\/vega-lite\/[\d.]+\/vega-lite(?:\.min)?\.js$/i, () => ({ own: "vegaLite" })],
  [/\/npm\/vega-embed@[^/]*$|\/vega-embed@[^/]*\/build\/[\w.-]+\.js$|\/vega-embed\/[\d.]+\/vega-embed(?:\.min)?\.js$/i, () => ({ own: "vegaEmbed" })],
  [/\/@jupyter-widgets\/html-manager@[^/]*\/dist\/(?:lib)?embed-amd\.js$/i, () => ({ own: "widgets" })],
  // Charts ask for it in case their labels hold formulas, and draw without.
  [/\/mathjax\/[\w.]+\/es5\/tex-svg(?:\.min)?\.js$/i, () => ({ text: "" })],
  // The frame has a loader of its own.
  [/\/require(?:js)?[\w./@-]*\/require(?:\.min)?\.js$/i, () => ({ text: "" })],
  [
    /^https?:\/\/cdn\.bokeh\.org\/bokeh\/(?:release|dev)\/(bokeh(?:-gl|-api|-widgets|-tables|-mathjax)?)-[\w.]+?\.min\.js$/i,
    (match) => ({ path: `bokeh/server/static/js/${match[1]}.min.js` }),
  ],
  [
    /^https?:\/\/(?:cdn\.holoviz\.org\/panel\/[\w.]+|unpkg\.com\/@holoviz\/panel@[^/]+|cdn\.jsdelivr\.net\/npm\/@holoviz\/panel@[^/]+)\/dist\/([\w./@%^-]+\.(?:js|css))$/i,
    (match) => ({ path: `panel/dist/${decodeURIComponent(match[1] ?? "")}` }),
  ],
  [
    /^https?:\/\/(?:www\.)?(?:unpkg\.com|cdn\.jsdelivr\.net\/npm)\/dt_for_itables(?:@[^/]+)?\/(dt_bundle\.(?:js|css))$/i,
    (match) => ({ path: `itables/html/${match[1]}` }),
  ],
]

/** What is meant by an address, or by the name of an AMD module (with its configured path before it: `path|name`). */
function sourceOf(wanted: string): Source | undefined {
  const [path, name] = wanted.includes("|") ? wanted.split("|", 2) : [undefined, wanted]
  for (const address of [path && !/\.m?js$/.test(path) ? `${path}.js` : path, path, name]) {
    const text = address?.replace(/[?#].*$/, "")
    if (text === undefined) continue
    for (const [pattern, source] of KNOWN) {
      const match = pattern.exec(text)
      if (match) return source(match)
    }
  }
  return /^(?:@[\w.-]+\/)?[\w.-]+(?:\/[\w.-]+)*$/.test(name ?? "") && !/(?:^|\/)\.\.?(?:\/|$)/.test(name ?? "") ? extensionOf(name ?? "") : undefined
}

/** A widget's module is the `index.js` of its own folder among the notebook extensions. */
function extensionOf(name: string): Source {
  const bare = name.replace(/^nbextensions\//, "")
  const parts = bare.split("/").length - (bare.startsWith("@") ? 1 : 0)
  const file = parts === 1 ? `${bare}/index.js` : /\.js$/.test(bare) ? bare : `${bare}.js`
  return { path: `nbextensions/${file}` }
}
