import fc from "fast-check"
import { expect, test } from "vitest"
import type { Json, JsonObject } from "#base/json.ts"
import type { Cell, Notebook, Output } from "#notebook/index.ts"
import { pagePolicy } from "#page/frame.ts"
import { page } from "#page/index.ts"
import { code, type Element, elementsOf, framesOf, notebookOf, prose } from "#page/testing.ts"

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="

// biome-ignore format: one attack a line
const PAYLOADS = [
  "<script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "</style><script>alert(1)</script>",
  "</title><script>alert(1)</script>",
  "</textarea><script>alert(1)</script>",
  "--><script>alert(1)</script><!--",
  "]]><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<IMG SRC=x OnErRoR=alert(1)>",
  "<img/src=x/onerror=alert(1)//",
  "<img src='x' onerror='alert(1)' alt=\"'\" title='\"'>",
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  "<svg><animate attributeName=href values=javascript:alert(1) /><a><text>x</text></a></svg>",
  "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
  "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
  "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
  "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  "<a href=\"javascript:alert(1)\">x</a>",
  "<a href=\"java\tscript:alert(1)\">x</a>",
  "<a href=\"&#106;avascript:alert(1)\">x</a>",
  "<a href=\" \x01javascript:alert(1)\">x</a>",
  "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
  "<a href=\"vbscript:msgbox(1)\">x</a>",
  "<iframe src=javascript:alert(1)></iframe>",
  "<iframe srcdoc=\"<script>parent.alert(1)</script>\"></iframe>",
  "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
  "<base href=//evil.example/><link rel=stylesheet href=//evil.example/x.css>",
  "<meta http-equiv=refresh content=\"0;url=//evil.example\">",
  "<style>*{position:fixed;inset:0}</style>",
  "<div style=\"position:fixed;inset:0;background:url(//evil.example)\">over everything</div>",
  "<div class=\"alarm desk outline\" id=stet-code>x</div>",
  "<input id=stet-dark type=radio checked><form id=x action=//evil.example><button>Sign in</button></form>",
  "<a id=querySelectorAll name=documentElement href=#>x</a>",
  "<video src=//evil.example/v poster=//evil.example/p autoplay><audio src=//evil.example/a>",
  "<template><script>alert(1)</script></template>",
  "<details open ontoggle=alert(1)>x</details>",
  "<body onload=alert(1)><html onclick=alert(1)>",
  "<table background=//evil.example/b><td background=//evil.example/c>x",
  "<p title='\"><script>alert(1)</script>'>x</p>",
  "<p><b></p></div></main></body></html><p>",
  "<table><tr><td></table></section></main><script>alert(1)</script>",
  "<plaintext><xmp><listing>",
  "<stet-part data-part=\"0\"></stet-part><stet-part data-part='99'>",
  "<p title=\"<stet-part data-part='0'></stet-part>\">x</p>",
  "![x](javascript:alert(1)) [x](javascript:alert(1)) [x](<javascript:alert(1)>)",
  "![\"><script>alert(1)</script>](//evil.example/x.png \"\\\"><script>alert(1)</script>\")",
  "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
  "![x](attachment:\"><script>alert(1)</script>)",
  "<img src=\"attachment:<script>alert(1)</script>\">",
  "<img src=\"data:image/png;base64,AAAA\" onload=alert(1)>",
  `<img src="data:image/png;base64,${PIXEL}" alt="&quot; onerror=&quot;alert(1)">`,
  "$\\href{javascript:alert(1)}{x}$ $\\htmlStyle{position:fixed}{x}$ $\\includegraphics{//evil.example}$",
  "$</math><script>alert(1)</script>$ $\\text{<img src=x onerror=alert(1)>}$",
  "$\\htmlData{x=\"><script>alert(1)</script>}{y}$ $\\url{javascript:alert(1)}$ $\\def\\x{\\x\\x}\\x$",
  "`<script>alert(1)</script>` ```html\n<script>alert(1)</script>\n```",
  "\x1b[31m<script>alert(1)</script>\x1b[0m",
  "\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07",
  "\x1b[38;2;1,2,3\"onmouseover=alert(1);4m x \x1b[48;5;999m y",
  "\" onmouseover=\"alert(1)", "' onmouseover='alert(1)", "x onmouseover=alert(1) y=",
  "\u0000<scr\u0000ipt>alert(1)</scr\u0000ipt>", "\u2028<script>alert(1)</script>\u2029", "\ud800<script>alert(1)</script>",
  "\u202eexe.<script>alert(1)</script>", "<script>alert(1)</script>",
  "__proto__", "constructor", "<!--#include virtual=\"/etc/passwd\"-->", "{{7*7}}<%= 7*7 %>",
]

