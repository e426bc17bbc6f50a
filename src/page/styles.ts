/** The page's one style sheet: a calm proof sheet. Quiet paper, black ink, one red pencil; the content is the picture. */
import { TOKENS } from "#page/tokens.ts"

const BASE = `
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:13px/1.35 Inter,"Inter Variable",system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:24px}
body{margin:0}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
pre:focus:not(:focus-visible),.window:focus:not(:focus-visible){outline:none}
code,pre,.count,.time{font-family:"JetBrains Mono","JetBrains Mono Variable",ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-variant-ligatures:none}
pre{margin:0}
summary{cursor:pointer}
.quiet,.aside{color:var(--faint)}
.aside{margin:6px 0;font-size:12px}
.mark{font-family:"Source Serif 4","Source Serif 4 Variable","Source Serif Pro",Charter,"Iowan Old Style",Georgia,serif;font-size:16px;padding-bottom:5px;background:radial-gradient(circle,var(--pencil) 1.1px,transparent 1.5px) 0 100%/6px 4px repeat-x}
.desk{max-width:1312px;margin:0 auto;padding:0 24px}
main{min-width:0;max-width:1024px;margin:0 auto;position:relative}
.switches{display:flex;justify-content:space-between;align-items:baseline;max-width:1312px;margin:0 auto;padding:16px 24px 0;font-size:12px;color:var(--faint)}
.controls{display:flex;gap:20px}
.switches label{cursor:pointer;padding:4px 6px}
.switches label:hover{color:var(--ink)}
.switches label:has(:checked){color:var(--ink)}
.switches input[type=radio]{position:absolute;opacity:0;width:1px;height:1px}
.switches label:has(input[type=radio]:checked){text-decoration:underline;text-decoration-color:var(--pencil);text-underline-offset:4px;text-decoration-thickness:2px}
.switches label:has(:focus-visible){outline:2px solid var(--link);border-radius:4px}
.switches input[type=checkbox]{accent-color:var(--soft);margin:0 5px 0 0;vertical-align:-2px}
@media (min-width:1180px){
.desk:has(>.outline){display:grid;grid-template-columns:200px minmax(0,1024px);gap:40px;justify-content:center}
.desk:has(>.outline)>main{width:100%;margin:0}
.outline{position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding:36px 0 24px}
.outline details::details-content{content-visibility:visible;display:block}
.outline details:not([open])>summary{list-style:none}
}`

const HEAD = `
.head{padding:28px 0 20px;margin:0 0 20px;border-bottom:1px solid var(--line)}
.head h1{contain:paint;margin:0 0 10px;font:600 28px/1.2 "Source Serif 4","Source Serif 4 Variable","Source Serif Pro",Charter,"Iowan Old Style",Georgia,serif;letter-spacing:-.01em;overflow-wrap:anywhere;text-wrap:balance}
.facts{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0;color:var(--soft);align-items:baseline}
.status{display:inline-flex;gap:6px;align-items:baseline;font-weight:600}
.status .icon{font-size:12px}
.status-succeeded{color:var(--succeeded)}.status-failed{color:var(--failed)}.status-cancelled{color:var(--waiting)}.status-queued,.status-unfinished{color:var(--waiting)}
.status-running{color:var(--running)}.status-lost{color:var(--lost)}
.explanation{margin:10px 0 0;max-width:660px;color:var(--soft);overflow-wrap:anywhere}
.alarm{margin:16px 0 0;padding:14px 16px;border-left:3px solid var(--failed);background:var(--failed-wash);border-radius:0 6px 6px 0}
.alarm p{margin:0 0 8px}
.alarm>:last-child{margin-bottom:0}
.raised{white-space:pre-wrap;overflow-wrap:anywhere;font-size:14px}
.raised strong{color:var(--failed)}
.alarm .line code{overflow-wrap:anywhere}
.jump{font-weight:600}
.more{margin:8px 0 0}
.more summary{color:var(--soft)}
.more pre{margin-top:8px;max-height:420px;overflow:auto}
.parameters{margin:18px 0 0;border-collapse:collapse;min-width:min(420px,100%)}
.parameters caption{text-align:left;color:var(--faint);font-size:12px;padding-bottom:4px}
.parameters th,.parameters td{padding:5px 24px 5px 0;border-top:1px solid var(--line);text-align:left;font-weight:400;vertical-align:baseline;overflow-wrap:anywhere}
.parameters tr:last-child>*{border-bottom:1px solid var(--line)}
.parameters th{color:var(--soft);min-width:120px}
.outline{font-size:13px;line-height:1.35}
.outline summary{color:var(--faint);font-size:12px;margin-bottom:8px}
.outline ul{list-style:none;margin:0;padding:0}
.outline a{display:block;padding:3px 0;color:var(--soft);text-decoration:none;overflow-wrap:anywhere}
.outline a:hover{color:var(--ink);text-decoration:underline}
.outline .level-1{padding-left:12px}.outline .level-2{padding-left:24px}.outline .level-0 a{color:var(--ink)}
.outline a.failed{color:var(--failed)}
.empty{color:var(--faint);padding:32px 0}
.foot{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;margin:48px 0 0;padding:16px 0 40px;border-top:1px solid var(--line);color:var(--faint);font-size:12px;overflow-wrap:anywhere}`

