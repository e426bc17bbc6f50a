/** What IPython's magics mean for the names of a notebook. What is not listed may do anything. */

/**
 * - nothing: touches no name
 * - code: its line (or cell) is Python of this notebook
 * - measured: the same, but what it assigns stays inside
 * - opens: may bring names that no source shows
 * - elsewhere: its cell runs in another program
 */
export type MagicMeaning = "nothing" | "code" | "measured" | "opens" | "elsewhere"

const LINE: { readonly [meaning in MagicMeaning]?: string } = {
  nothing: `alias alias_magic autoawait autocall automagic autosave bookmark cat cd clear code_wrap colors conda config connect_info cp
    debug dhist dirs doctest_mode ed edit env gui hist history killbgscripts ldir less lf lk ll load_ext logoff logon logstart logstate logstop
    ls lsmagic lx magic man matplotlib mamba micromamba mkdir more mv notebook page pastebin pdb pdef pdoc pfile pinfo pinfo2 pip popd pprint
    precision psearch psource pushd pwd pycat qtconsole quickref reload_ext rehashx rm rmdir save sc set_env subshell sx system tb unalias
    unload_ext uv who who_ls whos xmode ddir echo copy ren cls autoreload aimport watermark tensorboard xdel`,
  code: "time prun memit mprun lprun",
  measured: "timeit",
  opens: "run pylab store load loadpy macro recall rerun rep reset reset_selective paste cpaste sql R",
}

const CELL: { readonly [meaning in MagicMeaning]?: string } = {
  code: "time capture prun debug memit mprun lprun snakeviz scalene notify heat memray_flamegraph code_wrap",
  measured: "timeit",
  elsewhere: `! bash sh cmd powershell script system sx html HTML javascript js latex markdown svg SVG perl ruby pypy python python2 python3
    writefile file bigquery sql R ai dot mermaid`,
}

const LINES = tableOf(LINE)
const CELLS = tableOf(CELL)

function tableOf(listed: { readonly [meaning in MagicMeaning]?: string }): ReadonlyMap<string, MagicMeaning> {
  return new Map(Object.entries(listed).flatMap(([meaning, names]) => names.split(/\s+/).map((name) => [name, meaning as MagicMeaning] as const)))
}

export function lineMagic(name: string): MagicMeaning {
  return LINES.get(name) ?? "opens"
}

export function isLineMagic(name: string): boolean {
  return LINES.has(name)
}

export function cellMagicMeaning(name: string): MagicMeaning {
  return CELLS.get(name) ?? "opens"
}

export function hasPythonBody(name: string): boolean {
  const meaning = cellMagicMeaning(name)
  return meaning === "code" || meaning === "measured"
}

/** Options of `%time`, `%timeit` and the like that stand before the code; a letter that takes a value, with it. */
const OPTIONS = /^(?:\s*-(?:[nrptslmTDfcou]\s*(?:\d+|[\w./]+\b(?=\s))?|[a-zA-Z]+|-[\w-]+(?:=\S+)?))*\s*/

/** Where the code of a line begins. */
export function codeStart(name: string, line: string): number {
  if (name === "time") return /^\s*(?:--no-raise-error\s+)?/.exec(line)?.[0].length ?? 0
  if (name === "timeit") return /^(?:\s*-(?:[nrp]\s*\d+|[tcqov]+))*\s*/.exec(line)?.[0].length ?? 0
  return OPTIONS.exec(line)?.[0].length ?? 0
}

/** The names that a cell magic gives to what its cell says: `%%capture x`, `%%bash --out x`, `%%sql x <<`, `%%bigquery x`. */
export function namesFrom(name: string, line: string): readonly string[] {
  const words = line.trim().split(/\s+/)
  if (name === "capture" || name === "bigquery" || name === "timeit")
    return words.filter((word, at) => isName(word) && !(words[at - 1] ?? "").startsWith("--") && name !== "timeit").slice(0, 1)
  if (name === "sql") return [...line.matchAll(/(?:^|\s)([A-Za-z_]\w*)\s*=?\s*<</g)].map((match) => match[1] ?? "")
  if (name === "R" || name === "r")
    return [...line.matchAll(/(?:^|\s)(?:-o|--output)[\s=]+([\w,]+)/g)].flatMap((match) => (match[1] ?? "").split(","))
  return [...line.matchAll(/--(?:out|err|proc)[\s=]+([A-Za-z_]\w*)/g)].map((match) => match[1] ?? "")
}

function isName(word: string): boolean {
  return /^[A-Za-z_]\w*$/.test(word)
}

/** Names in the braces and after the dollars of a shell line, with their offsets in it. A name that is not there is left as it is. */
export function namesInShell(line: string): readonly { readonly name: string; readonly from: number }[] {
  return [...line.matchAll(/(?<![\\$])\$([A-Za-z_]\w*)|(?<!\{)\{([A-Za-z_]\w*)/g)].map((match) => {
    const name = match[1] ?? match[2] ?? ""
    return { name, from: match.index + match[0].length - name.length }
  })
}
