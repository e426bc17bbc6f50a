/**
 * The languages Stet can write parameters in: how a notebook names them, and which names a variable may have there.
 *
 * A name is never escaped, only accepted or refused: this file is what stands between a parameter's name and code.
 * A language's identifiers are taken a little narrower than its grammar has them (no `x!` in Julia, no backticks in
 * Scala and R); what a name could *do* when assigned (Bash's PROMPT_COMMAND runs its value) is refused too.
 */

export type Language =
  | "python"
  | "r"
  | "julia"
  | "scala"
  | "javascript"
  | "typescript"
  | "bash"
  | "powershell"
  | "csharp"
  | "fsharp"
  | "matlab"
  | "octave"
  | "sql"

type Naming = {
  /** As people write it. */
  readonly title: string
  /** Kernel names and language names, lower case. */
  readonly known: string
  readonly identifier: RegExp
  /** Names the grammar takes, or that do something else than hold a value; separated by spaces. */
  readonly reserved: string
  readonly caseless?: boolean
}

const UNICODE_NAME = /^[\p{L}_][\p{L}\p{Mn}\p{Mc}\p{Nd}_]*$/u
const ASCII_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

const SCRIPT_WORDS = `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public return static super switch
  this throw true try typeof undefined var void while with yield NaN Infinity __proto__ globalThis`

const MATLAB_WORDS = `break case catch classdef continue else elseif end for function global if otherwise parfor persistent return spmd
  switch try while`

const NAMINGS: { readonly [language in Language]: Naming } = {
  python: {
    title: "Python",
    known: "python python2 python3 ipython ipython3 xpython pypy pypy3 pyspark pysparkkernel pyodide",
    identifier: UNICODE_NAME,
    reserved: `False None True and as assert async await break class continue def del elif else except finally for from global if import in
      is lambda nonlocal not or pass raise return try while with yield __debug__ __builtins__ __import__`,
  },
  r: {
    title: "R",
    known: "r ir xr sparkrkernel",
    identifier: /^(?!\.\.[0-9]+$)(?:\p{L}|\.(?![0-9]))[\p{L}\p{Nd}._]*$/u,
    reserved: `if else repeat while function for next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ NA_complex_ NA_character_ in
      ... .Random.seed .Last.value .Machine .Traceback`,
  },
  julia: {
    title: "Julia",
    known: "julia ijulia xeus-julia",
    identifier: UNICODE_NAME,
    reserved: `baremodule begin break catch const continue do else elseif end export false finally for function global if import in isa let
      local macro module public quote return struct true try using where while ccall ans nothing missing`,
  },
  scala: {
    title: "Scala",
    known: "scala scala2 scala3 scala211 scala212 scala213 almond sparkkernel spylon-kernel",
    identifier: ASCII_NAME,
    reserved: `abstract case catch class def do else enum export extends false final finally for forSome given if implicit import lazy macro
      match new null object override package private protected return sealed super then this throw trait try true type val var while with
      yield _`,
  },
  javascript: {
    title: "JavaScript",
    known: "javascript js node nodejs node_nodejs jslab ijavascript xeus-javascript",
    identifier: /^[\p{L}_$][\p{L}\p{Mn}\p{Mc}\p{Nd}_$]*$/u,
    reserved: SCRIPT_WORDS,
  },
  typescript: {
    title: "TypeScript",
    known: "typescript ts deno tslab itypescript",
    identifier: /^[\p{L}_$][\p{L}\p{Mn}\p{Mc}\p{Nd}_$]*$/u,
    reserved: SCRIPT_WORDS,
  },
  bash: {
    title: "Bash",
    known: "bash sh shell shellscript",
    identifier: ASCII_NAME,
    // Assigning one of these runs the value, breaks the shell, or fails because it is read-only.
    reserved: `PROMPT_COMMAND PS0 PS1 PS2 PS3 PS4 ENV IFS PATH UID EUID PPID SHELLOPTS FUNCNAME DIRSTACK GROUPS HISTFILE INPUTRC
      GLOBIGNORE EXECIGNORE POSIXLY_CORRECT OPTIND TMOUT RANDOM SRANDOM SECONDS LINENO HISTCMD NODE_OPTIONS PYTHONSTARTUP PYTHONPATH PERL5OPT
      PERL5LIB RUBYOPT RUBYLIB _`,
  },
  powershell: {
    title: "PowerShell",
    known: ".net-powershell pwsh powershell",
    identifier: ASCII_NAME,
    caseless: true,
    reserved: `args consolefilename enabledexperimentalfeatures error event eventargs eventsubscriber executioncontext false foreach home host
      input iscoreclr islinux ismacos iswindows lastexitcode matches myinvocation nestedpromptlevel null pid profile psboundparameters pscmdlet
      pscommandpath psculture psdebugcontext psdefaultparametervalues psedition psemailserver pshome psitem psmoduleautoloadingpreference
      psnativecommandargumentpassing psnativecommanduseerroractionpreference psscriptroot pssenderinfo psstyle psuiculture psversiontable pwd
      sender shellid stacktrace switch this transcript true ofs _`,
  },
  csharp: {
    title: "C#",
    known: ".net-csharp c# csharp",
    identifier: UNICODE_NAME,
    reserved: `abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum
      event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null
      object operator out override params private protected public readonly ref return sbyte sealed short sizeof stackalloc static string struct
      switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while await var dynamic record _`,
  },
  fsharp: {
    title: "F#",
    known: ".net-fsharp f# fsharp",
    identifier: UNICODE_NAME,
    reserved: `abstract and as assert base begin class default delegate do done downcast downto elif else end exception extern false finally
      fixed for fun function global if in inherit inline interface internal lazy let match member mod module mutable namespace new not null of
      open or override private public rec return sig static struct then to true try type upcast use val void when while with yield atomic
      break checked component const constraint constructor continue event external include mixin parallel process protected pure sealed
      tailcall trait virtual land lor lxor lsl lsr asr _`,
  },
  matlab: {
    title: "MATLAB",
    known: "matlab imatlab matlab_kernel jupyter_matlab_kernel",
    identifier: /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
    reserved: MATLAB_WORDS,
  },
  octave: {
    title: "Octave",
    known: "octave xoctave",
    identifier: /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    reserved: `${MATLAB_WORDS} do until end_try_catch end_unwind_protect endfor endfunction endif endparfor endswitch endwhile unwind_protect
      unwind_protect_cleanup endclassdef endenumeration endevents endmethods endproperties __FILE__ __LINE__`,
  },
  sql: {
    title: "SQL",
    known: "sql xsql mssql postgres postgresql mysql sqlite",
    identifier: ASCII_NAME,
    reserved: "",
  },
}

