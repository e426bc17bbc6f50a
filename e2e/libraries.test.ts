/**
 * What people draw with, each for real: a notebook runs in an environment that was built here, and everything that it shows is drawn, from
 * the app's own libraries and those of that environment. The stage fails the test when anything leaves the machine.
 */
import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import type { Frame, Page } from "playwright-core"
import { beforeAll, expect, inject, test } from "vitest"
import { operatorsEnv } from "./platform.ts"
import { onStage, type Someone } from "./testing.ts"

const stage = onStage()
const REQUIREMENTS = fileURLToPath(new URL("../src/setup/requirements-test-libraries.txt", import.meta.url))
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Libraries")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
  const child = spawn(process.execPath, ["src/stet.ts", "env", "build", "drawing", "-r", REQUIREMENTS, "--json"], {
    env: operatorsEnv(inject("platform").home),
  })
  const [made, said] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (made === "") throw new Error(said)
}, 300_000)

const CHART = "[go.Scatter(x=list(range(30)), y=[(i * 7) % 11 for i in range(30)], mode='lines+markers')]"
const CELLS: Readonly<Record<string, string>> = {
  matplotlib: "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.figure(figsize=(4, 2))\nplt.plot([1, 3, 2, 4]);",
  pandas:
    "import pandas as pd\nframe = pd.DataFrame({'city': ['Graz', 'Linz', 'Wien'] * 5, 'people': [291134, 210165, 1982097] * 5})\nframe.head(3).style.background_gradient(subset=['people'])",
  altair: "import altair as alt\nalt.Chart(frame).mark_bar().encode(x='city', y='sum(people)').properties(width=300, height=150)",
  plotly: `import plotly.graph_objects as go, plotly.io as pio\npio.renderers.default = 'plotly_mimetype'\ngo.Figure(${CHART}).update_layout(height=300).show()`,
  "plotly set up": "from plotly.offline import init_notebook_mode, iplot\ninit_notebook_mode(connected=False)",
  "plotly used": `pio.renderers.default = 'notebook'\niplot(go.Figure(${CHART}).update_layout(height=320))`,
  "bokeh set up": "from bokeh.io import output_notebook, show\nfrom bokeh.plotting import figure\noutput_notebook()",
  bokeh: "p = figure(width=500, height=260)\np.scatter([1, 2, 3, 4, 5], [6, 7, 2, 4, 5], size=14, color='navy')\nshow(p)",
  "holoviews set up": "import holoviews as hv\nhv.extension('bokeh', inline=False, logo=False)",
  holoviews: "hv.Curve([(i, (i * 7) % 11) for i in range(20)], 'x', 'y').opts(width=480, height=240)",
  folium: "import folium\nfolium.Map(location=[47.07, 15.44], zoom_start=12, height=320)",
  itables: "from itables import show as show_table\nshow_table(frame, connected=True)",
  ipywidgets: "import ipywidgets as w\nw.IntSlider(value=7, min=0, max=20, description='Size')",
  anywidget:
    'import anywidget, traitlets\nclass Counter(anywidget.AnyWidget):\n    _esm = \'export default { render({ model, el }) { el.innerHTML = `<b class="count">count is ${model.get("value")}</b>` } }\'\n    value = traitlets.Int(41).tag(sync=True)\nCounter()',
  rich: "from rich.jupyter import print as rich_print\nfrom rich.table import Table\ntable = Table(title='Ships')\ntable.add_column('Name', style='cyan')\ntable.add_row('Aurora')\nrich_print(table)",
  tqdm: "from tqdm import tqdm\nfor _ in tqdm(range(40), desc='text bar'):\n    pass",
  "tqdm.notebook": "from tqdm.notebook import tqdm as nice\nfor _ in nice(range(20), desc='widget bar'):\n    pass",
  sympy: "import sympy as sp\nsp.init_printing()\nx = sp.symbols('x')\nsp.Integral(sp.sqrt(1 / x), x)",
  ipympl: "%matplotlib widget\nfig, ax = plt.subplots(figsize=(4, 2.5))\nax.plot([1, 3, 2, 4])\nfig.canvas",
}

/** In a frame there is something of this kind that is to be seen. */
async function drawn(page: Page, selector: string): Promise<Frame> {
  let found: Frame | undefined
  const look = async () => {
    for (const frame of page.frames().slice(1))
      if (
        await frame
          .locator(selector)
          .first()
          .isVisible()
          .catch(() => false)
      )
        found = frame
    return found !== undefined
  }
  await expect.poll(look, { timeout: 30_000, message: `${selector} is drawn` }).toBe(true)
  return found as Frame
}

