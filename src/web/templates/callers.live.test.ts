/** Whoever calls a template: a client that a generator made of its OpenAPI document, and every snippet of its page, against a server. */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { promoted } from "#api/templates.testing.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { parse } from "#base/json.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { SNIPPETS, type TemplateCode } from "#web/templates/template-code.ts"

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))
const PYTHON = process.env["STET_TEST_PYTHON"] || "python3"
// `npm test` makes it beside the other one, and names it.
const CLIENTS = process.env["STET_TEST_CLIENTS"] || join(dirname(PYTHON), "..", "..", "test-clients", "bin", "python")
const NAME = "finance/weekly.revenue"

let api: ApiTest
let ada: Someone
let address: string
let folder: string
const kernels = localKernels()

const NOTEBOOK = ipynb(
  [
    "# parameters",
    "from typing import Literal",
    'region: Literal["EU", "US"] = "EU"  # Where it was earned',
    "rate = 1.0",
    "days: int = 7",
    "note = ''",
    "weights = [0.5, 0.5]",
    "extra = None  # [file: .csv]",
  ].join("\n"),
  [
    "scrap = {'name': 'told', 'data': [region, repr(rate), days, note, sum(weights), open(extra).read() if extra else None], 'encoder': 'json', 'version': 1}",
    "from IPython.display import display",
    "display({'application/scrapbook.scrap.json+json': scrap}, raw=True)",
  ].join("\n"),
)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stet-callers-"))
  api = await apiTest({ hosts: "any" })
  await api.server.listen({ port: 0, host: "127.0.0.1" })
  address = `http://127.0.0.1:${(api.server.server.address() as { port: number }).port}`
  const ben = await api.someone("Ben", "editor")
  ada = await api.withToken(await api.someone("Ada", "editor"), "read", "run", "edit")
  await api.platform.worker({ kernels, kernelName: "python3" })
  await promoted(api, { name: NAME, path: "Weekly.ipynb", bytes: NOTEBOOK, by: ada, approvedBy: ben })
  // As somebody has them who installed Stet: `stet` on the path, the token where the crontab looks for it.
  await mkdir(join(folder, "bin"))
  await writeFile(join(folder, "bin", "stet"), `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/bin/stet.js" "$@"\n`, { mode: 0o755 })
  await writeFile(join(folder, FILE), "1;2\n")
  await writeFile(join(folder, ".stet-token"), `${ada.token}\n`, { mode: 0o600 })
}, 120_000)
afterAll(async () => {
  await api.close()
  await kernels.close()
  await rm(folder, { recursive: true, force: true })
})

type Ran = { readonly code: number; readonly out: string; readonly err: string }

function ran(command: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const env = {
    ...process.env,
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
    HOME: folder,
    STET_HOME: join(folder, "home"),
    STET_TOKEN: ada.token ?? "",
    PYTHONPATH: [join(ROOT, "integrations/python/src"), folder].join(":"),
    PYTHONDONTWRITEBYTECODE: "1",
    ...more,
  }
  return new Promise((resolve) =>
    execFile(command, args, { cwd: folder, env }, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, out, err }),
    ),
  )
}

async function newestRun() {
  const run = (await api.ask("GET", `/api/v1/runs?limit=1&label=${encodeURIComponent(`stet/template=${NAME}`)}`, { as: ada })).json.items[0]
  const outputs = (await api.ask("GET", `/api/v1/runs/${run.id}/outputs`, { as: ada })).json.outputs
  return { run, told: outputs.told }
}

