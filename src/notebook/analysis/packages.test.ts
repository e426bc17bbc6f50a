import { expect, test } from "vitest"
import { openAnalyst } from "#notebook/analysis/analysis.ts"
import { packagesFor } from "#notebook/analysis/packages.ts"

const whole = (module: string) => ({ module, member: "" })

test("modules become what is installed for them, each once; what Python and its kernel bring is left out", () => {
  const modules = ["sklearn.svm", "os.path", "PIL", "numpy", "numpy.linalg", "IPython.display", "__future__", "yaml", ""]
  expect(packagesFor(modules.map(whole))).toEqual(["numpy", "Pillow", "PyYAML", "scikit-learn"])
})

test.each([
  ["google.cloud", "bigquery", ["google-cloud-bigquery"]],
  ["google.cloud.storage", "", ["google-cloud-storage"]],
  ["google", "genai", ["google-genai"]],
  ["google.protobuf.json_format", "MessageToDict", ["protobuf"]],
  ["google.oauth2", "service_account", ["google-auth"]],
  ["google.colab", "drive", []],
])("of %s, %s", (module, member, packages) => {
  expect(packagesFor([{ module, member }])).toEqual(packages)
})

test("of a notebook those of all its code, in functions too, without what lies beside it", async () => {
  const cell = (id: string, source: string) => ({ cell_type: "code", id, metadata: {}, source, outputs: [], execution_count: null })
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { language_info: { name: "python" } },
    cells: [cell("a", "import pandas as pd, json\nfrom helpers import clean"), cell("b", "def draw():\n    import seaborn as sns")],
  }
  const analyst = await openAnalyst("python")
  const beside = { hasFile: (path: string) => path === "helpers.py" }
  expect(analyst.readiness(notebook as never, beside).packages).toEqual(["pandas", "seaborn"])
})
