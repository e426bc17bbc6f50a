/** What R's calls change outside. A call in a namespace is read as `.write_csv`. */
import type { EffectKind, FoundEffect } from "#notebook/analysis/effect.ts"
import { onlyReads } from "#notebook/analysis/effects-shell.ts"
import type { SubjectCell } from "#notebook/analysis/findings.ts"
import type { Argument, Call } from "#notebook/analysis/names.ts"

const WRITES =
  /^\.?(?:write(?:\.(?!table$|csv$|csv2$|dcf$)\w+|_\w+|RDS|DataTable|Data|Raster|Vector|MM|Workbook)|saveRDS|save|save\.image|dump|fwrite|vroom_write|ggsave|saveWorkbook|save_as_\w+|save_kable|saveWidget|saveGIF|gtsave|st_write|image_write|fst\.write|anim_save|serialize_to_file|saveNetwork|htmlSave|webshot|knit|render|purl|save_plot|orca|save_image|download\.file|curl_download)$/
const DEVICES = /^\.?(?:png|pdf|jpeg|bmp|tiff|svg|postscript|xfig|cairo_pdf|cairo_ps|agg_png|svglite|CairoPNG|CairoPDF|CairoSVG|win\.metafile)$/
const CHANGES_FILES =
  /^\.?(?:file\.(?:remove|copy|rename|create|append|symlink|link)|unlink|dir\.create|Sys\.(?:chmod|setFileTime)|unzip|untar|zip|tar|file_(?:copy|move|delete|create|chmod|touch)|dir_(?:create|copy|delete)|link_create)$/
const PROCESS = /^\.?(?:system|system2|shell|shell\.exec|pipe|processx_run|exec_wait|exec_background)$/
const INSTALLS = /^\.?(?:install\.packages|update\.packages|remove\.packages|install_(?:github|cran|version|git|url|local)|BiocManager|p_install)$/
const SENDS =
  /^\.?(?:POST|PUT|PATCH|DELETE|httpPOST|httpPUT|httpDELETE|postForm|send\.mail|sendmail|gm_send_message|smtp_send|put_object|s3(?:write_using|save|saveRDS)|drive_(?:upload|put|update|rm)|sheet_write|range_write|pin_write|req_method|req_body_\w+)$/
const ASKS_NETWORK = /^\.?(?:GET|HEAD|getURL|req_perform|read_html|drive_download|read_sheet|range_read|get_object|s3read_using)$/
const SQL_CHANGES =
  /^\.?(?:db(?:Execute|SendStatement|WriteTable|AppendTable|CreateTable|RemoveTable|Begin|Commit|WithTransaction)|copy_to|sqlSave|sqlUpdate|sqlDrop|sqlClear)$/
const SQL_ASKS = /^\.?(?:dbGetQuery|dbSendQuery|dbReadTable|sqlQuery|dbFetch)$/
const WRITING_SQL = /\b(?:insert|update|delete|merge|create|drop|alter|truncate|grant|copy)\b/i
/** They run what no cell shows. */
const RUNS = /^\.?(?:source|sys\.source)$/

/** @param isSeen whether what is sourced there is looked at as well */
export function effectsOfR({ id, names }: SubjectCell, isSeen: (from: number) => boolean): readonly FoundEffect[] {
  return names.calls.flatMap((call) => (isSeen(call.from) ? [] : ofCall(id, call)))
}

function ofCall(cell: string, call: Call): readonly FoundEffect[] {
  const { callee, from, to, args } = call
  const effect = (kind: EffectKind, writes: boolean): FoundEffect[] => [{ cell, kind, writes, what: callee.replace(/^\./, ""), from, to }]
  if (writesFile(call) || CHANGES_FILES.test(callee)) return effect("file", true)
  if (PROCESS.test(callee))
    return effect("process", !(typeof args[0]?.literal === "string" && /^\.?system$/.test(callee) && onlyReads(args[0].literal)))
  if (INSTALLS.test(callee)) return effect("process", true)
  if (SENDS.test(callee)) return effect("network", true)
  if (ASKS_NETWORK.test(callee)) return effect("network", false)
  if (SQL_CHANGES.test(callee)) return effect("sql", true)
  if (SQL_ASKS.test(callee))
    return effect(
      "sql",
      args.some(({ literal }) => typeof literal === "string" && WRITING_SQL.test(literal)),
    )
  return RUNS.test(callee) || (callee === "eval" && isParsed(call)) ? effect("unknown", true) : []
}

function writesFile(call: Call): boolean {
  const { callee, args } = call
  const name = callee.replace(/^\./, "")
  // To the screen, unless a file or a connection is named.
  if (/^(?:cat|capture\.output)$/.test(name)) return named(args, "file") !== undefined
  if (/^(?:writeLines|writeChar|writeBin)$/.test(name)) return isConnection(named(args, "con") ?? positional(args, 1))
  if (/^write(?:\.table|\.csv2?|\.dcf)?$/.test(name)) return isConnection(named(args, "file") ?? positional(args, 1) ?? pathAlone(args))
  if (name === "dput") return named(args, "file") !== undefined || positional(args, 1) !== undefined
  if (name === "sink") return named(args, "file") !== undefined || positional(args, 0) !== undefined
  if (/^(?:file|gzfile|bzfile|xzfile|url)$/.test(name)) return opensToWrite(named(args, "open") ?? positional(args, 1))
  return WRITES.test(callee) || DEVICES.test(callee)
}

function isConnection(argument: Argument | undefined): boolean {
  return argument !== undefined && argument.literal !== "" && argument.called !== "stdout" && argument.called !== "stderr"
}

/** `d |> write.csv("x.csv")` */
function pathAlone(args: readonly Argument[]): Argument | undefined {
  const first = positional(args, 0)
  return typeof first?.literal === "string" && /\.\w+$/.test(first.literal) ? first : undefined
}

function opensToWrite(mode: Argument | undefined): boolean {
  return typeof mode?.literal === "string" && /[wa+]/.test(mode.literal)
}

function named(args: readonly Argument[], name: string): Argument | undefined {
  return args.find((argument) => argument.name === name && argument.literal !== "")
}

function positional(args: readonly Argument[], at: number): Argument | undefined {
  return args.filter(({ name }) => name === "")[at]
}

/** `eval(parse(text = x))`: what it does no cell shows; `eval(quote(…))` stands there. */
function isParsed({ args }: Call): boolean {
  return args[0]?.called === "parse" || args[0]?.called === "str2lang" || args[0]?.called === "parse_expr"
}