const PROSE = `
.prose{font:16px/1.55 "Source Serif 4","Source Serif 4 Variable","Source Serif Pro",Charter,"Iowan Old Style",Georgia,serif;overflow-wrap:break-word;overflow:clip;overflow-clip-margin:4px;display:flow-root}
.prose>*{max-width:660px}
.prose>.wide,.prose>pre,.prose>table,.prose>div,.prose>center{max-width:100%}
.prose h1,.prose h2,.prose h3,.prose h4,.prose h5,.prose h6{font-weight:600;line-height:1.25;margin:1.5em 0 .5em;text-wrap:balance;letter-spacing:-.005em}
.prose h1{font-size:24px}.prose h2{font-size:20px}.prose h3{font-size:17px}.prose h4,.prose h5,.prose h6{font-size:16px}
.prose h6{color:var(--soft)}
.prose>:first-child,.prose>div:first-child>:first-child{margin-top:0}
.prose>:last-child{margin-bottom:0}
.prose p,.prose ul,.prose ol,.prose dl,.prose blockquote,.prose pre,.prose table{margin-block:0 .8em}
.prose ul,.prose ol{padding-inline-start:1.5em}
.prose li{margin:.2em 0}.prose li>p{margin-block:.3em}
.prose blockquote{margin-inline:0;padding-inline-start:16px;border-inline-start:2px solid var(--strong);color:var(--soft)}
.prose hr{border:0;border-top:1px solid var(--line);margin:1.8em 0}
.prose code{font-size:.86em}
.prose :not(pre)>code{background:var(--sunk);padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}
.prose kbd{font:12px ui-monospace,Menlo,Consolas,monospace;border:1px solid var(--strong);border-bottom-width:2px;border-radius:4px;padding:0 5px}
.prose pre{overflow-x:auto;padding:10px 14px;background:var(--sunk);border-radius:6px;font-size:14px;line-height:1.5}
.prose pre code{font-size:13.5px}
.prose img{max-width:100%;height:auto}
.prose .float-left{float:left;margin-inline-end:16px}.prose .float-right{float:right;margin-inline-start:16px}.prose .cleared{clear:both}
.prose .ground{background:color-mix(in oklab,var(--g) 26%,transparent)}
.prose mark{background:color-mix(in oklab,var(--amber) 25%,transparent);color:inherit}
.prose details{margin-block:0 .8em}
.place{scroll-margin-top:24px}
.math{font-size:1.05em}
math{font-family:"STIX Two Math","Latin Modern Math","Cambria Math","Libertinus Math","Noto Sans Math",math,serif}
mtable[columnalign^="right left"]>mtr>mtd{padding-inline:0;text-align:left}
mtable[columnalign^="right left"]>mtr>:nth-child(odd of :not(.mtr-glue,.mml-eqn-num)){text-align:right}
mtable[columnalign^="left"]>mtr>mtd{text-align:left}
mtable[columnalign="right center left"]>mtr>:first-child{text-align:right}mtable[columnalign="right center left"]>mtr>:last-child{text-align:left}
.math.display{display:block;overflow-x:auto;overflow-y:hidden;padding:.3em 0;margin:.4em 0;text-align:center}
.tex{color:var(--soft)}
.notice{padding:10px 14px;margin-block:0 .8em;border-inline-start:3px solid var(--running);background:var(--sunk);border-radius:0 6px 6px 0}
.notice>:last-child{margin-bottom:0}
.notice-success{border-color:var(--succeeded)}.notice-warning{border-color:var(--amber)}.notice-danger{border-color:var(--failed)}
.missing-picture{display:inline-flex;align-items:center;gap:6px;font:12px/1.4 Inter,system-ui,sans-serif;color:var(--faint);border:1px dashed var(--strong);border-radius:6px;padding:4px 10px;text-decoration:none;max-width:100%;overflow-wrap:anywhere}
.missing-picture::before{content:"picture";color:var(--faint);letter-spacing:.02em}
a.missing-picture .picture-name{text-decoration:underline;color:var(--link)}
.inline-list{list-style:none;padding:0}.inline-list>li{display:inline-block}.inline-list>li:not(:last-child)::after{content:"·";padding:0 .5ex}
.inline-dl{margin:0}.inline-dl>:is(dt,dd){display:inline-block;margin:0}.inline-dl>dt{color:var(--soft)}.inline-dl>dt::after{content:":";padding-inline-end:.5ex}.inline-dl>dd{padding-inline-end:1.5ex;font-variant-numeric:tabular-nums}`