/** Its canvases are not all of one colour. */
async function painted(page: Page, selector: string): Promise<void> {
  const frame = await drawn(page, selector)
  const colours = () =>
    frame.locator(selector).evaluateAll((all) =>
      Math.max(
        ...all.map((one) => {
          const canvas = one as HTMLCanvasElement
          const { data = new Uint8ClampedArray() } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {}
          return new Set(new Uint32Array(data.buffer)).size
        }),
      ),
    )
  await expect.poll(colours, { timeout: 30_000, message: `${selector} has colours` }).toBeGreaterThan(3)
}

const HOW: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  matplotlib: (page) => page.locator("figure img").first().waitFor(),
  pandas: async (page) => {
    const frame = await drawn(page, "td.row2.col1")
    expect(await frame.locator("td.row2.col1").evaluate((cell) => getComputedStyle(cell).backgroundColor)).toBe("rgb(2, 56, 88)")
  },
  altair: (page) => drawn(page, ".vega-embed svg.marks path, .vega-embed canvas.marks"),
  plotly: (page) => drawn(page, "[data-stet-kind=plotly] .scatterlayer path.js-line"),
  "plotly used": (page) => drawn(page, "[data-stet-kind=html] .scatterlayer path.js-line"),
  bokeh: (page) => painted(page, ".bk-Figure canvas"),
  holoviews: (page) => painted(page, ".bk-Figure canvas"),
  folium: async (page) => {
    const place = page.locator(`main [data-cell='${Object.keys(CELLS).indexOf("folium")}']`)
    await place.getByText(/Not loaded: files of .*cdn\.jsdelivr\.net/u).waitFor()
  },
  itables: async (page) => {
    const frame = await drawn(page, "div.dt-container")
    await frame.locator("input[type=search]").fill("Linz")
    await frame.locator(".dt-info").getByText("of 5 entries (filtered from 15 total entries)").waitFor()
  },
  ipywidgets: (page) => drawn(page, ".widget-slider"),
  anywidget: (page) => drawn(page, "b.count"),
  rich: (page) => page.getByText("Aurora").waitFor(),
  tqdm: (page) => page.getByText("text bar: 100%").waitFor(),
  "tqdm.notebook": (page) => drawn(page, ".widget-hprogress, .progress-bar"),
  sympy: (page) => page.locator(".katex").first().waitFor(),
  ipympl: (page) => painted(page, ".jupyter-matplotlib-figure canvas"),
}

const look = async (page: Page, name: string): Promise<void> => {
  for (const scheme of process.env["LOOKS"] ? ["light", "dark"] : []) {
    await page.evaluate((wanted) => document.documentElement.setAttribute("data-mantine-color-scheme", wanted), scheme)
    await page.screenshot({ path: `${process.env["LOOKS"]}/library-${name.replaceAll(" ", "-")}-${scheme}.png` })
  }
}

test("what people draw with is drawn from a run's result, each library for real, and nothing is asked of the network", async () => {
  // The library of widgets says so of its own schema; reading pixels is what this test does.
  stage.expectTrouble(/strict mode: use allowUnionTypes|GPU stall due to ReadPixels|willReadFrequently/u)
  // A map is pictures of others, and its library is in no package: what it would load is refused, and that is all that is asked.
  stage.expectTrouble(/leaflet|bootstrap|fontawesome|jquery|L is not defined/iu)
  const notebook = await stage.notebook(space, "Drawing.ipynb", ...Object.values(CELLS))
  const { id } = await ada.api.call("launchRun", { body: { notebook, environment: "drawing" } })
  await expect.poll(async () => (await ada.api.call("getRun", { params: { run: id } })).state, { timeout: 120_000 }).toMatch(/succeeded|failed/u)
  const { state, explanation } = await ada.api.call("getRun", { params: { run: id } })
  expect({ state, explanation }).toMatchObject({ state: "succeeded" })
  const page = await ada.open(`/runs/${id}`)
  const failed: string[] = []
  for (const [at, name] of Object.keys(CELLS).entries()) {
    await page.locator(`main [data-cell='${at}']`).scrollIntoViewIfNeeded()
    await HOW[name]?.(page).catch((error: Error) => failed.push(`${name}: ${error.message.slice(0, 300)}`))
    if (HOW[name]) await look(page, name)
  }
  expect(failed).toEqual([])
  await page.close()
}, 240_000)
