/** What Python's calls and magics change outside. */
import type { EffectKind, FoundEffect } from "#notebook/analysis/effect.ts"
import { onlyReads } from "#notebook/analysis/effects-shell.ts"
import type { SubjectCell } from "#notebook/analysis/findings.ts"
import { textsHeldBy } from "#notebook/analysis/held.ts"
import type { Stand } from "#notebook/analysis/modules.ts"
import type { Argument, Call, CellNames, NameEvent, Use } from "#notebook/analysis/names.ts"
import { isWrite } from "#notebook/analysis/rules/files.ts"

const PROCESS =
  /^(?:os\.(?:system|popen|exec\w*|spawn\w*|kill|startfile)|subprocess\.(?:run|call|check_call|check_output|getoutput|getstatusoutput|Popen)|check_call|check_output|Popen|pexpect\.\w+|asyncio\.create_subprocess_\w+)$/
const REMOVES =
  /^(?:os\.(?:remove|unlink|rename|renames|replace|mkdir|makedirs|rmdir|removedirs|chmod|chown|symlink|link|truncate|utime)|shutil\.(?:rmtree|move|copy\w*|make_archive|unpack_archive|chown)|(?:.*\.)?(?:copyfile|copytree|rmtree|makedirs|unlink|rmdir|mkdir|touch|symlink_to|hardlink_to)|(?!.*(?:^|\.)str\.).*\.extractall)$/
/** Beside those that rules about paths know. */
const SAVES =
  /(?:^|\.)(?:save|save_all|save_pretrained|save_weights|save_model|save_npz|savemat|savez\w*|mimsave|mimwrite|to_netcdf|to_zarr|to_file|to_disk|to_delta|tofile|to_xml|to_sas|to_avro|write_\w+|sink_(?:parquet|csv|ipc|ndjson)|saveAsTable|saveAsTextFile|insertInto|export_graphviz|dump_svmlight_file|FileHandler|RotatingFileHandler|ModelCheckpoint|CSVLogger|SummaryWriter|ExcelWriter|HDFStore|VideoWriter|PdfPages)$|^(?:joblib|dill|skops\.io|sio)\.dump$|^torch\.onnx\.export$|^(?:\w+\.)*(?:wavfile|sf|soundfile|skvideo\.io|nbformat)\.v?write$/
const NO_FILE = /^(?:st|sys\.std\w+|streamlit|nx\.convert\w*)\./
/** What they write to was opened. */
const DUMPS = /^(?:\w+\.)*(?:json|pickle|pkl|cPickle|simplejson|ujson|marshal|plistlib|tomli_w)\.dump$/
const DUMPS_PERHAPS = /^(?:\w+\.)*(?:yaml|toml)\.(?:safe_)?dump(?:_all)?$/
const SPARK_WRITES = /(?:^|\.)(?:parquet|csv|json|orc|text|jdbc|format|start|toTable|append|overwrite|createOrReplace|create)$/
const OPENS_ARCHIVE = /(?:^|\.)(?:ZipFile|TarFile|tarfile\.open|h5py\.File|netCDF4\.Dataset|Dataset|lzma\.open|shelve\.open|dbm\.open)$/
const SENDS =
  /^(?:requests|httpx|client|s|aiohttp)\.(?:post|put|patch|delete)$|(?:^|\.)_?(?:session|sess|http)\.(?:post|put|patch|delete)$|^smtplib\.|(?:^|\.)(?:sendmail|send_message|put_object|delete_object|copy_object|upload_file|upload_fileobj|upload_blob|upload_from_\w+|push_to_hub|put_item|delete_item|publish|chat_postMessage)$|^(?:mlflow\.(?:log_\w+|set_\w+|register_model|start_run|create_experiment)|wandb\.(?:init|log|save|finish)|paramiko\.[\w.()]+|ftplib\.[\w.()]+)$|\b(?:Kafka)?Producer\(\)\.(?:send|produce)$|\bRedis\(\)\.(?:set\w*|[hml]?set|[lr]push|[sz]add|delete|flush\w+|incr\w*|expire)$/