const RASTER = `data:image/png;base64,${PIXEL}`
const MIME_TYPES = [
  "text/html",
  "text/plain",
  "text/markdown",
  "text/latex",
  "image/svg+xml",
  "image/png",
  "image/jpeg",
  "application/javascript",
  "text/javascript",
  "application/json",
  "application/pdf",
  "application/vnd.vegalite.v5+json",
  "application/vnd.plotly.v1+json",
  "application/vnd.stet.spill+json",
  "text/x-unknown",
]

/** One notebook with the payload in every place that a notebook has. */
function everywhere(payload: string): Notebook {
  const shows = (mediaType: string, value: Json): Output => ({
    output_type: "display_data",
    data: { [mediaType]: value },
    metadata: { [mediaType]: { width: payload, alt: payload }, width: payload },
  })
  const outputs: Json[] = [
    { output_type: "stream", name: "stdout", text: payload },
    { output_type: "stream", name: payload, text: payload },
    { output_type: "error", ename: payload, evalue: payload, traceback: [payload, `\x1b[31m${payload}\x1b[0m`] },
    ...MIME_TYPES.map((mediaType) => shows(mediaType, payload)),
    shows(payload, payload),
    shows("image/png", `${PIXEL}${payload}`),
    shows("image/png", PIXEL),
    shows("text/html", `<b>fine</b>${payload}<i>fine</i>`),
    shows("text/html", `<table border="1" class="dataframe"><tbody><tr><td>${payload}</td></tr></tbody></table>`),
    shows("application/json", { [payload]: [payload, { [payload]: payload }] }),
    { output_type: "display_data", data: { "application/vnd.jupyter.widget-view+json": { model_id: payload }, "text/plain": payload }, metadata: {} },
    { output_type: "display_data", data: { "application/vnd.jupyter.widget-view+json": { model_id: "box" }, "text/plain": payload }, metadata: {} },
    { output_type: payload, [payload]: payload },
  ]
  const models = ["HTMLModel", "LabelModel", "HTMLMathModel", "IntSliderModel", payload]
  const state: JsonObject = {
    box: {
      model_name: "VBoxModel",
      state: { children: [...models.map((_, index) => `IPY_MODEL_m${index}`), "IPY_MODEL_box", "IPY_MODEL_out"], titles: [payload] },
    },
    out: { model_name: "OutputModel", state: { outputs: [shows("text/html", payload), shows("text/plain", payload)] } },
    ...Object.fromEntries(
      models.map((name, index) => [
        `m${index}`,
        { model_name: name, state: { value: payload, description: payload, _options_labels: [payload], index: 0 } },
      ]),
    ),
  }
  const run = {
    id: payload,
    status: payload,
    reason: payload,
    explanation: payload,
    input: payload,
    started_at: payload,
    duration_ms: payload,
    parameters: { [payload]: payload, x: { [payload]: [payload] } },
    kernel: { name: payload },
    cells: { done: payload, total: payload },
    error: { cell_id: payload, ename: payload, evalue: payload },
  }
  const marks = { tags: [payload, "parameters"], stet: { state: payload, duration_ms: payload }, name: payload }
  return notebookOf(
    [
      { ...prose(payload), id: payload, metadata: marks } as Partial<Cell>,
      prose(
        `# ${payload}\n\n${payload}\n\n- ${payload}\n\n> ${payload}\n\n| ${payload} | b |\n|--|--|\n| ${payload} | c |\n\n\`\`\`${payload}\n${payload}\n\`\`\`\n`,
        { attachments: { [payload]: { "image/png": payload }, x: { [payload]: PIXEL } } },
      ),
      { ...code(payload, ...outputs), id: payload, metadata: marks } as Partial<Cell>,
      { cell_type: "raw", source: payload },
      { cell_type: payload, source: payload, [payload]: payload } as Partial<Cell>,
    ],
    {
      title: payload,
      kernelspec: { display_name: payload, name: payload },
      language_info: { name: payload },
      stet: { run },
      widgets: { "application/vnd.jupyter.widget-state+json": { state } },
    },
  )
}

