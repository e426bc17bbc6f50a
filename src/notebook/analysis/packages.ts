/** What is installed so that a Python notebook's imports are there. */

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
  google: "google-cloud",
  serial: "pyserial",
  docx: "python-docx",
  fitz: "PyMuPDF",
  igraph: "python-igraph",
  tensorflow_probability: "tensorflow-probability",
  pylab: "matplotlib",
}

export function packageFor(module: string): string {
  return Object.hasOwn(INSTALLED_AS, module) ? (INSTALLED_AS[module] ?? module) : module
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

/** The packages that modules come from, each once and in order; nothing for those that Python and its kernel bring. */
export function packagesFor(modules: readonly string[]): readonly string[] {
  const tops = modules.map((module) => module.split(".")[0] ?? "").filter((top) => top !== "" && !THERE.has(top))
  return [...new Set(tops.map(packageFor))].sort((a, b) => a.localeCompare(b, "en"))
}
