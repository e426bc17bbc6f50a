import { describe, expect, test } from "vitest"
import { openAnalyst, toldWriting, writingCells } from "#notebook/analysis/analysis.ts"
import { onlyReads } from "#notebook/analysis/effects-shell.ts"
import { python } from "#notebook/analysis/testing.ts"
import type { Language } from "#notebook/languages.ts"

/** "file", "sql", …; "-" where it changes nothing. */
async function changes(language: Language | undefined, source: string): Promise<string> {
  const analyst = await openAnalyst(language)
  const notebook = python(source)
  const kinds = writingCells(notebook, analyst.readiness(notebook).effects).flatMap(({ effects }) => effects.map(({ kind }) => kind))
  return [...new Set(kinds)].join(" ") || "-"
}

describe("what R writes", () => {
  test.each([
    ["file", "write.csv(d, 'x.csv', row.names = FALSE)"],
    ["file", "write.table(d, file = path)"],
    ["file", "d |> write.csv('x.csv')"],
    ["file", "writeLines(lines, 'x.txt')"],
    ["file", "writeLines(lines, con = f)"],
    ["file", "saveRDS(d, 'x.rds')"],
    ["file", "save(d, e, file = 'x.rda')"],
    ["file", "dput(d, 'x.R')"],
    ["file", "sink('log.txt')"],
    ["file", "cat('a', 'b', file = 'x.txt')"],
    ["file", "readr::write_csv(d, 'x.csv')"],
    ["file", "d %>% write_parquet('x.parquet')"],
    ["file", "data.table::fwrite(d, 'x.csv')"],
    ["file", "openxlsx::write.xlsx(d, 'x.xlsx')"],
    ["file", "ggsave('x.png', p)"],
    ["file", "png('x.png')\nplot(d)\ndev.off()"],
    ["file", "f <- file('x.txt', open = 'w')"],
    ["file", "file.remove('x')"],
    ["file", "unlink('x', recursive = TRUE)"],
    ["file", "if (!dir.exists('out')) dir.create('out')"],
    ["file", "f <- function(d) saveRDS(d, 'x')"],
    ["process", "system('rm x')"],
    ["process", "system2('make', 'all')"],
    ["process", "install.packages('dplyr')"],
    ["sql", "DBI::dbExecute(con, 'delete from x')"],
    ["sql", "dbWriteTable(con, 'x', d)"],
    ["sql", "dbGetQuery(con, 'insert into x values (1) returning id')"],
    ["network", "httr::POST('http://x', body = d)"],
    ["unknown", "source('other.R')"],
    ["unknown", "eval(parse(text = code))"],
    ["unknown", "x <- (1"],
  ])("%s: %s", async (kind, source) => expect(await changes("r", source)).toBe(kind))

  test.each([
    "d <- read.csv('x.csv')\nsummary(d)",
    "plot(d$x, d$y)\nhist(d$x)\nbarplot(table(d$z), main = 'file')",
    "cat('hello', x, sep = '\\n')",
    "writeLines('hello')",
    "writeLines(x, con = stdout())",
    "write('careful', stderr())",
    "write.csv(d)",
    "sink()",
    "dput(d)",
    "ggplot(d, aes(x, y)) + geom_point()",
    "dbGetQuery(con, 'select * from x')",
    "httr::GET('http://x')",
    "system('ls -l', intern = TRUE)",
    "eval(quote(x))",
    "f <- file('x.txt', 'r')\nlines <- readLines(f)",
    "model <- lm(y ~ x, data = d)\npredict(model, d)",
    "x <- c(save = 1, pdf = 2)\nx['save']",
  ])("nothing: %s", async (source) => expect(await changes("r", source)).toBe("-"))
})