const TAGS_OF_A_PAGE = new Set(
  "html head meta title link style script body div span main header h1 h2 h3 h4 h5 h6 p strong em b i u s del ins mark small big sub sup q cite abbr dfn time bdi bdo wbr code pre kbd samp var tt a ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td figure figcaption details summary ruby rt rp section article footer nav aside center blockquote br hr img label input progress iframe math semantics annotation mrow mi mo mn mtext mspace mstyle mfrac msup msub msubsup munder mover munderover mtable mtr mtd msqrt mroot mpadded mphantom menclose merror".split(
    " ",
  ),
)
const IDS = /^(cell-[\w-]+|h-\d+-\d+|user-[\s\S]*|stet-(code|auto|light|dark))$/

/** What an element may be outside a frame; the complaint, or nothing. */
function complaint({ tag, attributes }: Element): string | undefined {
  if (!TAGS_OF_A_PAGE.has(tag)) return `<${tag}>`
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on") || ["action", "formaction", "background", "poster", "srcset", "data", "ping", "name"].includes(name)) {
      if (!(name === "name" && ["stet-mode", "viewport", "referrer", "color-scheme", "generator"].includes(value))) return `${tag} ${name}=${value}`
    }
    if (name === "id" && !IDS.test(value)) return `id ${value}`
    if (name === "style" && !/^(--f:rgb\([\d, ]+\)|background-color:rgb\([\d, ]+\)|;)+$/.test(value)) return `style ${value}`
    if (
      name === "href" &&
      !(tag === "link"
        ? value.startsWith("data:image/png;base64,")
        : /^(#|https?:|mailto:|\/\/|(?![a-z][a-z0-9+.-]*:)[^\s])/i.test(value.trim() === "" ? "#" : value))
    )
      return `href ${value}`
    if (name === "src" && !(tag === "img" && /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/.test(value))) return `${tag} src ${value}`
  }
  if (tag === "link" && attributes["rel"] !== "icon") return "link"
  if (tag === "input" && !attributes["id"]?.startsWith("stet-")) return "input"
  if (
    tag === "meta" &&
    attributes["http-equiv"] !== undefined &&
    attributes["content"] !== pagePolicy(true) &&
    attributes["content"] !== pagePolicy(false)
  )
    return "meta"
  if (tag !== "iframe") return attributes["srcdoc"] === undefined ? undefined : "srcdoc"
  const known = Object.keys(attributes).sort().join(" ")
  if (attributes["sandbox"] !== "allow-scripts") return `sandbox ${attributes["sandbox"]}`
  return known === "class height sandbox srcdoc title" || known === "class data-later height sandbox title" ? undefined : `iframe ${known}`
}

function complaintsOf(text: string): readonly string[] {
  return elementsOf(text).flatMap((element) => complaint(element) ?? [])
}

test.each(PAYLOADS)("nothing acts outside a frame: %j", (payload) => {
  const made = page(everywhere(payload), { title: payload, source: payload, now: 0 })
  expect(complaintsOf(made)).toEqual([])
  expect(page(everywhere(payload), { now: 0 }).length).toBeGreaterThan(0)
})

