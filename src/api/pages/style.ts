/** The style sheet of what the server draws by itself; it looks like the app, from the same tokens. */
import { TOKENS } from "#page/index.ts"

const SANS = `13px/1.4 "Inter Variable",Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif`
const SERIF = `"Source Serif 4 Variable","Source Serif 4",Charter,"Iowan Old Style",Georgia,serif`
const MONO = `"JetBrains Mono","JetBrains Mono Variable",ui-monospace,SFMono-Regular,Menlo,Consolas,monospace`

export const STYLE = `${TOKENS}
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:${SANS};-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:16px}
body{margin:0}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
code,pre,kbd{font-family:${MONO};font-variant-ligatures:none;font-size:13px}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--surface);padding:8px;z-index:1}
.top{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;padding:12px 24px;border-bottom:1px solid var(--line)}
.top nav{display:flex;flex-wrap:wrap;gap:4px 16px;flex:1}
.top nav a,.top .who a{color:var(--soft);text-decoration:none}
.top nav a:hover,.top nav a[aria-current]{color:var(--ink);text-decoration:underline;text-decoration-color:var(--pencil);text-underline-offset:5px;text-decoration-thickness:2px}
.top form{display:inline}
.count{background:var(--pencil);color:var(--paper);font-size:12px;font-weight:600;border-radius:10px;padding:0 6px;font-variant-numeric:tabular-nums}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.mark{font-family:${SERIF};font-weight:600;font-size:19px;color:var(--ink);text-decoration:none;padding-bottom:5px;background:radial-gradient(circle,var(--pencil) 1.1px,transparent 1.5px) 0 100%/6px 4px repeat-x}
main{max-width:1120px;margin:0 auto;padding:20px 24px 64px}
main.narrow{max-width:400px;padding-top:24px}
.top.lone{justify-content:center;border:0;padding-top:min(14vh,120px)}
.lone .mark{font-size:28px}
.lone~main.narrow h1{text-align:center;margin-bottom:20px}
main.narrow form.fields{margin-top:16px}
main.narrow form button{width:100%}
h1{font:600 26px/1.2 ${SERIF};letter-spacing:-.01em;margin:8px 0 6px;overflow-wrap:anywhere;text-wrap:balance}
h2{font:600 16px/1.3 ${SERIF};margin:32px 0 8px}
h2:first-child{margin-top:8px}
h3{font-size:13px;margin:20px 0 6px;overflow-wrap:anywhere}
p{margin:0 0 10px;max-width:72ch}
.quiet{color:var(--faint)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:500;color:var(--faint);font-size:12px}
th,td{padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:baseline;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
tbody tr:hover{background:var(--sunk)}
.alarm{border-left:3px solid var(--failed);background:var(--failed-wash);padding:12px 16px;margin:12px 0;border-radius:0 6px 6px 0}
.alarm>:last-child{margin-bottom:0}
.log{background:var(--sunk);border:1px solid var(--line);border-radius:6px;padding:10px 12px;max-height:480px;overflow:auto;tab-size:4}
form.fields{display:grid;gap:14px;max-width:560px;margin:0 0 16px}
label{display:block;font-weight:500}
.help{color:var(--faint);font-weight:400;margin:2px 0 4px;max-width:60ch}
.wrong{color:var(--failed);margin:2px 0 0}
input{font:inherit;color:inherit;background:var(--surface);border:1px solid var(--strong);border-radius:6px;padding:6px 9px;width:100%;min-height:34px;margin-top:3px}
input[aria-invalid=true]{border-color:var(--failed)}
button,.button{font:inherit;color:var(--ink);background:var(--surface);border:1px solid var(--strong);border-radius:6px;padding:6px 14px;min-height:34px;cursor:pointer;text-decoration:none;display:inline-block}
button.primary{background:var(--pencil);border-color:var(--pencil);color:var(--paper);font-weight:600}
button:hover,.button:hover{border-color:var(--ink)}
button.plain{border:0;background:none;padding:0;min-height:0;color:var(--soft);text-decoration:underline;text-underline-offset:2px}
.method{display:inline-block;min-width:52px;font:600 12px ${MONO}}
@media (max-width:640px){
.top,main{padding-left:16px;padding-right:16px}
.top nav{order:1;flex-basis:100%}
.top .who{margin-left:auto}
button,.button,input{min-height:42px}
}
@media (prefers-reduced-motion:no-preference){button,.button{transition:border-color .12s ease-out}}
@media print{.top,form{display:none}}`
