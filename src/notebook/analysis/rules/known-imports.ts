/** Names that nearly everybody imports in one and the same way. */

const ALIASES: { readonly [name: string]: string } = {
  np: "import numpy as np",
  pd: "import pandas as pd",
  plt: "import matplotlib.pyplot as plt",
  mpl: "import matplotlib as mpl",
  sns: "import seaborn as sns",
  tf: "import tensorflow as tf",
  sp: "import scipy as sp",
  px: "import plotly.express as px",
  go: "import plotly.graph_objects as go",
  alt: "import altair as alt",
  nx: "import networkx as nx",
  sm: "import statsmodels.api as sm",
  xr: "import xarray as xr",
}

const MODULES = new Set(
  `abc argparse ast asyncio base64 bisect calendar collections contextlib copy csv datetime decimal functools getpass glob gzip hashlib heapq html
  importlib inspect io itertools json logging math multiprocessing operator os pathlib pickle platform pprint queue random re shutil signal socket
  sqlite3 statistics string struct subprocess sys tempfile textwrap threading time timeit traceback types typing urllib uuid warnings xml zipfile zlib
  numpy pandas matplotlib scipy sklearn requests torch`.split(/\s+/),
)

const MEMBERS: { readonly [module: string]: string } = {
  collections: "Counter OrderedDict defaultdict deque namedtuple",
  itertools: "accumulate chain combinations combinations_with_replacement count cycle groupby islice permutations product repeat",
  functools: "lru_cache partial reduce wraps cached_property",
  pathlib: "Path",
  datetime: "timedelta",
  dataclasses: "dataclass",
  fractions: "Fraction",
  decimal: "Decimal",
  typing: "Any Callable Dict Iterable Iterator List Optional Sequence Tuple Union",
  pprint: "pprint",
  math: "ceil floor prod sqrt",
  "IPython.display": "HTML Image Markdown SVG clear_output",
}

const BY_MEMBER = new Map(
  Object.entries(MEMBERS).flatMap(([module, names]) => names.split(" ").map((name) => [name, `from ${module} import ${name}`] as const)),
)

/** The line that brings the name; undefined when nobody can say. */
export function importFor(name: string): string | undefined {
  const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined
  if (alias) return alias
  return MODULES.has(name) ? `import ${name}` : BY_MEMBER.get(name)
}