test("the reader of pages would notice", () => {
  const made = page(notebookOf([prose("hello")]))
  const with_ = (smuggled: string) => () => complaintsOf(made.replace("hello", smuggled))
  expect(with_("hello")()).toEqual([])
  expect(with_("<script>alert(1)</script>")).toThrow(/not ours/)
  expect(with_("<img src=x>")).toThrow(/strict/)
  expect(with_("</p></main>")).toThrow(/closes/)
  expect(with_("<b>")).toThrow(/closes/)
  for (const bad of [
    '<p onclick="x"></p>',
    '<iframe sandbox="allow-scripts allow-same-origin"></iframe>',
    '<p id="x"></p>',
    '<p style="position:fixed"></p>',
    '<a href="javascript:x"></a>',
    '<img src="http://x">',
    "<form></form>",
  ])
    expect(with_(bad)()).toHaveLength(1)
})

test("every frame begins with the boot script and a policy of its own, and the markup in it stays in it", () => {
  const made = page(
    notebookOf([code("x", { output_type: "display_data", data: { "text/html": '"></iframe><script>alert("<>&")</script>' }, metadata: {} })]),
  )
  const [frame = ""] = framesOf(made)
  expect(frame).toMatch(/^<!doctype html><html><head><meta charset="utf-8"><script>\(\(\)=>\{\nif\(location\.href/)
  expect(frame).toContain("default-src 'none'; script-src 'sha256-")
  expect(frame.endsWith('"></iframe><script>alert("<>&")</script>')).toBe(false)
  expect(frame).toContain('<script>alert("<>&")</script>')
  expect(complaintsOf(made)).toEqual([])
})

test("a picture of the markdown is the page's only when the document carries it", () => {
  const made = page(
    notebookOf([
      prose(`![a](${RASTER}) ![b](attachment:b.png) ![c](https://pictures.example/c.png) ![d](d.png)`, {
        attachments: { "b.png": { "image/png": PIXEL } },
      }),
    ]),
  )
  const sources = elementsOf(made).flatMap(({ tag, attributes }) => (tag === "img" ? [attributes["src"]] : []))
  expect(sources).toEqual([RASTER, RASTER])
  expect(made).toContain('href="https://pictures.example/c.png"')
  expect(complaintsOf(made)).toEqual([])
})

test("whatever a notebook holds, there is a page, and nothing acts outside its frames", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(...PAYLOADS),
    fc.tuple(fc.constantFrom(...PAYLOADS), fc.string(), fc.constantFrom(...PAYLOADS)).map((parts) => parts.join("")),
  )
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(text, tie("json"), { maxKeys: 3 }),
    ),
  }))
  const object = fc.dictionary(
    fc.oneof(text, fc.constantFrom("tags", "stet", "papermill", "run", "state", "parameters", "widgets", "title", "jupyter")),
    json,
    { maxKeys: 4 },
  )
  const output = fc.oneof(
    fc.record({
      output_type: fc.constantFrom("stream", "error", "display_data", "x"),
      name: json,
      text: json,
      data: json,
      ename: json,
      evalue: json,
      traceback: json,
    }),
    fc.record({
      output_type: fc.constant("display_data"),
      data: fc.dictionary(fc.oneof(fc.constantFrom(...MIME_TYPES), text), fc.oneof(text, json)),
      metadata: json,
    }),
  )
  const cell = fc.record({
    id: text,
    cell_type: fc.constantFrom("code", "markdown", "raw", "other"),
    metadata: object,
    source: text,
    outputs: fc.array(output, { maxLength: 3 }),
    execution_count: fc.constantFrom(null, 1),
    attachments: json,
  })
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 4 }), object, (cells, metadata) => {
      expect(complaintsOf(page(notebookOf(cells as unknown as Partial<Cell>[], metadata as JsonObject)))).toEqual([])
    }),
    { numRuns: 300 },
  )
}, 60_000)
