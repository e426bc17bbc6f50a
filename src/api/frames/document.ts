/**
 * The document of an output frame, and the policy it is sent with. It holds nothing of anybody's: what it shows is handed in by the app,
 * over one port.
 *
 * It has an address of its own because a `srcdoc` frame inherits the app's policy, under which the scripts of an output do not run.
 * `sandbox` stands in the policy as well as on the frame, so that the address opened by itself is as harmless. Nothing is asked of
 * the network: only hosts that the reader has allowed for this frame, for scripts, styles, pictures and fonts, never for
 * connections.
 */
import { isHost, MOST_HOSTS } from "#people/index.ts"

/** Undefined when the list is not one of hosts. An empty list is the common case. */
export function hostsOf(list: string | undefined): readonly string[] | undefined {
  if (list === undefined || list === "") return []
  const hosts = list.split(",")
  return hosts.length <= MOST_HOSTS && hosts.every(isHost) ? hosts : undefined
}

export function framePolicy(hosts: readonly string[]): string {
  const also = hosts.map((host) => ` https://${host}`).join("")
  return [
    "sandbox allow-scripts",
    "default-src 'none'",
    `script-src 'unsafe-inline' 'unsafe-eval' blob:${also}`,
    `style-src 'unsafe-inline' blob:${also}`,
    `img-src data: blob:${also}`,
    `font-src data: blob:${also}`,
    `media-src data: blob:${also}`,
    "connect-src 'none'",
    "worker-src blob:",
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; ")
}

/** Waits for the app's port, takes the runtime from it, and is gone: whatever comes later finds neither. */
const BOOT = `(()=>{
if(parent===self)return
addEventListener("message",function take(event){
  const port=event.ports[0]
  if(event.source!==parent||!port)return
  event.stopImmediatePropagation()
  removeEventListener("message",take,true)
  port.onmessage=(first)=>{
    port.onmessage=null
    new Function("port","hosts",first.data.code+";stetRuntime.start(port,hosts)")(port,first.data.hosts)
  }
},true)
document.currentScript.remove()
})()`

// A light plate in both modes, because people draw for white paper. \`:where\` weighs nothing, so every style of an output's own wins.
const STYLE = `html{color-scheme:light}
:where(html,body){margin:0;padding:0;background:transparent}
:where(body){font:14px/1.45 var(--sans,system-ui,sans-serif);color:#1c1b19;overflow:hidden}
.stet-output{position:absolute;top:0;left:0;box-sizing:border-box;overflow-wrap:break-word;transform-origin:0 0}
.stet-output:focus{outline:none}
:where([data-stet-dark="true"] [data-stet-plate]){background:#fbfaf7;border-radius:6px;padding:8px}
:where(.stet-chart){width:fit-content;max-width:100%;box-sizing:border-box}
:where([data-stet-dark="true"] .stet-output[data-stet-kind="widget"]){color:var(--ink);--jp-widgets-dropdown-arrow:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'%3E%3Cpath d='M5.2 7.5 9 11.3l3.8-3.8.9.9L9 13.1 4.3 8.4z' fill='%23b9b6ae'/%3E%3C/svg%3E")}
:where(svg,img,video,canvas){max-width:100%}
:where(table){border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
:where(th,td){padding:4px 12px;border-bottom:1px solid #e3dfd6;text-align:right}
:where(thead th){border-bottom-color:#c9c4b8}
:where(pre,code){font-family:var(--mono,ui-monospace,monospace)}
:where(iframe){border:0;max-width:100%}`

export const FRAME_DOCUMENT = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Output</title><style>${STYLE}</style></head><body><script>${BOOT}</script></body></html>`