// Tables of prose and of outputs: dense, hairlines, figures aligned.
const TABLES = `
.prose table,.html table{border-collapse:collapse;font:13px/1.35 Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums;width:max-content;max-width:none}
.prose table{display:block;overflow-x:auto;max-width:100%}
.prose :is(th,td),.html :is(th,td){padding:5px 12px;border-bottom:1px solid var(--line);text-align:start;vertical-align:top}
.html :is(th,td){text-align:right;white-space:pre;max-width:60ch;overflow:hidden;text-overflow:ellipsis}
.html tbody th{color:var(--soft);font-weight:400}
.html thead th,.prose thead th{border-bottom:1px solid var(--strong);font-weight:600;vertical-align:bottom}
.html tbody tr:hover>*{background:var(--sunk)}
.html caption{text-align:start;color:var(--faint);padding:4px 0}
.html [align=left]>:is(th,td),.html :is(th,td)[align=left],.prose :is(th,td)[align=left]{text-align:left}
.html [align=right]>:is(th,td),.html :is(th,td)[align=right],.prose :is(th,td)[align=right]{text-align:right}
.html [align=center]>:is(th,td),.html :is(th,td)[align=center],.prose :is(th,td)[align=center]{text-align:center}
.html p{margin:6px 0;color:var(--faint);font-size:12px}
.html p:only-child,.html>:not(table,div):first-child{color:inherit;font-size:inherit}`

