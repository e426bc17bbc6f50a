import { test } from "vitest"
import { localKernels } from "#kernel/adapters/local.ts"
const CODE: Record<string,string[]> = {
 ir: ['invisible(7)', 'IRdisplay::display_html("<b>x</b>")', 'cat("é☃😍")','ls(asNamespace("IRdisplay"))','cat(strrep("x", 1000000))','IRkernel::comm_manager()','display <- IRdisplay::display_png; suppressWarnings(sessionInfo()$R.version$version.string)','flush(stdout()); cat("a\n"); flush.console(); Sys.sleep(1); cat("b\n")'],
 bash: ['nosuchcommand; true','head -c 1000000 /dev/zero | tr "\\0" x', 'type display | head -30','x=5','echo $x; (exit 3)'],
}
for (const [name, cells] of Object.entries(CODE)) test(name, async () => {
  const kernels = localKernels({ env: { ...process.env, JUPYTER_PATH: "/tmp/jp" } })
  const k = await kernels.start(name)
  console.log(name, k.started, JSON.stringify({...k.info, features:[...k.info.features]}))
  let over: () => void = () => {}
  const lines: string[] = []
  let reply=false, idle=false
  k.listen(e => {
    if (e.type !== "said") { lines.push(JSON.stringify(e)); over(); return }
    const m = e.message
    lines.push(`${m.channel} ${m.header.msg_type} ${JSON.stringify(m.content).slice(0,300)}`)
    if (m.channel==="shell") reply=true
    if (m.header.msg_type==="status" && m.content["execution_state"]==="idle") idle=true
    if (reply&&idle) over()
  })
  for (const code of cells) {
    reply=idle=false
    lines.push("> "+code)
    const p = new Promise<void>(r => { over = r; setTimeout(r, 8000) })
    k.execute({ code })
    await p
  }
  // abort
  const t=[ '1/0','stop("x")','false','throw 1'][["python3","ir","bash","deno"].indexOf(name)]!
  lines.push("> QUEUE")
  k.execute({code:t}); k.execute({code: cells[0]!}); 
  await new Promise(r=>setTimeout(r,1500))
  console.log(lines.join("\n"))
  await k.close()
}, 60000)