const ASKS_NETWORK =
  /^(?:requests|httpx)\.\w+$|^urllib\.request\.\w+$|(?:^|\.)(?:urlopen|urlretrieve|download_file|get_object|load_dataset|snapshot_download|from_pretrained)$/
const SQL = /(?:^|\.)(?:execute|executemany|executescript|to_sql|read_sql|read_sql_query|read_sql_table|read_gbq|to_gbq|sql)$/
const SQL_CHANGES =
  /(?:^|\.)(?:insert_(?:one|many)|update_(?:one|many)|delete_(?:one|many)|replace_one|bulk_write|find_one_and_\w+|drop_collection|bulk_save_objects|create_all|drop_all|insert_rows\w*|load_table_from_\w+|write_pandas)$|(?:^|\.)_?(?:conn|con|connection|db|cnx|cnxn|session|engine)\.commit$/
const WRITING_SQL = /\b(?:insert|update|delete|merge|create|drop|alter|truncate|grant|copy)\b/i

/** What a name stands for, by the place where it is used. */
type Standing = (from: number) => readonly Stand[]

type Around = {
  readonly standing: Standing
  /** Whether what is called there is a function whose source is looked at as well. */
  readonly isSeen: (from: number) => boolean
  /** Whose names those of the cell are. */
  readonly cells: readonly SubjectCell[]
}

/** What objects are that have verbs of their own, by what makes them. */
const MADE: readonly (readonly [RegExp, string])[] = [
  [/^(?:(?:requests|httpx|aiohttp|niquests|requests_\w+)\.)?(?:[sS]ession|\w*Session|(?:Async)?Client)\(\)/, "session"],
  [/^(?:.*\.)?(?:connect|create_engine|create_connection|raw_connection|begin|sessionmaker\(\)|Session\(\))\(\)/, "con"],
]
const OPENED = /^(?:(?:io|codecs|gzip|bz2|lzma)\.)?open\(\)\.write(?:lines)?$|^csv\.(?:w|DictW)riter\(\)\.write(?:row|rows|header)$/
/** What does something to whoever is given to be called. */
const HANDED = /^(?:os|shutil|subprocess|requests|httpx|smtplib)\./

export function effectsOfPython(cell: SubjectCell, { standing, isSeen, cells }: Around): readonly FoundEffect[] {
  const calls = cell.names.calls.flatMap((call) => {
    if (isSeen(call.from)) return []
    const found = [call, ...otherwise(cell, call, standing)].map((one) => ofCall(cell, one, cells))
    const kept = found.find((effects) => effects.some(({ writes }) => writes)) ?? found.find((effects) => effects.length > 0) ?? []
    return [...kept.map((effect) => ({ ...effect, what: call.callee })), ...intoOpened(cell, call, standing)]
  })
  return [...calls, ...ofMagics(cell), ...handedOn(cell, standing)]
}