const CELLS = `
.cell{position:relative;margin:0 0 20px;padding-left:64px;scroll-margin-top:24px}
.code-cell{margin-bottom:24px}
.source{position:relative}
.source>summary{list-style:none;color:var(--faint);font-size:12px;line-height:21px;user-select:none}
.source>summary::-webkit-details-marker{display:none}
.source>summary .count,.source>summary .time{position:absolute;left:-64px;width:50px;text-align:right;white-space:nowrap}
.source>summary .count{top:10px}
.source[open]>summary:has(.tag,.state) .count{top:31px}
.source[open]>summary:has(.tag,.state) .time{top:50px}
.source>summary .time{top:29px;font-size:12px;letter-spacing:-.03em}
.source[open]>summary .peek{display:none}
.peek .quiet{margin-left:12px}
.source>summary .tag,.source>summary .state{display:inline-block;margin:0 10px 2px 0}
.source>summary .state{font-weight:600}
.source:not([open])>summary{padding:10px 16px;border-left:3px solid var(--line);overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.source:not([open])>summary:hover{background:var(--sunk)}
.source:not([open])>summary .count{top:10px}
.source>summary:hover .count::before{content:"▸ "}
.source[open]>summary:hover .count::before{content:"▾ "}
.source>.code{border-left:3px solid var(--line);background:var(--sunk);padding:10px 16px;border-radius:0 6px 6px 0;font-size:14px;line-height:1.5;overflow-x:auto;tab-size:4}
.is-failed>.source>.code,.is-failed>.source>summary,.is-timed-out>.source>.code,.is-kernel-died>.source>.code{border-left-color:var(--failed)!important}
.is-failed .state,.is-timed-out .state,.is-kernel-died .state{color:var(--failed)}
.is-failed-allowed>.source>.code{border-left-color:var(--amber)}.is-failed-allowed .state{color:var(--amber)}
.is-running>.source>.code{border-left-color:var(--running)}.is-running .state{color:var(--running)}
.is-lost>.source>.code{border-left-color:var(--lost)}.is-lost .state{color:var(--lost)}
:is(.is-skipped,.is-not-run,.is-cancelled)>.source>.code{border-left-style:dotted;border-left-color:var(--strong);background:none;color:var(--soft)}
.outputs{margin-top:10px}
.outputs.folded>summary{color:var(--faint);font-size:12px}
.output{margin:0 0 10px}
.output:last-child{margin-bottom:0}
.text{font-size:13px;line-height:1.5;overflow-x:auto;white-space:pre;unicode-bidi:plaintext;padding:2px 0 2px 19px}
.text.wraps{white-space:pre-wrap;overflow-wrap:anywhere}
.window{height:480px;overflow:auto;border-block:1px solid var(--line);content-visibility:auto;contain-intrinsic-height:480px}
.window thead{position:sticky;top:0;background:var(--paper)}
.window .text{overflow:visible;width:max-content;min-width:100%}
.window .text.wraps{width:auto}
.output>.aside,.output>.tree,.output>.prose,.output>.html,.output>.picture,.output>.widgets,.output>.more{margin-left:19px}
.stderr,.output.error{position:relative}
.stderr .text{border-left:3px solid var(--amber);padding-left:16px}
.output.error .text,.output.error>.raised{border-left:3px solid var(--failed);padding-left:16px}
.output.error>.raised{margin:0;padding-block:2px}
.stderr>.label,.output.error>.label{position:absolute;left:-64px;width:50px;top:3px;text-align:right;font-size:12px;color:var(--faint)}
.picture{margin-block:0;margin-inline:0}
.picture img{max-width:100%;height:auto;display:block}
.wide{overflow-x:auto}
.active{display:block;width:calc(100% - 19px);margin-left:19px;border:0;border-radius:6px;background:#fbfaf7;color-scheme:light}
iframe.together{position:absolute;top:0;left:0;width:100%;margin:0;border-radius:0}
.raw{padding:10px 16px;border-left:3px dotted var(--line);color:var(--soft);font-size:13px;white-space:pre-wrap;overflow-wrap:anywhere}
.tree{font-size:13px;line-height:1.6;overflow-x:auto;max-height:640px;overflow-y:auto}
.tree ul{list-style:none;margin:0;padding-left:18px}
.tree .key{color:var(--call)}
.tree .key::after{content:":";color:var(--faint)}
.tree code{overflow-wrap:anywhere}
.box{display:flex;flex-direction:column;gap:8px}
.box.row{flex-direction:row;flex-wrap:wrap;align-items:baseline;gap:8px 16px}
.control{display:inline-flex;gap:10px;align-items:baseline}
.control .label,.box>div>.label{color:var(--faint);margin:0}
.box>div>.label{margin:6px 0 4px;font-weight:600}
.control .prose{font:inherit}.control .prose p{margin:0}
.setting{border-bottom:1px solid var(--strong);padding:0 4px;font-variant-numeric:tabular-nums}
.captured .text{padding-left:0}.captured>.output>*{margin-left:0}
progress{accent-color:var(--succeeded);width:160px;height:8px}
body:has(#stet-code:not(:checked)) .source{display:none}`

