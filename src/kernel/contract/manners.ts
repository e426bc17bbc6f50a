/**
 * What each kernel does where kernels differ, and the code with which the contract suite makes it do so.
 * Everything here was seen on the kernel itself; the suite fails when a kernel's manners change, for better or worse.
 */
export type Manners = {
  /** As the kernel tells it: `language_info.name`. */
  readonly language: string
  /** How the value of a cell's last expression is told. */
  readonly results: "execute_result" | "display_data" | "not at all"
  /** The stream in which what code writes to stderr comes. */
  readonly stderr: "stderr" | "stdout"
  /** What becomes of requests queued behind one that raised; "aborted unseen": a reply, but neither busy nor idle. */
  readonly queued: "aborted" | "aborted unseen" | "run"
  /** The same behind one sent with `stopOnError: false`. */
  readonly mayRaise: "run" | "aborted"
  /** Milliseconds by which output may come after idle, though the protocol has it before; 0 for a kernel that keeps the order. */
  readonly trailsMs: number
  /** Code that reads a line although the request did not allow it: fails, gets nothing, is asked for it all the same. */
  readonly uninvited: "refused" | "nothing" | "asked anyway"
  /** What an interrupt does to a long cell; "ends silently": an odd reply and no error output. */
  readonly interrupted: "raises" | "ends silently" | "dies"
  /** How the death of the process is told, and within how many milliseconds. */
  readonly death: { readonly told: "died" | "restarted"; readonly withinMs: number }
  /** Whether an execute may name the one it depends on. */
  readonly conditional: boolean
  /** Whether it can outlive its owner for a while: `detach` and `attach`. */
  readonly keeps: boolean
  readonly code: Code
}

/** Source texts; those that a kernel has no way to do are left out. */
export type Code = {
  /** Prints "hello" and a newline. */
  readonly stdout: string
  /** Writes "oh" to stderr. */
  readonly stderr: string
  /** Has the value 42. */
  readonly result: string
  /** Raises an error whose text holds the word `nope`, or has it as exit code 3. */
  readonly raise: string
  /** Takes a fifth of a second. */
  readonly pause: string
  /** Keeps the number 7. */
  readonly remember: string
  /** Prints "[7]" if that is kept. */
  readonly recall: string
  readonly print: (text: string) => string
  /** Prints a million times "x", in lines or not. */
  readonly million: string
  /** Prints "looping", then runs for ever. */
  readonly loop: string
  /** Kills its own kernel with SIGKILL. */
  readonly die: string
  /** Prints "hello NAME" after asking for NAME with the prompt "name? ". */
  readonly ask?: string
  /** Displays `<b>x</b>` as text/html. */
  readonly display?: string
  /** Displays two million times "x" as text/html. */
  readonly displayLarge?: string
  /** Displays "one" as text/html under an id, then updates it to "two". */
  readonly update?: string
  /** Opens a comm with data {"a": 1} and the buffer 00 01 ff; sends back whatever data and buffers come. */
  readonly comm?: string
}

const CEASES = { told: "died", withinMs: 1000 } as const