/** The same call by what its first name stands for, and by what was made to be called upon: `requests.Session().post`. */
function otherwise({ cell, names }: SubjectCell, call: Call, standing: Standing): readonly Call[] {
  const isBare = call.callee.startsWith(".")
  const made = /^([\w.]+)\(/.exec(isBare ? cell.source.slice(call.from, call.to) : "")?.[1]
  const inside = importedInside(names, call.callee.split(".")[0] ?? "").map((one): Stand => ({ for: one, cell: "" }))
  const stands = [...standing(call.from), ...inside].map((stand) => (isBare ? stand.for : calledAs(stand, call.callee)))
  const named = made === undefined ? stands : [`${made}()${call.callee}`]
  return named
    .flatMap((callee) => [callee, ...MADE.flatMap(([form, as]) => (form.test(callee) ? [callee.replace(form, as)] : []))])
    .map((callee) => ({ ...call, callee }))
}

/** What is written, by what its beginning stands for. */
function calledAs({ for: one, past = 0 }: Stand, written: string): string {
  return [one, ...written.split(".").slice(1 + past)].join(".")
}

/** What a function imports is its own, and no name of the notebook. */
function importedInside({ imports }: CellNames, name: string): readonly string[] {
  return imports
    .filter(({ inFunction, as }) => inFunction && as === name && name !== "")
    .map(({ module, member }) => (member !== "" ? `${module}.${member}` : module.startsWith(`${name}.`) ? name : module))
}

function intoOpened({ id }: SubjectCell, { callee, from, to }: Call, standing: Standing): readonly FoundEffect[] {
  const isInto = standing(from).some((stand) => stand.cell !== id && OPENED.test(calledAs(stand, callee)))
  return isInto ? [{ cell: id, kind: "file", writes: true, what: callee, from, to, isIntoOpened: true }] : []
}

/** `pool.map(os.remove, paths)` */
function handedOn({ id, names }: SubjectCell, standing: Standing): readonly FoundEffect[] {
  return usesIn(names.events).flatMap((use): readonly FoundEffect[] => {
    const { name, from, to, called, reads } = use
    if (called || reads?.called || !names.calls.some((call) => call.args.some((argument) => argument.from === from))) return []
    const written = [name, ...(reads?.path ?? [])].join(".")
    const callee =
      standing(from)
        .map((one) => calledAs(one, written))
        .find((one) => HANDED.test(one)) ?? ""
    const kind: EffectKind | undefined = PROCESS.test(callee) ? "process" : REMOVES.test(callee) ? "file" : SENDS.test(callee) ? "network" : undefined
    return kind === undefined ? [] : [{ cell: id, kind, writes: true, what: written, from, to }]
  })
}

function usesIn(events: readonly NameEvent[]): readonly Use[] {
  return events.flatMap((event) => {
    if (event.do === "use") return [event]
    return event.do === "define" ? event.bodies.flatMap((body) => usesIn(body.events)) : []
  })
}

function ofCall({ id, names, cell }: SubjectCell, call: Call, cells: readonly SubjectCell[]): FoundEffect[] {
  const { callee, from, to, args } = call
  const effect = (kind: EffectKind, writes: boolean): FoundEffect[] => [{ cell: id, kind, writes, what: callee, from, to }]
  if (writesFile(call, cell.source.slice(from, args[0]?.from ?? to))) return effect("file", true)
  if (PROCESS.test(callee)) return effect("process", !isReadingCommand(call))
  if (SENDS.test(callee) || sendsByMethod(call)) return effect("network", true)
  if (ASKS_NETWORK.test(callee)) return effect("network", false)
  if (SQL_CHANGES.test(callee)) return effect("sql", true)
  if (runsUnknown(call)) return effect("unknown", true)
  if (!SQL.test(callee)) return readsAddress(call) ? effect("network", false) : []
  const statement = call.args.find(({ name, literal }) => name === "" && typeof literal === "string")?.literal
  const inside = names.texts.filter((text) => text.from >= from && text.to <= to).map(({ value }) => value)
  const isQuery =
    /read_(?:sql|gbq)/.test(callee) || [statement, ...inside].some(asks) || (textsHeldBy(cells, args[0]?.reads ?? "")?.every(asks) ?? false)
  return effect("sql", !isQuery)
}

function asks(statement: unknown): boolean {
  return typeof statement === "string" && /^\s*(?:select|with|show|describe|explain|pragma)\b/i.test(statement) && !WRITING_SQL.test(statement)
}

/** @param written as it stands before its arguments, with what it is called on */
function writesFile(call: Call, written: string): boolean {
  const { callee, args } = call
  if (NO_FILE.test(callee)) return false
  // Without a path it gives the text.
  if (/\.to_(?:csv|json|html|latex|markdown)$/.test(callee)) return args.some(({ name }) => /^(?:|path\w*|buf|fp)$/.test(name))
  if (isWrite(call) || REMOVES.test(callee) || SAVES.test(callee) || DUMPS.test(callee)) return true
  if (DUMPS_PERHAPS.test(callee)) return positional(args, 1) !== undefined || named(args, "stream") !== undefined
  if (callee === "logging.basicConfig" || callee === "basicConfig") return named(args, "filename") !== undefined
  if (OPENS_ARCHIVE.test(callee)) return /^[wax]|\+/.test(text(named(args, "mode") ?? positional(args, 1)))
  // `Path("x").open("w")`; a mode that is a name may be any.
  if (/\.open$/.test(callee)) return /^[rbt]*[wax+][bt+]*$/.test(text(named(args, "mode") ?? positional(args, 0)))
  if (callee === "open") return (named(args, "mode") ?? positional(args, 1))?.literal === undefined && args.length > 1 && isMode(args)
  if (/(?:^|\.)(?:rename|replace|chmod)$/.test(callee)) return /\bPath\(/.test(written)
  return SPARK_WRITES.test(callee) && /\.write(?:Stream|To)?\b\s*[.(]/.test(written)
}

function isMode(args: readonly Argument[]): boolean {
  return named(args, "mode") !== undefined || positional(args, 1) !== undefined
}

function isReadingCommand({ callee, args }: Call): boolean {
  const command = args[0]?.literal
  return typeof command === "string" && !/exec|spawn|kill/.test(callee) && onlyReads(command)
}

function sendsByMethod({ callee, args }: Call): boolean {
  if (/(?:^|\.)urlopen$/.test(callee)) return named(args, "data") !== undefined || positional(args, 1) !== undefined
  if (!/^(?:requests|httpx|session|client|s)\.request$/.test(callee)) return false
  return !/^(?:get|head|options)$/i.test(text(named(args, "method") ?? positional(args, 0)))
}

/** Code that no cell shows. */
function runsUnknown({ callee, args }: Call): boolean {
  if (/^(?:exec|eval|execfile|runpy\.run_\w+)$/.test(callee)) return typeof args[0]?.literal !== "string" || callee === "execfile"
  return (
    /(?:^|\.)(?:run_line_magic|run_cell_magic|run_cell|run_code|safe_execfile)$/.test(callee) || /^(?:pm|papermill)\.execute_notebook$/.test(callee)
  )
}

function named(args: readonly Argument[], name: string): Argument | undefined {
  return args.find((argument) => argument.name === name)
}

function positional(args: readonly Argument[], at: number): Argument | undefined {
  return args.filter(({ name }) => name === "")[at]
}

function text(argument: Argument | undefined): string {
  return typeof argument?.literal === "string" ? argument.literal : ""
}

function readsAddress({ args }: Call): boolean {
  return typeof args[0]?.literal === "string" && /^(?:https?|ftp|s3|gs):\/\//.test(args[0].literal) && args[0].name === ""
}

/** Other programs, of whose text nothing is known here. */
const ELSEWHERE = /^%(?:powershell|perl|ruby|pypy|python[23]?|R|julia|octave|matlab|sas|spark|pyspark|scala|cython)$/
const CHANGES = /^(?:mkdir|rm|rmdir|cp|copy|mv|ren|save|logstart|notebook|store|edit|ed|pastebin)$/

function ofMagics({ id, names, cell }: SubjectCell): FoundEffect[] {
  return names.magics.flatMap(({ name, line, from, to }): FoundEffect[] => {
    const effect = (kind: EffectKind, writes: boolean): FoundEffect[] => [
      { cell: id, kind, writes, what: name === "!" ? `!${line.trim().slice(0, 40)}` : `%${name}`, from, to },
    ]
    if (name === "!" || name === "sx" || name === "system") return effect("process", !onlyReads(line))
    if (/^%(?:bash|sh|system|sx|cmd|!)$/.test(name)) return effect("process", !onlyReads(cell.source.replace(/^\s*%%.*\n?/, "")))
    if (name === "%script" || ELSEWHERE.test(name)) return effect("process", true)
    if (/^(?:pip|conda|mamba|micromamba|uv)$/.test(name)) return effect("process", !/^\s*(?:list|show|freeze|check|info)\b/.test(line))
    if (/^%(?:writefile|file)$/.test(name) || (CHANGES.test(name) && line.trim() !== "")) return effect("file", true)
    if (/^%?(?:run|rerun|macro|load_?py)$/.test(name) && line.trim() !== "") return effect("unknown", true)
    return /^%?sql$/.test(name) ? effect("sql", WRITING_SQL.test(name === "sql" ? line : cell.source)) : []
  })
}
