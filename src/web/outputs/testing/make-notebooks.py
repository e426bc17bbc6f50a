"""Makes the notebooks that the tests of outputs look at, with the libraries themselves.

    python make-notebooks.py [name …]

Needs: ipykernel nbclient nbformat matplotlib pandas jinja2 altair plotly bokeh holoviews folium itables ipywidgets ipympl anywidget rich tqdm sympy
What a library would bring along in full (megabytes of JavaScript) it is asked not to, where people do so as well.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent

NOTEBOOKS = {
    "matplotlib": [
        "import matplotlib.pyplot as plt\nimport numpy as np\nx = np.linspace(0, 10, 200)\nplt.figure(figsize=(6, 3))\nplt.plot(x, np.sin(x), label='sin')\nplt.plot(x, np.cos(x), label='cos')\nplt.legend()\nplt.title('Waves');",
        "%config InlineBackend.figure_formats = ['svg']\nplt.figure(figsize=(4, 2))\nplt.bar(['a', 'b', 'c'], [3, 1, 2]);",
    ],
    "pandas": [
        "import pandas as pd, numpy as np\nrng = np.random.default_rng(1)\nsmall = pd.DataFrame({'city': ['Graz', 'Linz', 'Wien'], 'people': [291134, 210165, 1982097], 'share': [0.12, 0.09, 0.79]})\nsmall",
        "large = pd.DataFrame(rng.normal(size=(1_000_000, 5)), columns=list('abcde'))\nlarge['when'] = pd.Timestamp('2026-01-01')\npd.set_option('display.max_rows', 60, 'display.min_rows', 60)\nlarge",
        "large.head(200).groupby(lambda i: ('even', 'odd')[i % 2]).agg({'a': ['mean', 'std'], 'b': ['min', 'max']})",
        "small.style.background_gradient(subset=['people']).bar(subset=['share'], color='#8fbdf0').format({'people': '{:,}', 'share': '{:.0%}'}).set_caption('Styled')",
    ],
    "altair": [
        "import altair as alt, pandas as pd\nfrom IPython.display import display\ndata = pd.DataFrame({'x': range(20), 'y': [(i * 7) % 11 for i in range(20)], 'kind': ['ab'[i % 2] for i in range(20)]})\nchart = alt.Chart(data).mark_line(point=True).encode(x='x', y='y', color='kind', tooltip=['x', 'y']).properties(width=420, height=220, title='A line').interactive()\n# As every Altair before 6 does; nbclient takes the media type of 6 for text.\ndisplay({'application/vnd.vegalite.v5+json': chart.to_dict(), 'text/plain': 'alt.Chart(...)'}, raw=True)",
        "alt.renderers.enable('html')\nalt.Chart(data).mark_bar().encode(x='kind', y='sum(y)')",
    ],
    "plotly": [
        "import plotly.io as pio, plotly.graph_objects as go\npio.renderers.default = 'plotly_mimetype'\nfigure = go.Figure([go.Scatter(x=list(range(30)), y=[(i * 7) % 11 for i in range(30)], mode='lines+markers')])\nfigure.update_layout(title='A scatter', height=320)\nfigure.show()",
        "pio.renderers.default = 'notebook_connected'\nfigure.show()",
        "from plotly.offline import init_notebook_mode, iplot\ninit_notebook_mode(connected=True)",
        "iplot(figure)",
    ],
    "bokeh": [
        "from bokeh.io import output_notebook, show\nfrom bokeh.plotting import figure\noutput_notebook()",
        "p = figure(width=500, height=260, title='Circles')\np.scatter([1, 2, 3, 4, 5], [6, 7, 2, 4, 5], size=14, color='navy', alpha=0.6)\nshow(p)",
    ],
    "holoviews": [
        "import holoviews as hv\nhv.extension('bokeh', inline=False, logo=False)",
        "hv.Curve([(i, (i * 7) % 11) for i in range(20)], 'x', 'y').opts(width=480, height=240, title='A curve')",
    ],
    "folium": [
        "import folium\nm = folium.Map(location=[47.07, 15.44], zoom_start=12, height=320)\nfolium.Marker([47.07, 15.44], popup='Graz').add_to(m)\nm",
    ],
    "itables": [
        "import pandas as pd\nfrom itables import init_notebook_mode, show\ninit_notebook_mode(all_interactive=False, connected=True)",
        "show(pd.DataFrame({'city': ['Graz', 'Linz', 'Wien'] * 5, 'n': range(15)}), caption='An interactive table')",
    ],
    "ipywidgets": [
        "import ipywidgets as w\nfrom IPython.display import display\nslider = w.IntSlider(value=7, min=0, max=20, description='Size')\nlabel = w.Label('seven')\ndisplay(w.VBox([slider, label, w.HBox([w.Checkbox(True, description='Loud'), w.Dropdown(options=['red', 'green'], description='Colour')])]))",
        "slider",
        "out = w.Output()\nwith out:\n    print('captured text')\nw.Tab([out, w.HTML('<b>bold</b> words'), w.FloatProgress(value=0.4, max=1.0)], titles=['Captured', 'Words', 'Progress'])",
    ],
    "anywidget": [
        "import anywidget, traitlets\nclass Counter(anywidget.AnyWidget):\n    _esm = '''\nfunction render({ model, el }) {\n  const button = document.createElement('button')\n  button.className = 'count'\n  const draw = () => { button.textContent = `count is ${model.get('value')}` }\n  button.addEventListener('click', () => { model.set('value', model.get('value') + 1); model.save_changes() })\n  model.on('change:value', draw)\n  draw()\n  el.appendChild(button)\n}\nexport default { render }\n'''\n    _css = '.count { font-size: 18px; border-radius: 8px; padding: 6px 14px }'\n    value = traitlets.Int(41).tag(sync=True)\nCounter()",
    ],
    "ipympl": [
        "%matplotlib widget\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(4, 2.5))\nax.plot([1, 3, 2, 4])\nax.set_title('Interactive')\nfig.canvas",
    ],
    "rich": [
        "from rich.jupyter import print\nfrom rich.table import Table\ntable = Table(title='Ships')\ntable.add_column('Name', style='cyan')\ntable.add_column('Crew', justify='right', style='magenta')\ntable.add_row('Aurora', '12')\ntable.add_row('Borealis', '[bold red]7[/]')\nprint(table)",
        "from rich import inspect\nfrom rich.console import Console\nConsole(force_jupyter=False, force_terminal=True, width=80, color_system='truecolor').print('[bold #c2362b]stet[/] [green on black] let it stand [/]')",
    ],
    "tqdm": [
        "from tqdm import tqdm\nimport time\nfor _ in tqdm(range(40), desc='text bar'):\n    time.sleep(0.01)",
        "from tqdm.notebook import tqdm as nice\nfor _ in nice(range(20), desc='widget bar'):\n    time.sleep(0.01)",
    ],
    "sympy": [
        "import sympy as sp\nsp.init_printing()\nx = sp.symbols('x')\nsp.Integral(sp.sqrt(1 / x), x)",
        "sp.Matrix([[1, x], [x**2, sp.Rational(1, 3)]])",
        "from IPython.display import Math, Markdown, Latex, JSON\ndisplay(Math(r'\\frac{a}{b} + \\sum_{i=0}^n i^2'))\ndisplay(Markdown('**Bold** and $e^{i\\\\pi}=-1$'))\ndisplay(JSON({'name': 'stet', 'list': [1, 2, {'deep': None}]}))",
    ],
    "text": [
        "for i in range(500):\n    print(f'line {i}')",
        "import json\ndef inner(): return json.loads('{')\ninner()",
        "import sys\nprint('careful', file=sys.stderr)",
    ],
    "html": [
        "from IPython.display import HTML, Javascript, SVG\nHTML('<h3 id=\"title\">A heading</h3><p style=\"color:teal\">Coloured words</p><button onclick=\"this.textContent=\\'pressed\\'\">Press</button>')",
        "HTML('<div id=\"shared\">empty</div>')",
        "Javascript('document.getElementById(\"shared\").textContent = \"filled by another output\"; window.together = 5')",
        "Javascript('element.textContent = `together is ${window.together}`')",
        "Javascript('require.config({paths: {tiny: \"https://cdn.example/tiny\"}}); define(\"local\", [], () => ({word: \"defined\"})); require([\"local\"], (local) => { element.textContent = local.word })')",
        "HTML('<p>remote</p><img src=\"https://pictures.example/a.png\" alt=\"far away\"><script src=\"https://cdn.example/lib.js\"></script>')",
        "SVG('<svg width=\"120\" height=\"60\" viewBox=\"0 0 120 60\"><rect width=\"120\" height=\"60\" fill=\"#3b76b6\"/><circle cx=\"60\" cy=\"30\" r=\"20\" fill=\"#e08a2c\"/></svg>')",
    ],
}


def made(name):
    cells = [nbformat.v4.new_code_cell(source, id=f"{name}-{index + 1}") for index, source in enumerate(NOTEBOOKS[name])]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True, store_widget_state=True).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    path = HERE / f"{name}.ipynb"
    nbformat.write(notebook, path)
    print(name, path.stat().st_size)


if __name__ == "__main__":
    for each in sys.argv[1:] or NOTEBOOKS:
        made(each)