describe("what Python writes", () => {
  test.each([
    ["file", "pq.write_table(t, 'x.parquet')"],
    ["file", "torch.save(model, 'x.pt')"],
    ["file", "joblib.dump(model, 'x')"],
    ["file", "pickle.dump(x, f)"],
    ["file", "yaml.dump(x, f)"],
    ["file", "np.savez_compressed('x', a)"],
    ["file", "model.save('x.keras')"],
    ["file", "df.write.mode('overwrite').parquet('x')"],
    ["file", "df.write.csv('x')"],
    ["file", "df.write.saveAsTable('x')"],
    ["file", "Path('x').open('w')"],
    ["file", "p.open(mode='wb')"],
    ["file", "open(path, mode)"],
    ["file", "Path('x').write_text('y')"],
    ["file", "Path('x').rename('y')"],
    ["file", "shutil.copytree('a', 'b')"],
    ["file", "os.makedirs('x')"],
    ["file", "zipfile.ZipFile('x.zip', 'w')"],
    ["file", "logging.basicConfig(filename='x.log')"],
    ["file", "%%writefile x.py\npass"],
    ["file", "%rm x"],
    ["process", "os.system('make')"],
    ["process", "subprocess.run(['rm', 'x'])"],
    ["process", "!python train.py"],
    ["process", "!pip install x"],
    ["process", "%%bash\nls\nmake"],
    ["process", "%%R\nwrite.csv(d)"],
    ["network", "requests.put('http://x')"],
    ["network", "requests.request('DELETE', url)"],
    ["network", "urllib.request.urlopen(url, data=b'x')"],
    ["network", "mlflow.log_metric('x', 1)"],
    ["sql", "conn.commit()"],
    ["sql", "collection.insert_many(rows)"],
    ["unknown", "%run other.ipynb"],
    ["unknown", "exec(code)"],
    ["unknown", "eval(text)"],
  ])("%s: %s", async (kind, source) => expect(await changes("python", source)).toBe(kind))

  test.each([
    "df = pd.read_csv('x.csv')\ndf.head()",
    "df.to_csv()\ndf.to_html(index=False)\ndf.to_json(orient='records')",
    "df = df.rename(columns={'a': 'b'}).replace(1, 2)",
    "s.str.extractall('(a)')",
    "spark.read.option('header', True).csv('x')\nspark.read.parquet('y')",
    "with open('x') as f:\n    text = f.read()",
    "Path('x').open()\nImage.open('x.png')\nwebbrowser.open('r')",
    "plt.plot(x)\nplt.title('save')\nplt.show()",
    "json.dumps(x)\npickle.dumps(x)\nyaml.dump(x)",
    "sys.stdout.write('x')\nst.write(x)",
    "requests.request('GET', url)\nrequests.get(url)",
    "eval('1 + 1')",
    "!ls -l | head\n!nvidia-smi\n!cat x.txt 2>/dev/null",
    "%pip list\n%matplotlib inline\n%run",
    "%%bash\ncat x | grep y | wc -l",
    "%%html\n<b>x</b>",
    "os.system('ls')\nos.path.join('a', 'b')",
    "logging.basicConfig(level=logging.INFO)",
    "model.fit(x)\nmodel.predict(x)",
  ])("nothing: %s", async (source) => expect(await changes("python", source)).toBe("-"))
})

/** "3 file df.to_csv in save", by cell. */
async function writing(language: Language, ...sources: readonly string[]): Promise<string> {
  const analyst = await openAnalyst(language)
  const notebook = python(...sources)
  return writingCells(notebook, analyst.readiness(notebook).effects)
    .map(toldWriting)
    .map(({ number, what }) => `${number} ${what.join(" and ")}`)
    .join(", ")
}