const BY_KNOWN_NAME: ReadonlyMap<string, Language> = new Map(
  languages().flatMap((language) => words(NAMINGS[language].known).map((name) => [name, language] as const)),
)
const RESERVED = new Map<Language, ReadonlySet<string>>(languages().map((language) => [language, new Set(words(NAMINGS[language].reserved))]))

function languages(): readonly Language[] {
  return Object.keys(NAMINGS) as Language[]
}

function words(list: string): string[] {
  return list.split(/\s+/).filter((word) => word !== "")
}

/** The language of a kernel: looked up by the kernel's name first, then by the name of its language, as papermill does; case does not count. */
export function languageFor(kernelName: string, language: string): Language | undefined {
  return BY_KNOWN_NAME.get(kernelName.toLowerCase()) ?? BY_KNOWN_NAME.get(language.toLowerCase()) ?? byVersionedName(kernelName.toLowerCase())
}

/** Kernels are often named after a version: julia-1.11, scala-2.13, octave-9. */
function byVersionedName(kernelName: string): Language | undefined {
  return BY_KNOWN_NAME.get(kernelName.replace(/[-_ ]?v?[0-9][0-9.]*$/, ""))
}

export function titleOf(language: Language): string {
  return NAMINGS[language].title
}

export function titles(): string {
  return languages().map(titleOf).join(", ")
}

/** Why a name cannot be a variable in that language; undefined when it can. */
export function nameProblem(language: Language, name: string): string | undefined {
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
  if (name.length > 200) return `The parameter name ${shown} is longer than 200 characters.`
  // What looks alike is read alike (Python folds identifiers): only the folded spelling is taken.
  if (name.normalize("NFKC") !== name) return `The parameter name ${shown} is not in Unicode's normal form (NFKC).`
  if (!NAMINGS[language].identifier.test(name)) return `The parameter name ${shown} is not a variable name in ${titleOf(language)}.`
  return isReserved(language, name) ? `The parameter name ${shown} is reserved in ${titleOf(language)}.` : undefined
}

function isReserved(language: Language, name: string): boolean {
  if (language === "bash" && /^(?:BASH|LD_|DYLD_|READLINE_)/.test(name)) return true
  return RESERVED.get(language)?.has(NAMINGS[language].caseless ? name.toLowerCase() : name) ?? false
}
