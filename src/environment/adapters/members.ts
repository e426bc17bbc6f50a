/**
 * What the modules of a Python have: asked in a short process of its own, which imports the modules that the notebook would, and nothing
 * that lies beside it.
 */
import { run } from "#environment/adapters/process.ts"
import type { MemberQuestion } from "#notebook/index.ts"

/**
 * One line an answer, so that what was answered before the time is up is known. Packages print when they are imported: the answers have
 * a way of their own. What a module does not have is no verdict where another module might bring it later: a module below it, an
 * attribute of an object that somebody sets.
 */
const ASK = `
import importlib, importlib.util, json, os, sys, types
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
out = os.fdopen(os.dup(1), "w")
nothing = os.open(os.devnull, os.O_RDWR)
os.dup2(nothing, 1)
os.dup2(nothing, 2)

def brought(module):
    try:
        return importlib.import_module(module), True
    except ModuleNotFoundError as error:
        return None, False if error.name and (module + ".").startswith(error.name + ".") else None
    except BaseException:
        return None, None

def is_below(module, name):
    try:
        return importlib.util.find_spec(module.__name__ + "." + name) is not None
    except BaseException:
        return hasattr(module, "__path__")

def is_fixed(at):
    kind = type(at)
    own = [vars(each) for each in kind.__mro__ if each is not object]
    return at is not None and not any("__getattr__" in each or "__getattribute__" in each for each in own)

def without(at, name, top, is_first, is_call):
    if isinstance(at, types.ModuleType):
        return None if is_below(at, name) or not (is_first or type(at) is types.ModuleType) else False
    if isinstance(at, type):
        return False
    return False if is_call and is_fixed(at) and type(at).__module__.split(".")[0] == top else None

def has(question):
    module, path = question["module"], question["path"]
    at, there = brought(module)
    if not there:
        return there
    for which, name in enumerate(path):
        is_last = which == len(path) - 1
        try:
            at = getattr(at, name)
        except AttributeError:
            return without(at, name, module.split(".")[0], which == 0, is_last and question["called"])
        except ImportError:
            return False if isinstance(at, types.ModuleType) and not is_below(at, name) else None
        except BaseException:
            return None
    return True

questions = json.loads(sys.argv[1])
# A module may give something to another one: all of them first.
for question in questions:
    brought(question["module"])
for which, question in enumerate(questions):
    out.write(json.dumps([which, has(question)]) + "\\n")
    out.flush()
os._exit(0)
`
const PATIENCE_MS = 30_000
// As one argument of a program, of which Linux takes 128 KB.
const MOST_LETTERS = 100_000

export type Answers = (question: MemberQuestion) => boolean | undefined

/** Never throws: what cannot be asked is not known. */
export async function membersOf(python: string, env: NodeJS.ProcessEnv, questions: readonly MemberQuestion[]): Promise<Answers> {
  const asked: MemberQuestion[] = []
  let letters = 0
  for (const question of questions) {
    letters += JSON.stringify(question).length + 1
    if (letters < MOST_LETTERS) asked.push(question)
  }
  if (asked.length === 0) return () => undefined
  // No window, whatever it is that draws.
  const quiet = { ...env, MPLBACKEND: "agg", DISPLAY: "", WAYLAND_DISPLAY: "", PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore" }
  const { stdout } = await run(python, ["-c", ASK, JSON.stringify(asked)], { env: quiet, timeoutMs: PATIENCE_MS })
  const known = new Map<string, boolean>()
  for (const line of stdout.split("\n")) {
    const answer = /^\[(\d+), (true|false)\]$/.exec(line)
    const question = answer ? asked[Number(answer[1])] : undefined
    if (question) known.set(JSON.stringify(question), answer?.[2] === "true")
  }
  return (question) => known.get(JSON.stringify(question))
}
