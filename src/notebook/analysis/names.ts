/**
 * What a cell does with the names of its notebook, in the order in which it does it: one shape for every language.
 * Offsets count UTF-16 units of the cell's source.
 */
import type { Json } from "#base/json.ts"

export type Span = { readonly from: number; readonly to: number }

/**
 * How surely something happens when the cell runs: always; on a branch that a run usually takes; hardly ever, or at another time
 * (a handler, a function that is handed on, `if False`).
 */
export type Chance = "sure" | "likely" | "unlikely"

export type Use = Span & {
  readonly do: "use"
  readonly name: string
  readonly chance: Chance
  readonly called: boolean
  /** That there is no such name is provided for, or does no harm (`x?`, `!echo $x`, a handler of NameError around it). */
  readonly soft: boolean
  /** What is read of it, `a.b.c`, and whether the last one is called. */
  readonly reads?: { readonly path: readonly string[]; readonly called: boolean }
}

export type How = "import" | "function" | "class" | "variable" | "update"

export type Definition = Span & {
  readonly do: "define"
  readonly name: string
  readonly how: How
  readonly chance: Chance
  /** What runs later, when the name is called. */
  readonly bodies: readonly Body[]
  /** The value is written out: a number, a text, a list … */
  readonly literal: boolean
  /** Says, from inside a function, that the name is the notebook's own. */
  readonly declared?: boolean
  /** The module that an import gives the name to, or what of it (`member`); `loads`: the one within it that `import a.b` brings along. */
  readonly brings?: { readonly module: string; readonly member: string; readonly loads?: string }
  /** Where the value stands that it is given. */
  readonly value?: Value
}

/** `is`: what it is another name for, `df.to_csv`; `made`: what is called to make it, `requests.Session`; "" for neither. */
export type Value = Span & { readonly is: string; readonly made: string }

/** The code of a function, a method or a lambda, and where it stands. */
export type Body = Span & {
  /** Of a method, "" for others. */
  readonly name: string
  readonly events: readonly NameEvent[]
  /** Its own calls, not those of functions inside it. */
  readonly calls: readonly Call[]
  /** Runs when the name is called: a function, `__init__`; other methods and generators run at a time that is not seen here. */
  readonly atCall: boolean
}

export type NameEvent =
  | Use
  | Definition
  /** What the name holds is changed in place; `assigned`: by giving it an attribute or element. */
  | (Span & { readonly do: "modify"; readonly name: string; readonly chance: Chance; readonly assigned?: boolean })
  | (Span & { readonly do: "delete"; readonly name: string; readonly chance: Chance })
  /** From here on there may be names that no source shows. */
  | (Span & { readonly do: "open"; readonly why: string; readonly chance: Chance })
  /** All names are gone. */
  | (Span & { readonly do: "clear" })

export type Argument = Span & {
  /** "" for a positional one. */
  readonly name: string
  /** undefined when it is no literal. */
  readonly literal: Json | undefined
  /** What a text that is put together begins with. */
  readonly begins?: string
  /** A name, "" when it is something else. */
  readonly reads: string
  /** `os.remove`, what is read of a name: told in Python. */
  readonly member?: string
  /** The function whose value it is: told in R. */
  readonly called?: string
}

export type Call = Span & {
  /** As written, `np.random.rand`; `.head` where it is a method of something that is no name. */
  readonly callee: string
  readonly args: readonly Argument[]
  readonly chance: Chance
  readonly inFunction: boolean
  /** That it fails is provided for: a handler stands around it, or it was asked whether a file is there. */
  readonly caught: boolean
}

export type Text = Span & {
  readonly value: string
  /** The name that it is assigned to, or passed or looked up as; "" for none. */
  readonly holder: string
}

export type Import = Span & {
  /** With dots; "." at the beginning where it is relative. */
  readonly module: string
  /** What of the module: "" the module itself, "*" everything. */
  readonly member: string
  readonly as: string
  /** A handler around it provides for its absence. */
  readonly guarded: boolean
  readonly chance: Chance
  readonly inFunction: boolean
  /** R only. `told`: its absence is a warning, and the code goes on (`require`). `used`: named where something of it is used (`pkg::name`). */
  readonly manner?: "told" | "used"
}

/** A line or cell in the notebook's own syntax (`%time`, `!ls`, `x?`). */
export type Magic = Span & {
  /** "time", "%bash" for a whole cell, "!" for the shell, "?" for help. */
  readonly name: string
  readonly line: string
  /** Where `line` begins. */
  readonly lineFrom: number
}

/** "3.12" for `type X = int`. */
export type Need = Span & { readonly version: string; readonly what: string }

export type CellNames = {
  readonly events: readonly NameEvent[]
  readonly calls: readonly Call[]
  readonly texts: readonly Text[]
  readonly imports: readonly Import[]
  readonly magics: readonly Magic[]
  /** Offsets of what is not the language. Nothing else is known of such a cell. */
  readonly brokenAt: readonly number[]
  /** The names that a cell which cannot be read mentions: any of them may be defined there. */
  readonly mentions: readonly string[]
  /** Whether a statement at its top level may show its value. */
  readonly showsValue: boolean
  /** Whether it only assigns what is written out, defines and imports. */
  readonly isPlain: boolean
  /** It has nothing but comments, or nothing at all. */
  readonly isEmpty: boolean
  /** Syntax that older versions of the language do not have. */
  readonly needs: readonly Need[]
  /** Top-level branches and loops. */
  readonly branches: number
  /** Where the statements at its top level stand; none where it is not read as statements. */
  readonly statements: readonly Span[]
}

export const NOTHING: CellNames = {
  events: [],
  calls: [],
  texts: [],
  imports: [],
  magics: [],
  brokenAt: [],
  mentions: [],
  showsValue: false,
  isPlain: true,
  isEmpty: true,
  needs: [],
  branches: 0,
  statements: [],
}

/** What is known of a language's names. */
export type NameLanguage = {
  read(source: string): CellNames
  /** The names that are there before the first cell. */
  isBuiltin(name: string): boolean
}
