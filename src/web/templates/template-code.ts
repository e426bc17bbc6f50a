/** Running a template from elsewhere: from a shell, a program, a crontab, a scheduler. Each is whole: it runs as it stands. Pure. */
import { type JsonObject, write } from "#base/json.ts"
import { type FilesToSend, fileFlags, pythonFiles, sendingByCurl, uploadMarks, withUploads } from "#web/launch/as-code.ts"
import { environmentName, python, pythonText, shell } from "#web/launch/literals.ts"

export type TemplateCode = {
  readonly origin: string
  readonly template: string
  readonly values: JsonObject
  /** Parameter → the name of the file, or the names of those, that it is given: the code sends them. */
  readonly files: FilesToSend
  /** Never written: the code asks for them. */
  readonly secretNames: readonly string[]
}

export type Snippet = { readonly name: string; readonly title: string; readonly about: string; readonly write: (code: TemplateCode) => string }

export const SNIPPETS: readonly Snippet[] = [
  { name: "curl", title: "curl", about: "Orders a run, waits for its end, and says how it ended.", write: asCurl },
  {
    name: "command",
    title: "Command line",
    about: "Waits for the end; the exit code says what came of it: 0 succeeded, 1 failed, 2 refused, 75 try later.",
    write: asCommand,
  },
  { name: "python", title: "Python", about: "With stet-client, which needs nothing but Python.", write: asPython },
  { name: "cron", title: "cron", about: "One line of a crontab. One run a day, also when it is started twice.", write: asCron },
  {
    name: "airflow",
    title: "Airflow",
    about: "Airflow 3, with stet-client. A retry of the task is the next attempt of the same run.",
    write: asAirflow,
  },
  { name: "dagster", title: "Dagster", about: "An asset, with stet-client. What the run leaves by name becomes its metadata.", write: asDagster },
  {
    name: "prefect",
    title: "Prefect",
    about: "Prefect 3, with stet-client. A retry of the task is the next attempt of the same run.",
    write: asPrefect,
  },
]

function asCurl({ origin, template, values, files, secretNames }: TemplateCode): string {
  const place = `${origin}/api/v1/templates/${encodeURIComponent(template)}`
  const parameters = { ...values, ...uploadMarks(files), ...Object.fromEntries(secretNames.map((name) => [name, "…"])) }
  return [
    ...sendingByCurl(`${origin}/api/v1/templates/${encodeURIComponent(template.split("@")[0] ?? "")}/uploads`, files),
    "# One run for one key, however often this is sent.",
    `answer=$(curl -sS --fail-with-body -X POST ${shell(`${place}/runs`)} \\`,
    '  -H "Authorization: Bearer $STET_TOKEN" \\',
    `  -H "Idempotency-Key: ${keyFor(template)}-$(date +%s)" \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d ${withUploads(shell(write({ parameters })), files)}) || { echo "$answer"; exit 1; }`,
    `run=$(echo "$answer" | sed -E 's/^\\{"id":"([0-9A-Z]+)".*/\\1/')`,
    "",
    "# Each request waits for up to a minute. What has not ended has no end.",
    "while",
    '  state=$(curl -sS --fail-with-body -H "Authorization: Bearer $STET_TOKEN" \\',
    `    "${origin}/api/v1/runs/$run?waitSeconds=60&ifNotState=running") || { echo "$state"; exit 1; }`,
    `  echo "$state" | grep -q '"endedAt":null'`,
    "do :; done",
    `echo "$state" | grep -oE '"state":"[a-z]+"' | head -n 1`,
  ].join("\n")
}

function asCommand({ origin, template, ...given }: TemplateCode): string {
  return [`stet run --server ${shell(origin)} --template ${shell(template)}`, ...flagsOf(given)].join(" \\\n  ")
}

type Given = Pick<TemplateCode, "values" | "files" | "secretNames">