// A colour that was chosen for one background is moved to where it can be read on this one, its hue stays; over a background of its own
// it is what it is.
const INK = `
.k{color:var(--keyword)}.s{color:var(--string)}.e{color:var(--amber)}.n{color:var(--number)}.c{color:var(--comment);font-style:italic}.f{color:var(--call)}.t{color:var(--type)}.m{color:var(--amber)}
.hidden-character{font-size:11px;color:var(--failed);border:1px solid currentColor;border-radius:3px;padding:0 2px;font-style:normal}
.a-bold{font-weight:700}.a-dim{opacity:.75}.a-italic{font-style:italic}.a-underline{text-decoration:underline}.a-strikethrough{text-decoration:line-through}.a-reverse{background:var(--ink);color:var(--paper)}
[style*="--f:"]{color:color-mix(in oklab,var(--f) 62%,var(--ink))}
@supports (color:oklch(from red l c h)){[style*="--f:"]{color:oklch(from var(--f) clamp(var(--darkest),l,var(--lightest)) c h)}}
[style*="--f:"][style*=background-color],[style*="--f:"][class*="-bg"]{color:var(--f)}
${["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
  .map(
    (name) =>
      `:is(.a-${name}-fg,.a-bright-${name}-fg){color:var(--a-${name})}:is(.a-${name}-bg,.a-bright-${name}-bg){background:color-mix(in oklab,var(--a-${name}) 26%,var(--paper))}`,
  )
  .join("\n")}`

// In the dark, pictures keep the light they were drawn for.
const MODES = `
@media screen and (prefers-color-scheme:dark){:root:not(:has(#stet-light:checked)) .picture img,:root:not(:has(#stet-light:checked)) .prose img{background:#fdfcfa;border-radius:6px}}
@media screen{:root:has(#stet-dark:checked) .picture img,:root:has(#stet-dark:checked) .prose img{background:#fdfcfa;border-radius:6px}}
@media (max-width:1179px){.outline{max-width:1024px;margin:16px auto 0}}
@media screen and (max-width:720px){
.desk,.switches{padding-inline:16px}
.head{padding-top:20px}.head h1{font-size:24px}
.cell{padding-left:0}
.source>summary .count,.source>summary .time{position:static;width:auto;margin-right:10px}
.source[open]>summary{padding-left:16px;border-left:3px solid var(--line);background:var(--sunk);border-radius:0 6px 0 0}
.source[open]>summary+.code{padding-top:2px;border-top-right-radius:0}
.source:not([open])>summary{white-space:normal}
.text{font-size:12px;padding-left:0}
.output>.aside,.output>.tree,.output>.prose,.output>.html,.output>.picture,.output>.widgets,.output>.more,.active{margin-left:0}
.active{width:100%}
.source>.code{font-size:13px}
.stderr>.label,.output.error>.label{position:static;display:block;text-align:left;width:auto}
}
@media (prefers-reduced-motion:no-preference){.source>summary,.outline a{transition:color 120ms ease-out,background-color 120ms ease-out}}
@page{margin:18mm 16mm}
@media print{
html{background:#fff;font-size:10pt}
.switches,.outline,.jump{display:none!important}
.desk{display:block!important;max-width:none;padding:0}main{max-width:none}
.prose{font-size:11pt}
.cell{padding-left:44px}.source>summary .count,.source>summary .time{left:-44px;width:36px;font-size:8pt}
.source>.code,.text,.prose pre{white-space:pre-wrap;overflow-wrap:anywhere;overflow:visible;font-size:8.5pt}
.source>.code,.prose pre{background:none}
.window,.tree,.more pre{height:auto;max-height:none;overflow:visible;content-visibility:visible}.window thead{position:static}.window .text{width:auto}
.wide,.prose table{overflow:visible}
.picture,.alarm,.parameters tr,.html tr,.active,mtable[columnalign^="right left"]>mtr>mtd{padding-inline:0;text-align:left}
mtable[columnalign^="right left"]>mtr>:nth-child(odd of :not(.mtr-glue,.mml-eqn-num)){text-align:right}
mtable[columnalign^="left"]>mtr>mtd{text-align:left}
mtable[columnalign="right center left"]>mtr>:first-child{text-align:right}mtable[columnalign="right center left"]>mtr>:last-child{text-align:left}
.math.display{break-inside:avoid}
.prose :is(h1,h2,h3,h4){break-after:avoid}
.source{break-inside:auto}
a{color:inherit}
}`

export const STYLE = [TOKENS, BASE, HEAD, PROSE, TABLES, CELLS, INK, MODES].join("")
