"""What a Python kernel is asked about its variables: `answer(namespace, hidden, name)` gives a value that JSON can hold.

Nothing of the person's own code is called: values of types that are not known here are named and no more, because a
`__repr__`, `__len__` or property of theirs could take long, raise, or change something. Nothing large is walked through.
"""

import sys
import types

MOST = 2000
PREVIEW = 200
TEXT = 20_000
ROWS = 50
COLUMNS = 50
PLAIN = (int, float, complex, bool, type(None), str, bytes, bytearray)
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
BOXES = (list, tuple, dict, set, frozenset)


def answer(namespace, hidden, name=None):
    if name is None:
        return everything(namespace, hidden)
    if name not in namespace:
        return None
    return detail(name, namespace[name])


def everything(namespace, hidden):
    """Data first, each in the order in which it was made; after it what was defined or imported."""
    found = []
    definitions = []
    for name, value in list(namespace.items()):
        if type(name) is not str or name.startswith("_") or is_machinery(value):
            continue
        # What the kernel put there itself.
        if name in hidden and hidden[name] is value:
            continue
        if len(found) + len(definitions) == MOST:
            return {"variables": found + definitions, "truncated": True}
        (definitions if is_definition(value) else found).append(summary(name, value))
    return {"variables": found + definitions, "truncated": False}


def is_definition(value):
    return issubclass(type(value), type) or type(value) in FUNCTIONS or module_of(value) == "typing"


def is_machinery(value):
    return type(value) is types.ModuleType or (isinstance_of_ours(value, "IPython.core.autocall"))


def isinstance_of_ours(value, module):
    return type.__getattribute__(type(value), "__module__") == module


def summary(name, value):
    try:
        known = about(value)
    except Exception:
        known = {}
    return {
        "name": name,
        "type": type_name(value),
        "shape": known.get("shape", ""),
        "sizeBytes": known.get("size"),
        "preview": one_line(known.get("preview", "")),
    }


def type_name(value):
    try:
        name = type.__getattribute__(type(value), "__name__")
        return name if type(name) is str else "object"
    except Exception:
        return "object"


def module_of(value):
    try:
        name = type.__getattribute__(type(value), "__module__")
        return name if type(name) is str else ""
    except Exception:
        return ""


def one_line(text):
    line = " ".join(text[: 4 * PREVIEW].split())
    return line if len(line) <= PREVIEW else line[: PREVIEW - 1] + "…"


def times(*numbers):
    return " × ".join(f"{number:,}" for number in numbers)


def about(value):
    kind = type(value)
    if kind in PLAIN:
        return about_plain(value)
    if kind in BOXES:
        word = "keys" if kind is dict else "items"
        count = len(value)
        return {"shape": f"{count:,} {word if count != 1 else word[:-1]}", "size": sys.getsizeof(value), "preview": box(value, 1)}
    if kind is types.FunctionType:
        return {"preview": f"def {value.__name__}(…)"}
    if isinstance(value, type):
        return {"preview": f"class {type.__getattribute__(value, '__name__')}"}
    root = module_of(value).split(".")[0]
    look = LIBRARIES.get((root, type_name(value)))
    return look(value) if look and root in sys.modules else {}


def about_plain(value):
    kind = type(value)
    if kind in (str, bytes, bytearray):
        shape = f"{len(value):,} {'characters' if kind is str else 'bytes'}"
        return {"shape": shape, "size": sys.getsizeof(value), "preview": plain(value)}
    return {"size": sys.getsizeof(value), "preview": plain(value)}


def plain(value, most=PREVIEW):
    kind = type(value)
    if kind is int and value.bit_length() > 4096:
        return f"an int of {value.bit_length():,} bits"
    if kind in (str, bytes, bytearray):
        return repr(value[:most]) + ("…" if len(value) > most else "")
    return repr(value)


def box(value, depth):
    kind = type(value)
    opening, closing = {list: "[]", tuple: "()"}.get(kind, "{}")
    shown = []
    length = 0
    items = list(first(value.items() if kind is dict else value, 20))
    for item in items:
        text = f"{small(item[0], depth)}: {small(item[1], depth)}" if kind is dict else small(item, depth)
        shown.append(text)
        length += len(text)
        if length > PREVIEW:
            break
    more = ", …" if len(shown) < len(value) else ""
    return f"{opening}{', '.join(shown)}{more}{closing}"


def first(values, count):
    for index, value in enumerate(values):
        if index == count:
            return
        yield value


def small(value, depth):
    kind = type(value)
    if kind in PLAIN:
        return plain(value, 40)
    if kind in BOXES and depth > 0:
        return box(value, depth - 1)
    return f"<{type_name(value)}>"


def about_array(value):
    start = value.reshape(-1)[:8] if value.flags["C_CONTIGUOUS"] else value.flat[:8]
    shown = [str(item) if value.dtype.kind in "biufcSUMm" else small(item, 0) for item in start.tolist()]
    more = ", …" if value.size > len(shown) else ""
    shape = times(*value.shape) if value.ndim else "scalar"
    return {"shape": shape, "size": int(value.nbytes), "preview": f"{value.dtype}: [{', '.join(shown)}{more}]"}


