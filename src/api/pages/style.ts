/** The one style sheet of the plain pages: hairlines, dense tables, one red pencil. See LOOK in docs. */
import { TOKENS } from "#page/index.ts"

const SANS = `13px/1.4 Inter,"Inter Variable",system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif`
const SERIF = `"Source Serif 4","Source Serif 4 Variable",Charter,"Iowan Old Style",Georgia,serif`
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
.mark{font-family:${SERIF};font-size:17px;color:var(--ink);text-decoration:none;padding-bottom:5px;background:radial-gradient(circle,var(--pencil) 1.1px,transparent 1.5px) 0 100%/6px 4px repeat-x}
main{max-width:1120px;margin:0 auto;padding:20px 24px 64px}
main.narrow{max-width:440px}
h1{font:600 26px/1.2 ${SERIF};letter-spacing:-.01em;margin:8px 0 6px;overflow-wrap:anywhere;text-wrap:balance}
h2{font:600 16px/1.3 ${SERIF};margin:32px 0 8px}
h2:first-child{margin-top:8px}
h3{font-size:13px;margin:20px 0 6px;overflow-wrap:anywhere}
meter{width:96px;height:8px}
meter::-webkit-meter-bar{background:var(--sunk);border:1px solid var(--line);border-radius:2px;height:8px}
meter::-webkit-meter-optimum-value{background:var(--faint)}
meter::-moz-meter-bar{background:var(--faint)}
p{margin:0 0 10px;max-width:72ch}
.crumbs{color:var(--faint);overflow-wrap:anywhere}.crumbs a{color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:4px 18px;color:var(--soft);margin:0 0 14px}
.quiet{color:var(--faint)}
.num{font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:500;color:var(--faint);font-size:12px}
th,td{padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:baseline;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
td .sub{color:var(--faint);font-size:12px}
tbody tr:hover{background:var(--sunk)}
dl.pairs{display:grid;grid-template-columns:minmax(100px,max-content) 1fr;gap:4px 20px;margin:0 0 12px}
dl.pairs dt{color:var(--faint)}dl.pairs dd{margin:0;overflow-wrap:anywhere;min-width:0}
.state{white-space:nowrap;font-weight:500}
.state-running{color:var(--running)}.state-succeeded{color:var(--succeeded)}.state-failed{color:var(--failed)}
.state-queued,.state-cancelled{color:var(--waiting)}.state-lost{color:var(--lost)}
.alarm{border-left:3px solid var(--failed);background:var(--failed-wash);padding:12px 16px;margin:12px 0;border-radius:0 6px 6px 0}
.note{border-left:3px solid var(--strong);background:var(--sunk);padding:12px 16px;margin:12px 0;border-radius:0 6px 6px 0}
.once{border-left-color:var(--amber)}
.alarm>:last-child,.note>:last-child{margin-bottom:0}
.log{background:var(--sunk);border:1px solid var(--line);border-radius:6px;padding:10px 12px;max-height:480px;overflow:auto;tab-size:4}
.bar{height:4px;background:var(--line);border-radius:2px;overflow:hidden;margin:0 0 14px;max-width:420px}
.bar progress{display:block;width:100%;height:4px;appearance:none;border:0;background:transparent}
.bar progress::-webkit-progress-bar{background:transparent}
.bar progress::-webkit-progress-value{background:var(--running)}
.bar progress::-moz-progress-bar{background:var(--running)}
form.fields{display:grid;gap:14px;max-width:560px;margin:0 0 16px}
form.line{display:flex;flex-wrap:wrap;gap:8px;align-items:end;margin:0 0 16px}
label{display:block;font-weight:500}
label.check{display:flex;gap:8px;align-items:baseline;font-weight:400}
.help{color:var(--faint);font-weight:400;margin:2px 0 4px;max-width:60ch}
.wrong{color:var(--failed);margin:2px 0 0}
input:not([type=checkbox]):not([type=radio]),select,textarea{font:inherit;color:inherit;background:var(--surface);border:1px solid var(--strong);border-radius:6px;padding:6px 9px;width:100%;min-height:34px;margin-top:3px}
textarea{min-height:64px;font-family:${MONO}}
input[aria-invalid=true],textarea[aria-invalid=true],select[aria-invalid=true]{border-color:var(--failed)}
form.line input,form.line select{width:auto;min-width:160px}
fieldset{border:0;padding:0;margin:0;min-width:0}legend{padding:0;font-weight:500}
button,.button{font:inherit;color:var(--ink);background:var(--surface);border:1px solid var(--strong);border-radius:6px;padding:6px 14px;min-height:34px;cursor:pointer;text-decoration:none;display:inline-block}
button.primary{background:var(--pencil);border-color:var(--pencil);color:var(--paper);font-weight:600}
button:hover,.button:hover{border-color:var(--ink)}
button.plain{border:0;background:none;padding:0;min-height:0;color:var(--soft);text-decoration:underline;text-underline-offset:2px}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin:12px 0}
.empty{border:1px dashed var(--strong);border-radius:6px;padding:20px 24px;color:var(--soft)}
.empty p:last-child{margin:0}
.tag{display:inline-block;color:var(--soft);border:1px solid var(--line);border-radius:10px;padding:0 8px;font-size:12px}
mark{background:none;color:inherit;font-weight:700;text-decoration:underline;text-decoration-color:var(--pencil);text-decoration-thickness:2px}
details>summary{cursor:pointer;color:var(--soft)}
.method{display:inline-block;min-width:52px;font:600 12px ${MONO}}
@media (max-width:640px){
.top,main{padding-left:16px;padding-right:16px}
table.stack,table.stack tbody,table.stack tr,table.stack td{display:block}
table.stack thead{position:absolute;left:-9999px}
table.stack tr{border-bottom:1px solid var(--line);padding:8px 0}
table.stack td{border:0;padding:1px 0;text-align:left}
table.stack td[data-label]::before{content:attr(data-label) " ";color:var(--faint);font-size:12px}
button,.button,input:not([type=checkbox]):not([type=radio]),select{min-height:42px}
}
@media (prefers-reduced-motion:no-preference){button,.button{transition:border-color .12s ease-out}}
@media print{.top,.actions,form{display:none}}`