describe("what a cell runs that other cells define", () => {
  const send = "import requests\ndef send(rows):\n    requests.post(u, json=rows)"
  test.each<readonly [what: string, expected: string, ...sources: string[]]>([
    ["a function", "3 network requests.post in send", send, "x = 1", "send(x)"],
    ["in each cell that calls it", "2 network requests.post in send, 4 network requests.post in send", send, "send(1)", "x = 2", "send(x)"],
    ["by a function in between", "3 network requests.post in send", send, "def all(rows):\n    for row in rows:\n        send(row)", "all(x)"],
    [
      "as it is defined when it is called",
      "2 network requests.post in send, 4 process os.system in send",
      send,
      "send(1)",
      "import os\ndef send(rows):\n    os.system('x')",
      "send(1)",
    ],
    [
      "a function in a function",
      "2 process os.system in outer",
      "import os\ndef outer():\n    def inner():\n        os.system('x')\n    inner()",
      "outer()",
    ],
    ["a function that is handed on", "2 network requests.post in send", send, "df.apply(send)\nlist(map(send, rows))"],
    ["by another name", "3 network requests.post in send", send, "other = send", "other(x)"],
    ["from a table of them", "3 network requests.post in send", send, "ways = {'a': send}", "ways['a'](x)"],
    [
      "that waits to be started",
      "2 network requests.post in send, 3 network requests.post in send",
      send,
      "from threading import Thread\nt = Thread(target=send)",
      "t.start()",
    ],
    ["a lambda", "2 process os.system in go", "import os\ngo = lambda x: os.system(x)", "go(1)"],
    ["a decorator", "2 network requests.post in send", send, "@send\ndef f():\n    pass"],
    ["nothing where it is only looked at", "1 network requests.post", send, "print(send)\nsend.__doc__"],
    ["a function that nobody calls stays where it stands", "1 network requests.post", send, "x = 1"],
    [
      "a method",
      "3 file open in Store",
      "class Store:\n    def keep(self):\n        open('x', 'w')\n    def look(self):\n        pass",
      "s = Store()\ns.look()",
      "s.keep()",
    ],
    [
      "what a method calls",
      "3 file open in Store",
      "class Store:\n    def keep(self):\n        self._write()\n    def _write(self):\n        open('x', 'w')",
      "s = Store()",
      "s.keep()",
    ],
    [
      "a method that it has from another class",
      "4 file open in Base",
      "class Base:\n    def keep(self):\n        open('x', 'w')",
      "class Store(Base):\n    pass",
      "s = Store()",
      "s.keep()",
    ],
    ["making an object", "2 file open in Store", "class Store:\n    def __init__(self):\n        open('x', 'w')", "s = Store()"],
    [
      "an object that a function makes",
      "4 file open in Store",
      "class Store:\n    def keep(self):\n        open('x', 'w')",
      "def make():\n    return Store()",
      "s = make()",
      "s.keep()",
    ],
    [
      "a method by another name",
      "3 file df.to_csv and file write",
      "import pandas as pd\ndf = pd.DataFrame()",
      "write = df.to_csv",
      "df.to_csv('x')\nwrite('y')",
    ],
    [
      "an import by another name",
      "2 process go and process s.run",
      "from os import system as go\nimport subprocess as s",
      "go('make')\ns.run(['make'])",
    ],
    ["an import in the function", "2 process sp.run in go", "def go():\n    import subprocess as sp\n    sp.run(['make'])", "go()"],
    ["a function of a module that is handed on", "2 file os.remove", "import os\nfrom glob import glob", "list(map(os.remove, glob('*')))"],
    ["a session by any name", "2 network api.post", "import requests\napi = requests.Session()", "api.get(u)\napi.post(u)"],
    [
      "one that a function makes",
      "3 network api.post",
      "import requests\ndef login():\n    s = requests.Session()\n    return s",
      "api = login()",
      "api.post(u)",
    ],
    ["a session that is made where it is used", "1 network .post", "import requests\nrequests.Session().post(u)"],
    ["a connection by any name", "2 sql warehouse.commit", "import sqlite3\nwarehouse = sqlite3.connect('x')", "warehouse.commit()"],
    ["in a with", "2 network api.put", "import httpx", "with httpx.Client() as api:\n    api.put(u)"],
    ["a file that another cell opened", "1 file open, 2 file f.write", "f = open('x', 'w')", "f.write('y')"],
    ["a statement that another cell holds", "3 sql cur.execute", "ask = 'select 1'\ndo = 'drop table x'", "cur.execute(ask)", "cur.execute(do)"],
  ])("%s", async (_, expected, ...sources) => expect(await writing("python", ...sources)).toBe(expected))

  test.each<readonly [what: string, expected: string, ...sources: string[]]>([
    ["a function", "2 file saveRDS in keep", "keep <- function(d) saveRDS(d, 'x')", "keep(d)"],
    ["one that is handed on", "3 file saveRDS in keep", "keep <- function(d) {\n  saveRDS(d, 'x')\n}", "x <- 1", "lapply(all, keep)"],
    ["by one in between", "3 file saveRDS in keep", "keep <- function(d) saveRDS(d, 'x')", "each <- function(ds) for (d in ds) keep(d)", "each(all)"],
  ])("R, %s", async (_, expected, ...sources) => expect(await writing("r", ...sources)).toBe(expected))
})

describe("what nobody can tell of other languages", () => {
  test.each<readonly [Language | undefined, string, string]>([
    ["julia", "unknown", "CSV.write(path, d)"],
    ["scala", "unknown", "df.show()"],
    ["typescript", "unknown", "await Deno.writeTextFile(path, text)"],
    [undefined, "unknown", "SELECT 1"],
    ["bash", "unknown", "sort x > y"],
    ["bash", "-", "region=north\nsort x | uniq -c | head -n 3 >&2"],
    ["bash", "-", 'for f in *.txt; do\n  wc -l "$f"\ndone'],
    ["julia", "-", 'using DataFrames, Dates\n# the input\nregion = "north"\ncount = 3\nd[1:3, :]'],
    ["typescript", "-", 'const region: string = "north" // where\nlet count = 3;'],
    ["typescript", "unknown", "import x from 'npm:x'"],
    ["scala", "unknown", "val x = compute(1)"],
  ])("%s %s: %s", async (language, kind, source) => expect(await changes(language, source)).toBe(kind))
})

test.each<readonly [boolean, string]>([
  [true, "git status"],
  [false, "git push"],
  [true, "find . -name '*.csv'"],
  [false, "find . -name '*.csv' -delete"],
  [true, "python --version"],
  [false, "python -c 'x'"],
  [true, "sed 's/a/b/' x"],
  [false, "sed -i 's/a/b/' x"],
  [false, "ls | xargs rm"],
  [false, "echo $(rm x)"],
  [false, "echo `rm x`"],
  [true, "echo $(date) '> not a file'"],
  [false, 'echo "$(rm x)"'],
  [false, "cat < x >> y"],
  [false, "sudo ls"],
  [false, "diff <(rm x) y"],
  [true, "if [ -f x ]; then cat x; else echo none; fi"],
  [false, "if [ -f x ]; then rm x; fi"],
  [true, "x=$((1 + 2)) && echo $x"],
  [false, "$COMMAND x"],
  [false, "env make"],
  [false, "X=1 make"],
])("only reads %s: %s", (reads, command) => expect(onlyReads(command)).toBe(reads))
