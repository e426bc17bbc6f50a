/** What the cells do beyond computing: asked for before they are run again, and shown beside them. */

import type { Subject, SubjectCell } from "#notebook/analysis/findings.ts"
import type { Call, Span } from "#notebook/analysis/names.ts"
import { isWrite } from "#notebook/analysis/rules/files.ts"

export type EffectKind = "file" | "sql" | "network" | "process"

export type Effect = Span & {
  readonly cell: string
  readonly kind: EffectKind
  /** It changes something outside; a download or a query only asks. */
  readonly writes: boolean
  /** As written: `df.to_csv`. */
  readonly what: string
}

const PROCESS = /^(?:os\.(?:system|popen|exec\w*|spawn\w*|kill)|subprocess\.\w+|pexpect\.\w+)$/
const REMOVES =
  /^(?:os\.(?:remove|unlink|rename|replace|mkdir|makedirs|rmdir|removedirs|chmod|symlink)|shutil\.(?:rmtree|move|copy\w*|make_archive|unpack_archive)|.*\.(?:unlink|rmdir|mkdir|touch|extractall))$/
const SENDS =
  /^(?:requests|httpx|session|client|s|http)\.(?:post|put|patch|delete)$|^smtplib\.|(?:^|\.)(?:sendmail|send_message|put_object|upload_file|upload_fileobj|upload_blob|push_to_hub|put_item|publish)$/
const ASKS_NETWORK =
  /^(?:requests|httpx)\.\w+$|^urllib\.request\.\w+$|(?:^|\.)(?:urlopen|urlretrieve|download_file|get_object|load_dataset|snapshot_download|from_pretrained)$/
const SQL = /(?:^|\.)(?:execute|executemany|executescript|to_sql|read_sql|read_sql_query|read_sql_table|read_gbq|to_gbq|sql)$/
const WRITING_SQL = /\b(?:insert|update|delete|merge|create|drop|alter|truncate|grant|copy)\b/i

/** In the order of the cells. */
export function effectsOf({ cells }: Subject): readonly Effect[] {
  return cells.flatMap((cell) => [...cell.names.calls.flatMap((call) => ofCall(cell, call)), ...ofMagics(cell)])
}

function ofCall({ id, names }: SubjectCell, call: Call): Effect[] {
  const { callee, from, to } = call
  const effect = (kind: EffectKind, writes: boolean): Effect[] => [{ cell: id, kind, writes, what: callee, from, to }]
  if (isWrite(call) || REMOVES.test(callee)) return effect("file", true)
  if (PROCESS.test(callee)) return effect("process", true)
  if (SENDS.test(callee)) return effect("network", true)
  if (ASKS_NETWORK.test(callee)) return effect("network", false)
  if (!SQL.test(callee)) return readsAddress(call) ? effect("network", false) : []
  const statement = call.args.find(({ name, literal }) => name === "" && typeof literal === "string")?.literal
  const inside = names.texts.filter((text) => text.from >= from && text.to <= to).map(({ value }) => value)
  const isQuery =
    /read_(?:sql|gbq)/.test(callee) ||
    [statement, ...inside].some(
      (each) => typeof each === "string" && /^\s*(?:select|with|show|describe|explain|pragma)\b/i.test(each) && !WRITING_SQL.test(each),
    )
  return effect("sql", !isQuery)
}

function readsAddress({ args }: Call): boolean {
  return typeof args[0]?.literal === "string" && /^(?:https?|ftp|s3|gs):\/\//.test(args[0].literal) && args[0].name === ""
}

const WRITES_BY_SHELL = />|\b(?:rm|mv|cp|mkdir|touch|tar|unzip|git|tee|chmod|wget|curl|kaggle|gsutil|aws|install)\b/

function ofMagics({ id, names, cell }: SubjectCell): Effect[] {
  return names.magics.flatMap(({ name, line, from, to }): Effect[] => {
    const effect = (kind: EffectKind, writes: boolean): Effect[] => [
      { cell: id, kind, writes, what: name === "!" ? `!${line.trim().slice(0, 40)}` : `%${name}`, from, to },
    ]
    if (name === "!" || name === "sx" || name === "system") return effect("process", WRITES_BY_SHELL.test(line))
    if (/^%(?:bash|sh|script|system|cmd|!)$/.test(name)) return effect("process", WRITES_BY_SHELL.test(cell.source))
    if (name === "pip" || name === "conda" || name === "mamba" || name === "uv") return effect("process", true)
    if (/^%(?:writefile|file)$/.test(name)) return effect("file", true)
    return /^%?sql$/.test(name) ? effect("sql", WRITING_SQL.test(name === "sql" ? line : cell.source)) : []
  })
}