/** By kernel name, as the usual kernelspecs have it. */
export const MANNERS = {
  python3: {
    language: "python",
    results: "execute_result",
    stderr: "stderr",
    queued: "aborted",
    mayRaise: "run",
    trailsMs: 0,
    uninvited: "refused",
    interrupted: "raises",
    death: CEASES,
    conditional: true,
    keeps: true,
    code: {
      stdout: "print('hello')",
      stderr: "import sys; sys.stderr.write('oh')",
      result: "42",
      raise: "raise ValueError('nope')",
      pause: "import time; time.sleep(0.2)",
      remember: "x = 7",
      recall: "print(f'[{x}]')",
      print: (text) => `print('${text}', end='')`,
      million: "print('x' * 1_000_000)",
      loop: "print('looping', flush=True)\nwhile True: pass",
      die: "import os; os.kill(os.getpid(), 9)",
      ask: "print('hello', input('name? '))",
      display: "display({'text/html': '<b>x</b>'}, raw=True)",
      displayLarge: "display({'text/html': 'x' * 2_000_000}, raw=True)",
      update: "h = display({'text/html': 'one'}, raw=True, display_id=True)\nh.update({'text/html': 'two'}, raw=True)",
      comm: [
        "from comm import create_comm",
        "c = create_comm(target_name='echo', data={'a': 1}, buffers=[b'\\x00\\x01\\xff'])",
        "c.on_msg(lambda message: c.send(message['content']['data'], buffers=message['buffers']))",
      ].join("\n"),
    },
  },
  ir: {
    language: "R",
    results: "display_data",
    stderr: "stderr",
    queued: "aborted unseen",
    mayRaise: "aborted",
    trailsMs: 0,
    uninvited: "asked anyway",
    interrupted: "ends silently",
    death: CEASES,
    conditional: false,
    keeps: true,
    code: {
      stdout: 'cat("hello\\n")',
      stderr: 'message("oh")',
      result: "42",
      raise: 'stop("nope")',
      pause: "Sys.sleep(0.2)",
      remember: "x <- 7",
      recall: 'cat(paste0("[", x, "]"))',
      print: (text) => `cat("${text}")`,
      million: 'cat(strrep("x", 1000000))',
      loop: 'cat("looping\\n"); while (TRUE) {}',
      die: "tools::pskill(Sys.getpid(), 9)",
      ask: 'cat("hello", readline("name? "))',
      display: 'IRdisplay::display_html("<b>x</b>")',
      displayLarge: 'IRdisplay::display_html(strrep("x", 2000000))',
    },
  },
  bash: {
    language: "bash",
    results: "not at all",
    stderr: "stdout",
    queued: "aborted",
    mayRaise: "run",
    trailsMs: 0,
    uninvited: "refused",
    interrupted: "ends silently",
    death: CEASES,
    conditional: false,
    keeps: true,
    code: {
      stdout: "echo hello",
      stderr: "echo oh >&2",
      result: "(( 42 ))",
      raise: "(exit 3)",
      pause: "sleep 0.2",
      remember: "x=7",
      recall: 'echo "[$x]"',
      print: (text) => `echo -n '${text}'`,
      // One line of a million takes bash_kernel 19 s, a thousand lines one.
      million: "head -c 1000000 /dev/zero | tr '\\0' x | fold -w 1000",
      loop: "echo looping; sleep 600",
      die: "kill -9 $PPID",
      display: "echo '<b>x</b>' | displayHTML",
      update: "echo one | displayHTML d; echo two | displayHTML d",
    },
  },
  deno: {
    language: "typescript",
    results: "execute_result",
    stderr: "stderr",
    queued: "run",
    mayRaise: "run",
    // Seen in 7 of 100 cells, 3 ms late at most.
    trailsMs: 150,
    uninvited: "nothing",
    interrupted: "dies",
    death: CEASES,
    conditional: false,
    keeps: true,
    code: {
      stdout: 'console.log("hello")',
      stderr: 'console.error("oh")',
      result: "42",
      raise: 'throw new Error("nope")',
      pause: "await new Promise((done) => setTimeout(done, 200))",
      remember: "var x = 7",
      recall: 'console.log("[" + x + "]")',
      print: (text) => `console.log("${text}")`,
      million: 'console.log("x".repeat(1_000_000))',
      loop: 'console.log("looping"); await new Promise((done) => setTimeout(done, 600_000))',
      die: 'Deno.kill(Deno.pid, "SIGKILL")',
      ask: 'console.log("hello", prompt("name? "))',
      display: 'await Deno.jupyter.broadcast("display_data", { data: { "text/html": "<b>x</b>" }, metadata: {}, transient: {} })',
      displayLarge: 'await Deno.jupyter.broadcast("display_data", { data: { "text/html": "x".repeat(2_000_000) }, metadata: {}, transient: {} })',
      update: [
        'const show = (type, text) => Deno.jupyter.broadcast(type, { data: { "text/html": text }, metadata: {}, transient: { display_id: "d" } })',
        'await show("display_data", "one")',
        'await show("update_display_data", "two")',
      ].join("\n"),
    },
  },
} as const satisfies { readonly [kernelName: string]: Manners }