function flagsOf({ values, files, secretNames }: Given): readonly string[] {
  return [
    ...Object.entries(values).map(([name, value]) => `-p ${shell(name)} ${shell(typeof value === "string" ? value : write(value))}`),
    ...fileFlags(files),
    ...secretNames.map((name) => `-p ${shell(name)} "$${environmentName(name)}"`),
  ]
}

/** In a crontab a line is a line, and % begins a new one unless it is escaped. */
function asCron({ origin, template, ...given }: TemplateCode): string {
  const words = [
    `stet run --server ${shell(origin)} --token-file "$HOME/.stet-token" --template ${shell(template)}`,
    ...flagsOf(given),
    `--key "${keyFor(template)}-$(date -I)" --quiet`,
  ]
  const line = words.join(" ").replaceAll("%", "\\%")
  return ["# At 06:00 from Monday to Friday.", `0 6 * * 1-5  ${line.replaceAll(/\r?\n/gu, " ")}`].join("\n")
}

function asPython({ origin, template, ...given }: TemplateCode): string {
  return [
    ...importsOf(given),
    "from stet_client import Stet",
    "",
    `stet = Stet(${pythonText(origin)})  # the token comes from STET_TOKEN`,
    ...launching({ template, ...given }, "", []),
    "run = stet.runs.wait(run, check=True)  # raises RunFailed when it did not succeed",
    "print(run.state, stet.runs.outputs(run).values)",
  ].join("\n")
}

function asAirflow({ origin, template, ...given }: TemplateCode): string {
  return [
    ...importsOf(given),
    "from datetime import datetime",
    "",
    "from airflow.sdk import dag, get_current_context, task",
    "from airflow.sdk.exceptions import AirflowFailException",
    "from stet_client import BadRequest, Invalid, Stet",
    "",
    "",
    '@dag(schedule="0 6 * * 1-5", start_date=datetime(2026, 1, 1), catchup=False)',
    `def ${pythonName(template)}():`,
    "    @task(retries=2)",
    "    def run_template():",
    '        ti = get_current_context()["ti"]',
    `        stet = Stet(${pythonText(origin)})  # the token comes from STET_TOKEN`,
    ...launchingOnce({ template, ...given }, "        ", "AirflowFailException(str(error))", [
      'key=f"airflow:{ti.dag_id}:{ti.run_id}:{ti.task_id}:{ti.map_index}",',
      'on_existing="new-attempt",',
      "keepalive_seconds=300,  # a task that dies takes its run along",
      'orchestrator={"kind": "airflow", "definitionId": ti.dag_id, "instanceId": ti.run_id, "taskId": ti.task_id, "attempt": ti.try_number},',
    ]),
    '        ti.task.on_kill = lambda: stet.runs.cancel(run, "its task was stopped in Airflow")',
    "        run = stet.runs.wait(run, check=True)",
    '        return {"run": run.id, "url": run.url, "outputs": stet.runs.outputs(run).values}',
    "",
    "    run_template()",
    "",
    "",
    `${pythonName(template)}()`,
  ].join("\n")
}

function asDagster({ origin, template, ...given }: TemplateCode): string {
  return [
    ...importsOf(given),
    "import dagster as dg",
    "from stet_client import BadRequest, Invalid, Stet",
    "",
    "",
    "@dg.asset(retry_policy=dg.RetryPolicy(max_retries=2))",
    `def ${pythonName(template)}(context: dg.AssetExecutionContext) -> dg.MaterializeResult:`,
    `    stet = Stet(${pythonText(origin)})  # the token comes from STET_TOKEN`,
    ...launchingOnce({ template, ...given }, "    ", "dg.Failure(str(error), allow_retries=False)", [
      'key=f"dagster:{context.run.run_id}:{context.asset_key.to_user_string()}",',
      'on_existing="new-attempt",',
      "keepalive_seconds=300,  # a step that dies takes its run along",
      'orchestrator={"kind": "dagster", "definitionId": context.job_name, "instanceId": context.run.run_id, "attempt": context.retry_number + 1},',
    ]),
    "    run = stet.runs.wait(run, check=True, cancel_when_stopped=True)",
    '    return dg.MaterializeResult(metadata={"stet/run": dg.MetadataValue.url(run.url), **stet.runs.outputs(run).values})',
    "",
    "",
    `defs = dg.Definitions(assets=[${pythonName(template)}])`,
  ].join("\n")
}

