/** The names that Python and IPython bring. */

const PYTHON = `ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError BufferError
  BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError
  Ellipsis EncodingWarning EnvironmentError Exception ExceptionGroup False FileExistsError FileNotFoundError FloatingPointError FutureWarning
  GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt
  LookupError MemoryError ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError OSError OverflowError
  PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError
  RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError True TypeError
  UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning
  ZeroDivisionError __build_class__ __debug__ __doc__ __import__ __loader__ __name__ __package__ __spec__ __builtins__ __builtin__ abs aiter all
  anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr dict dir divmod
  enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len license
  list locals map max memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice sorted
  staticmethod str sum super tuple type vars zip`

// `__file__` is not among them: a notebook has none, and code that was moved there from a script fails on it.
const IPYTHON = "get_ipython display In Out _ __ ___ _i _ii _iii _ih _oh _dh _sh __vsc_ipynb_file__ __session__ __annotations__"

const NAMES = new Set(`${PYTHON} ${IPYTHON}`.split(/\s+/))

export function isPythonBuiltin(name: string): boolean {
  // _12 and _i12 are what the cell with that number showed and said.
  return NAMES.has(name) || /^_i?\d+$/.test(name)
}

/** Python 2's names, which are the commonest of those that nobody defines. */
export const PYTHON_2: ReadonlyMap<string, string> = new Map([
  ["raw_input", "input"],
  ["unicode", "str"],
  ["xrange", "range"],
  ["basestring", "str"],
  ["long", "int"],
  ["unichr", "chr"],
  ["reduce", "functools.reduce"],
  ["reload", "importlib.reload"],
  ["execfile", "exec"],
  ["cmp", ""],
  ["file", "open"],
  ["buffer", "memoryview"],
  ["apply", ""],
  ["intern", "sys.intern"],
  ["coerce", ""],
])

/** Names that other kernels put there. */
export const KERNEL_NAMES: readonly { readonly kernel: RegExp; readonly names: readonly string[] }[] = [
  { kernel: /pyspark|spark|synapse|databricks/i, names: ["spark", "sc", "sqlContext", "sqlCtx", "dbutils", "displayHTML", "HiveContext"] },
  { kernel: /^sagemath/i, names: ["*"] },
]