test("a generator that nobody here wrote makes a client of the template's document, and that client runs it with types", async () => {
  const document = await api.ask("GET", `/api/v1/templates/${encodeURIComponent(NAME)}/openapi.json`, { as: ada })
  expect(document.status).toBe(200)
  // Numbers keep their spelling, so that a default of 1.0 stays a float in a generated client.
  expect(document.text).toContain('"default":1.0')
  await writeFile(join(folder, "openapi.json"), document.text.replaceAll("http://localhost:7838", address))
  await writeFile(join(folder, "generator.yaml"), "post_hooks: []\n")
  const made = await ran(CLIENTS, [
    "-m",
    "openapi_python_client",
    "generate",
    ...["--path", "openapi.json", "--output-path", "weekly_client", "--meta", "none", "--config", "generator.yaml", "--fail-on-warning"],
  ])
  expect(made, `${made.out}${made.err}`).toMatchObject({ code: 0 })
  const program = [
    "import os, json",
    "from weekly_client import AuthenticatedClient",
    "from weekly_client.api.templates import run",
    "from weekly_client.api.runs import get_run, get_outputs",
    "from io import BytesIO",
    "from weekly_client.api.templates import send_file",
    "from weekly_client.types import File",
    "from weekly_client.models import Parameters, ParametersRegion, Problem, RunBody, RunState",
    `client = AuthenticatedClient(base_url=${JSON.stringify(address)}, token=os.environ["STET_TOKEN"])`,
    'sent = send_file.sync(client=client, body=File(payload=BytesIO(b"5;6"), file_name="mine.csv"), name="mine.csv")',
    "body = RunBody(parameters=Parameters(region=ParametersRegion.US, days=3, extra=sent.value))",
    'ordered = run.sync(client=client, body=body, idempotency_key="generated")',
    "while ordered.ended_at is None:",
    "    ordered = get_run.sync(ordered.id, client=client, wait_seconds=2, if_not_state=RunState.RUNNING)",
    "outputs = get_outputs.sync(ordered.id, client=client)",
    "wrong = run.sync(client=client, body=RunBody(parameters=Parameters(days='many')))",
    "assert isinstance(wrong, Problem), wrong",
    "print(json.dumps([str(ordered.state), outputs.outputs.to_dict()['told'], wrong.errors[0].path]))",
  ]
  await writeFile(join(folder, "use.py"), program.join("\n"))
  const used = await ran(CLIENTS, ["use.py"])
  expect(used, used.err).toMatchObject({ code: 0 })
  expect(JSON.parse(used.out)).toEqual(["succeeded", ["US", "1.0", 3, "", 1, "5;6"], "parameters.days"])
}, 120_000)

test("the document is of what its name stands for, and only for those who may see it", async () => {
  const path = (name: string) => `/api/v1/templates/${encodeURIComponent(name)}/openapi.json`
  const stranger = await api.someone("Sam")
  expect((await api.ask("GET", path(NAME), { as: stranger })).status).toBe(404)
  expect((await api.ask("GET", path(`${NAME}@7`), { as: ada })).status).toBe(409)
  const one = (await api.ask("GET", path(`${NAME}@1`), { as: ada })).json
  expect(Object.keys(one.paths)).toEqual([
    `/api/v1/templates/${encodeURIComponent(`${NAME}@1`)}/runs`,
    `/api/v1/templates/${encodeURIComponent(NAME)}/uploads`,
    "/api/v1/runs/{run}",
    "/api/v1/runs/{run}/outputs",
    "/api/v1/runs/{run}/result",
    "/api/v1/runs/{run}/cancel",
  ])
  expect(one.components.schemas.Parameters.properties.region).toMatchObject({ enum: ["EU", "US"], description: "Where it was earned" })
})

// What goes through three kinds of quotes, and through a crontab.
const NOTE = `it's 100% "quoted" $HOME \`id\` \\ é`

const FILE = `it's 100% "mine" $HOME.csv`

function code(note = NOTE): TemplateCode {
  const values = parse(JSON.stringify({ region: "US", rate: "RATE", days: 2, note, weights: [1, 2] }).replace('"RATE"', "2.0"))
  if (!values.ok) throw new Error(values.refusal.message)
  return { origin: address, template: NAME, values: values.value as TemplateCode["values"], files: { extra: FILE }, secretNames: [] }
}

const snippet = (name: string) => SNIPPETS.find((one) => one.name === name) as (typeof SNIPPETS)[number]

describe("a snippet runs as it stands, and every value arrives as it was", () => {
  const expected = ["US", "2.0", 2, NOTE, 3, "1;2\n"]

  test("curl, in a POSIX shell", async () => {
    const { code: exit, out, err } = await ran("sh", ["-c", snippet("curl").write(code())])
    expect([exit, out, err]).toEqual([0, '"state":"succeeded"\n', ""])
    expect((await newestRun()).told).toEqual(expected)
    const refused = await ran("sh", ["-c", snippet("curl").write({ ...code(), template: "finance/nothing" })])
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining("no_such_template")])
  }, 60_000)

  test("the command line", async () => {
    const { code: exit, err } = await ran("sh", ["-c", snippet("command").write(code())])
    expect(exit, err).toBe(0)
    expect((await newestRun()).told).toEqual(expected)
  }, 60_000)

  test("cron: the line as cron hands it to a shell; the second time that day it is the same run", async () => {
    const line = snippet("cron")
      .write(code())
      .split("\n")
      .find((one) => !one.startsWith("#")) as string
    const [, fields, command] = /^((?:\S+ ){4}\S+) {2}(.*)$/u.exec(line) ?? []
    expect(fields).toBe("0 6 * * 1-5")
    // An unescaped % would end the command there (crontab(5)).
    expect(command).not.toMatch(/(?<!\\)%/u)
    const asCronDoes = command?.replaceAll("\\%", "%") ?? ""
    expect(await ran("sh", ["-c", asCronDoes], { STET_TOKEN: "" })).toMatchObject({ code: 0 })
    const first = await newestRun()
    expect(first.told).toEqual(expected)
    expect(await ran("sh", ["-c", asCronDoes], { STET_TOKEN: "" })).toMatchObject({ code: 0 })
    expect((await newestRun()).run.id).toBe(first.run.id)
  }, 60_000)

  test("Python", async () => {
    await writeFile(join(folder, "snippet.py"), snippet("python").write(code()))
    const { code: exit, out, err } = await ran(PYTHON, ["snippet.py"])
    expect(exit, err).toBe(0)
    expect(out).toContain("succeeded")
    expect((await newestRun()).told).toEqual(expected)
  }, 60_000)
})

