/** What is installed so that a Python notebook's imports are there. */

import type { Import } from "#notebook/analysis/names.ts"

/** What is installed under another name than it is imported by. */
const INSTALLED_AS: { readonly [module: string]: string } = {
  sklearn: "scikit-learn",
  cv2: "opencv-python",
  PIL: "Pillow",
  yaml: "PyYAML",
  bs4: "beautifulsoup4",
  skimage: "scikit-image",
  Crypto: "pycryptodome",
  dateutil: "python-dateutil",
  dotenv: "python-dotenv",
  mpl_toolkits: "matplotlib",
  serial: "pyserial",
  docx: "python-docx",
  fitz: "PyMuPDF",
  igraph: "python-igraph",
  tensorflow_probability: "tensorflow-probability",
  pylab: "matplotlib",
  attr: "attrs",
  jwt: "PyJWT",
  umap: "umap-learn",
  OpenSSL: "pyOpenSSL",
  MySQLdb: "mysqlclient",
}

/** @param member what is imported of it, "" the module itself */
export function packageFor(module: string, member = ""): string {
  const [top = "", ...below] = module.split(".")
  if (top === "google") return ofGoogle(member === "" ? below : [...below, member])
  return Object.hasOwn(INSTALLED_AS, top) ? (INSTALLED_AS[top] ?? top) : top
}

/** Many packages share this name: `google.cloud.storage` is google-cloud-storage. */
function ofGoogle([first = "", second = ""]: readonly string[]): string {
  if (first === "protobuf") return "protobuf"
  if (first === "oauth2") return "google-auth"
  return ["google", first, first === "cloud" ? second : ""].filter((part) => part !== "").join("-")
}

/** `sys.stdlib_module_names` of Python 3.9 to 3.14, and what every kernel has. */
const THERE = new Set(
  `__future__ _thread abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect
  builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall compression concurrent configparser contextlib
  contextvars copy copyreg cProfile crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum
  errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip
  hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma
  mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator
  optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd
  py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve
  shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string
  stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios test textwrap this threading time
  timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings
  wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo IPython ipykernel ipywidgets traitlets`.split(
    /\s+/u,
  ),
)

type Imported = Pick<Import, "module" | "member">

/** The packages that modules come from, each once and in order; nothing for those that Python and its kernel bring. */
export function packagesFor(imports: readonly Imported[]): readonly string[] {
  const wanted = imports.filter(({ module }) => {
    const [top = "", below] = module.split(".")
    // What Colab brings is nowhere else to be had.
    return top !== "" && !THERE.has(top) && !(top === "google" && below === "colab")
  })
  return [...new Set(wanted.map(({ module, member }) => packageFor(module, member)))].sort((a, b) => a.localeCompare(b, "en"))
}