function asPrefect({ origin, template, ...given }: TemplateCode): string {
  return [
    ...importsOf(given),
    "from prefect import flow, task",
    "from prefect.runtime import flow_run, task_run",
    "from stet_client import Stet",
    "",
    "",
    "@task(retries=2)",
    "def run_template():",
    `    stet = Stet(${pythonText(origin)})  # the token comes from STET_TOKEN`,
    ...launching({ template, ...given }, "    ", [
      'key=f"prefect:{flow_run.id}:{task_run.id}",',
      'on_existing="new-attempt",',
      "keepalive_seconds=300,  # a task that dies takes its run along",
      'orchestrator={"kind": "prefect", "instanceId": flow_run.id, "taskId": task_run.id, "attempt": task_run.run_count},',
    ]),
    "    run = stet.runs.wait(run, check=True, cancel_when_stopped=True)",
    '    return {"run": run.id, "url": run.url, "outputs": stet.runs.outputs(run).values}',
    "",
    "",
    `@flow(name=${pythonText(keyFor(template))})`,
    `def ${pythonName(template)}():`,
    "    return run_template()",
    "",
    "",
    'if __name__ == "__main__":',
    `    ${pythonName(template)}()`,
  ].join("\n")
}

function importsOf({ files, secretNames }: Given): readonly string[] {
  return [...(secretNames.length > 0 ? ["import os"] : []), ...(Object.keys(files).length > 0 ? ["from pathlib import Path"] : [])]
}

/** What does not fit now fits at no later try: the scheduler is told to leave it at that, with the words that name the parameter. */
function launchingOnce(given: Given & Pick<TemplateCode, "template">, indent: string, ending: string, more: readonly string[]): readonly string[] {
  return [
    `${indent}try:`,
    ...launching(given, `${indent}    `, more),
    `${indent}except (BadRequest, Invalid) as error:  # no later try would fit either`,
    `${indent}    raise ${ending} from error`,
  ]
}

function launching(
  { template, values, files, secretNames }: Given & Pick<TemplateCode, "template">,
  indent: string,
  more: readonly string[],
): readonly string[] {
  const parameters = [
    ...Object.entries(values).map(([name, value]) => `        ${pythonText(name)}: ${python(value)},`),
    ...pythonFiles(files),
    ...secretNames.map((name) => `        ${pythonText(name)}: os.environ[${pythonText(environmentName(name))}],`),
  ]
  const lines = [
    "run = stet.runs.launch(",
    `    template=${pythonText(template)},`,
    ...(parameters.length === 0 ? [] : ["    parameters={", ...parameters, "    },"]),
    ...more.map((line) => `    ${line}`),
    ")",
  ]
  return lines.map((line) => `${indent}${line}`)
}

/** The last word of the name tells runs apart in a list of keys. */
function keyFor(template: string): string {
  return template.replaceAll(/[^a-z0-9]+/gu, "-").replaceAll(/^-|-$/gu, "")
}

/** `finance/weekly-revenue` as the name of a function. */
function pythonName(template: string): string {
  const name = (template.split("@")[0] ?? "").replaceAll(/[^a-z0-9]+/gu, "_").replaceAll(/^_|_$/gu, "")
  return /^\d/u.test(name) || PYTHON_WORDS.has(name) ? `run_${name}` : name
}

const PYTHON_WORDS = new Set(
  "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield dag task flow os run_template".split(
    " ",
  ),
)