def about_scalar(value):
    return {"size": int(value.nbytes), "preview": str(value) if value.dtype.kind in "biufcSUMm" else ""}


def block_bytes(frame):
    try:
        return int(sum(block.values.nbytes for block in frame._mgr.blocks)) + int(frame.index.nbytes)
    except Exception:
        return None


def about_frame(value):
    names = [small(name, 0) if type(name) is not str else name for name in value.columns[:20].tolist()]
    more = ", …" if value.shape[1] > len(names) else ""
    return {"shape": times(*value.shape), "size": block_bytes(value), "preview": ", ".join(names) + more}


def about_series(value):
    items = [small(item, 0) for item in value.iloc[:6].tolist()]
    more = ", …" if value.shape[0] > len(items) else ""
    return {"shape": times(*value.shape), "size": block_bytes(value), "preview": f"{value.dtype}: [{', '.join(items)}{more}]"}


def about_polars(value):
    names = ", ".join(value.columns[:20])
    return {"shape": times(*value.shape), "size": int(value.estimated_size()), "preview": names}


def about_arrow(value):
    return {"shape": times(value.num_rows, value.num_columns), "size": int(value.nbytes), "preview": ", ".join(value.column_names[:20])}


def about_tensor(value):
    size = int(value.element_size() * value.nelement())
    return {"shape": times(*value.shape) or "scalar", "size": size, "preview": f"{value.dtype} on {value.device}"}


LIBRARIES = {
    ("numpy", "ndarray"): about_array,
    **{("numpy", name): about_scalar for name in "bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 datetime64 timedelta64 str_".split()},
    ("pandas", "DataFrame"): about_frame,
    ("pandas", "Series"): about_series,
    ("polars", "DataFrame"): about_polars,
    ("pyarrow", "Table"): about_arrow,
    ("torch", "Tensor"): about_tensor,
}


def detail(name, value):
    known = summary(name, value)
    try:
        known["table"] = table_of(value)
    except Exception:
        known["table"] = None
    try:
        known["text"] = text_of(value)
    except Exception:
        known["text"] = known["preview"]
    return known


def text_of(value):
    kind = type(value)
    if kind is str:
        return value[:TEXT]
    if kind in PLAIN:
        return plain(value, TEXT)
    if kind in BOXES:
        lines = []
        for item in first(value.items() if kind is dict else value, 500):
            lines.append(f"{small(item[0], 1)}: {small(item[1], 1)}" if kind is dict else small(item, 1))
        return "\n".join(lines)[:TEXT] + ("\n…" if len(lines) < len(value) else "")
    return about(value).get("preview", "")


def table_of(value):
    key = (module_of(value).split(".")[0], type_name(value))
    if key == ("pandas", "DataFrame"):
        part = value.iloc[:ROWS, :COLUMNS]
        columns = [{"name": cell(column), "type": str(kind)} for column, kind in zip(part.columns.tolist(), part.dtypes.tolist())]
        lists = [part.iloc[:, at].tolist() for at in range(part.shape[1])]
        return {"columns": columns, "rows": [[cell(item) for item in row] for row in zip(*lists)], "totalRows": int(value.shape[0])}
    if key == ("pandas", "Series"):
        part = value.iloc[:ROWS]
        columns = [{"name": cell(value.name) if value.name is not None else "", "type": str(value.dtype)}]
        return {"columns": columns, "rows": [[cell(item)] for item in part.tolist()], "totalRows": int(value.shape[0])}
    if key == ("numpy", "ndarray") and value.ndim in (1, 2) and value.dtype.kind in "biufcSUMm":
        part = value[:ROWS] if value.ndim == 1 else value[:ROWS, :COLUMNS]
        rows = [[cell(item)] for item in part.tolist()] if value.ndim == 1 else [[cell(item) for item in row] for row in part.tolist()]
        width = 1 if value.ndim == 1 else part.shape[1]
        return {"columns": [{"name": str(at), "type": str(value.dtype)} for at in range(width)], "rows": rows, "totalRows": int(value.shape[0])}
    if key == ("polars", "DataFrame"):
        part = value[:ROWS, :COLUMNS]
        columns = [{"name": column, "type": str(kind)} for column, kind in zip(part.columns, part.dtypes)]
        return {"columns": columns, "rows": [[cell(item) for item in row] for row in part.rows()], "totalRows": int(value.height)}
    return None


def cell(value):
    kind = type(value)
    if kind is str:
        return value[:PREVIEW]
    if kind in PLAIN:
        return plain(value)
    if kind in BOXES:
        return box(value, 0)
    if module_of(value).split(".")[0] in ("pandas", "numpy", "datetime", "decimal", "uuid"):
        return str(value)[:PREVIEW]
    return f"<{type_name(value)}>"
