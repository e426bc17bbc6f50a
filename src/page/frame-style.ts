/**
 * What active output stands on: a light plate in both modes, because people draw for white paper. `:where` weighs nothing,
 * so every style of the output's own wins.
 */
export const FRAME_STYLE = `:where(html){background:#fbfaf7;color:#1c1b19;font:14px/1.45 Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color-scheme:light}
:where(body){margin:0;padding:8px;box-sizing:border-box;overflow-wrap:break-word}
:where(svg,img,video,canvas){max-width:100%}
:where(body>svg){display:block}
:where(table){border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
:where(th,td){padding:5px 12px;border-bottom:1px solid #e5e2da;text-align:right}
:where(thead th){border-bottom-color:#b9b4a8}
@media print{:where(html){background:#fff}}
:where(pre,code){font-family:"JetBrains Mono",ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}`
