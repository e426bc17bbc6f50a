import { code, notebookOf, prose } from "#page/testing.ts"
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
function everywhere(payload: string): any {
  const shows = (mediaType: string, value: any): any => ({
    output_type: "display_data",
    data: { [mediaType]: value },
    metadata: { [mediaType]: { width: payload, alt: payload }, width: payload },
  })
  const outputs: any[] = [
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
  const state: anyObject = {
    box: {
      model_name: "VBoxModel",
      state: { children: [...models.map((_, index) => `IPY_MODEL_m${index}`), "IPY_MODEL_box", "IPY_MODEL_out"], titles: [payload] },
    },
    out: { model_name: "anyModel", state: { outputs: [shows("text/html", payload), shows("text/plain", payload)] } },
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
      { ...prose(payload), id: payload, metadata: marks } as any,
      prose(
        `# ${payload}\n\n${payload}\n\n- ${payload}\n\n> ${payload}\n\n| ${payload} | b |\n|--|--|\n| ${payload} | c |\n\n\`\`\`${payload}\n${payload}\n\`\`\`\n`,
        { attachments: { [payload]: { "image/png": payload }, x: { [payload]: PIXEL } } },
      ),
      { ...code(payload, ...outputs), id: payload, metadata: marks } as any,
      { cell_type: "raw", source: payload },
      { cell_type: payload, source: payload, [payload]: payload } as any,
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


export { PAYLOADS, everywhere }