test("Airflow, Dagster and Prefect: each is Python, takes from its scheduler what that has, and orders what it should", async () => {
  for (const name of ["airflow", "dagster", "prefect"]) await writeFile(join(folder, `${name}_snippet.py`), snippet(name).write(code("plain")))
  for (const name of ["airflow", "dagster"])
    await writeFile(join(folder, `wrong_${name}_snippet.py`), snippet(name).write({ ...code("plain"), values: { days: "many" } }))
  // The schedulers themselves are not installed here: what the snippets take from them stands in for them, by name, and nothing else does.
  await writeFile(join(folder, "schedulers.py"), SCHEDULERS)
  const { code: exit, out, err } = await ran(PYTHON, ["schedulers.py", address])
  expect(exit, err).toBe(0)
  expect(JSON.parse(out)).toEqual({ airflow: "succeeded", dagster: "succeeded", prefect: "succeeded" })
  const runs = (await api.ask("GET", `/api/v1/runs?limit=3`, { as: ada })).json.items
  expect(runs.map(({ orchestrator }: { orchestrator: object }) => orchestrator)).toEqual([
    { kind: "prefect", instanceId: "f1", taskId: "t1", attempt: 1 },
    { kind: "dagster", definitionId: "job", instanceId: "r1", attempt: 1 },
    { kind: "airflow", definitionId: "dag", instanceId: "manual", taskId: "run_template", attempt: 1 },
  ])
}, 90_000)

const SCHEDULERS = `
import json, sys, types
ended = {}
def module(name, **names):
    made = types.ModuleType(name)
    for key, value in names.items(): setattr(made, key, value)
    sys.modules[name] = made
    return made
bare = lambda **_: (lambda function: function)

ti = types.SimpleNamespace(dag_id="dag", run_id="manual", task_id="run_template", map_index=-1, try_number=1, task=types.SimpleNamespace())
class AirflowFailException(Exception): pass
module("airflow")
module("airflow.sdk.exceptions", AirflowFailException=AirflowFailException)
module("airflow.sdk", dag=bare, get_current_context=lambda: {"ti": ti}, task=bare)
import airflow_snippet, stet_client
ti.task.on_kill()
ti.run_id = "another"
try: import wrong_airflow_snippet
except AirflowFailException as error: assert "The parameter days should be an integer" in str(error), error
else: raise AssertionError("it ran")
stet = stet_client.Stet(sys.argv[1])
ended["airflow"] = next(stet.runs.list(limit=1)).state

class Failure(Exception):
    def __init__(self, said, allow_retries):
        super().__init__(said)
        assert allow_retries is False
class Result:
    def __init__(self, metadata): self.metadata = metadata
module("dagster", Failure=Failure, asset=bare, RetryPolicy=lambda max_retries: None, AssetExecutionContext=object, MaterializeResult=Result,
    MetadataValue=types.SimpleNamespace(url=lambda url: url), Definitions=lambda assets: assets)
import dagster_snippet
key = types.SimpleNamespace(to_user_string=lambda: "weekly")
context = types.SimpleNamespace(run=types.SimpleNamespace(run_id="r1"), asset_key=key, job_name="job", retry_number=0)
result = dagster_snippet.defs[0](context)
import wrong_dagster_snippet
context.run.run_id = "r2"
try: wrong_dagster_snippet.defs[0](context)
except Failure as error: assert "The parameter days should be an integer" in str(error), error
else: raise AssertionError("it ran")
assert result.metadata["told"][0] == "US", result.metadata
ended["dagster"] = next(stet.runs.list(limit=1)).state

module("prefect", flow=bare, task=bare)
module("prefect.runtime", flow_run=types.SimpleNamespace(id="f1"), task_run=types.SimpleNamespace(id="t1", run_count=1))
import prefect_snippet
assert prefect_snippet.finance_weekly_revenue()["outputs"]["told"][1] == "2.0"
ended["prefect"] = next(stet.runs.list(limit=1)).state
print(json.dumps(ended))
`
