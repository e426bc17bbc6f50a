/**
 * Completion scripts for bash, zsh and fish, written from the commands' own tables. Loading one starts no process; only
 * a flag with `candidates` asks the program when it is completed.
 */
import { unreachable } from "#base/outcome.ts"
import { type Command, type Flag, longNames, type Positional } from "#cli/arguments.ts"

export type Shell = "bash" | "zsh" | "fish"
export const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"]

/** `commands` are named with the program in front: "stet run". All of one program. */
export function completion(shell: Shell, commands: readonly Command[]): string {
  const program = commands[0]?.name.split(" ")[0] ?? ""
  switch (shell) {
    case "bash":
      return bash(program, commands)
    case "zsh":
      return zsh(program, commands)
    case "fish":
      return fish(program, commands)
    default:
      return unreachable(shell)
  }
}

/** What can stand in one place. */
type Slot =
  | { readonly is: "file" | "directory" | "nothing" }
  | { readonly is: "words"; readonly words: readonly string[] }
  | { readonly is: "asked"; readonly command: string }

function slotsOf(flag: Flag): readonly Slot[] {
  if (flag.choices) return flag.takes.map(() => ({ is: "words", words: flag.choices ?? [] }))
  if (flag.candidates) return flag.takes.map(() => ({ is: "asked", command: flag.candidates ?? "" }))
  return flag.takes.map(slotNamed)
}

function slotNamed(name: string): Slot {
  if (/DIRECTORY|^DIR$/.test(name)) return { is: "directory" }
  return { is: /PATH|FILE|NOTEBOOK|OUTPUT|RESULT|JOURNAL|INPUT/.test(name) ? "file" : "nothing" }
}

function slotOf(positional: Positional): Slot {
  return positional.choices ? { is: "words", words: positional.choices } : slotNamed(positional.name)
}

function verbOf(command: Command): string {
  return command.name.split(" ").slice(1).join(" ")
}

function spellings(flag: Flag): readonly string[] {
  return [...(flag.short ? [flag.short] : []), ...longNames(flag)]
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

// ── bash ──

function bash(program: string, commands: readonly Command[]): string {
  const name = `_${program}_complete`
  return `# Completion of ${program} for bash. Load it with:  source <(${program} completion bash)
${name}_slot() {
  COMPREPLY=()
  local candidate
  case $1 in
    file) compopt -o filenames 2>/dev/null; while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "$2") ;;
    directory) compopt -o filenames 2>/dev/null; while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -d -- "$2") ;;
    words:*) while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -W "\${1#words:}" -- "$2") ;;
    asked:*) while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -W "$(eval "\${1#asked:}" 2>/dev/null)" -- "$2") ;;
  esac
}
${name}_takes() {
  takes=()
  case "$1 $2" in
${commands.flatMap(bashTakes).join("\n")}
  esac
}
${name}_place() {
  place=nothing
  case "$1 $2" in
${commands.flatMap(bashPlaces).join("\n")}
  esac
}
${name}_flags() {
  case $1 in
${commands.map((command) => `    ${shellWord(verbOf(command))}) flags=${shellWord(command.flags.flatMap(spellings).join(" "))} ;;`).join("\n")}
  esac
}
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' word flags='' place raw='' i count=0
  local -a takes=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # Bash splits --flag=value at the sign.
    if [[ $word == '=' && \${#takes[@]} -gt 0 ]]; then continue; fi
    if [[ \${#takes[@]} -gt 0 ]]; then takes=("\${takes[@]:1}"); continue; fi
    if [[ -z $command ]]; then command=$word; continue; fi
    if [[ -z $raw && $word == '--' ]]; then raw=1; continue; fi
    if [[ -z $raw && $word == -?* ]]; then ${name}_takes "$command" "$word"; continue; fi
    count=$((count + 1))
  done
  if [[ $current == '=' ]]; then current=''; fi
  if [[ \${#takes[@]} -gt 0 ]]; then
    ${name}_slot "\${takes[0]}" "$current"
  elif [[ -z $command ]]; then
    ${name}_slot ${shellWord(`words:${commands.map(verbOf).join(" ")}`)} "$current"
  elif [[ -z $raw && $current == -* ]]; then
    ${name}_flags "$command"
    ${name}_slot "words:$flags" "$current"
  else
    ${name}_place "$command" "$count"
    ${name}_slot "$place" "$current"
  fi
}
complete -F ${name} ${program}
`
}

function bashSlot(slot: Slot): string {
  if (slot.is === "words") return shellWord(`words:${slot.words.join(" ")}`)
  return slot.is === "asked" ? shellWord(`asked:${slot.command}`) : slot.is
}

function bashTakes(command: Command): readonly string[] {
  return command.flags
    .filter((flag) => flag.takes.length > 0)
    .map((flag) => {
      const patterns = spellings(flag).map((name) => shellWord(`${verbOf(command)} ${name}`))
      return `    ${patterns.join("|")}) takes=(${slotsOf(flag).map(bashSlot).join(" ")}) ;;`
    })
}

function bashPlaces(command: Command): readonly string[] {
  return command.positionals.map((positional, index) => {
    const pattern = shellWord(`${verbOf(command)} `) + (positional.repeat ? "*" : index)
    return `    ${pattern}) place=${bashSlot(slotOf(positional))} ;;`
  })
}

// ── zsh ──

function zsh(program: string, commands: readonly Command[]): string {
  const described = commands.map((command) => shellWord(`${zshEscape(verbOf(command))}:${command.summary}`)).join(" ")
  return `#compdef ${program}
# Completion of ${program} for zsh. Load it with:  source <(${program} completion zsh)
_${program}() {
  local -a commands=(${described})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${commands.map(zshCommand).join("\n")}
  esac
}
if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi
`
}

function zshCommand(command: Command): string {
  const places = command.positionals.map((positional) => {
    const head = positional.repeat ? "*" : positional.optional ? ":" : ""
    return shellWord(`${head}:${zshEscape(positional.name)}:${zshAction(slotOf(positional))}`)
  })
  const lines = ["_arguments -s -S", ...command.flags.flatMap(zshFlag), ...places].join(" \\\n        ")
  return `    ${verbOf(command)})\n      ${lines} ;;`
}

function zshFlag(flag: Flag): readonly string[] {
  const values = slotsOf(flag).map((slot, index) => `${flag.isMeant ? "::" : ":"}${zshEscape(flag.takes[index] ?? "")}:${zshAction(slot)}`)
  const all = spellings(flag)
  const excludes = flag.repeat ? "*" : all.length > 1 ? `(${all.join(" ")})` : ""
  return all.map((name) => {
    const joined = flag.takes.length === 0 ? "" : name.startsWith("--") ? "=" : "+"
    // An option of two values cannot be joined to its first one in zsh's own grammar.
    return shellWord(`${excludes}${name}${flag.takes.length === 1 ? joined : ""}[${zshEscape(flag.help)}]${values.join("")}`)
  })
}

function zshAction(slot: Slot): string {
  switch (slot.is) {
    case "file":
      return "_files"
    case "directory":
      return "_files -/"
    case "nothing":
      return " "
    case "words":
      return `(${slot.words.join(" ")})`
    case "asked":
      return `{compadd -- \${(f)"$(${slot.command} 2>/dev/null)"}}`
    default:
      return unreachable(slot)
  }
}

function zshEscape(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, "\\$&")
}

// ── fish ──

function fish(program: string, commands: readonly Command[]): string {
  const none = `__fish_use_subcommand`
  return `# Completion of ${program} for fish. Load it with:  ${program} completion fish | source
complete -c ${program} -f
${commands.map((command) => `complete -c ${program} -n ${none} -a ${fishWord(verbOf(command))} -d ${fishWord(command.summary)}`).join("\n")}
${commands.flatMap((command) => fishCommand(program, command)).join("\n")}
`
}

function fishCommand(program: string, command: Command): readonly string[] {
  const start = `complete -c ${program} -n ${fishWord(`__fish_seen_subcommand_from ${verbOf(command)}`)}`
  const places = command.positionals.some((positional) => slotOf(positional).is === "file") ? [`${start} -F`] : []
  return [...places, ...command.flags.flatMap((flag) => fishFlag(start, flag))]
}

function fishFlag(start: string, flag: Flag): readonly string[] {
  // Fish knows options of one value at most; the second one is completed like an argument.
  const value = flag.takes.length === 0 ? "" : `${flag.isMeant ? "" : " -r"} ${fishAction(slotsOf(flag)[0] ?? { is: "nothing" })}`
  const short = flag.short ? ` -s ${fishWord(flag.short.slice(1))}` : ""
  return longNames(flag).map((name, index) => `${start} -l ${fishWord(name.slice(2))}${index === 0 ? short : ""}${value} -d ${fishWord(flag.help)}`)
}

function fishAction(slot: Slot): string {
  switch (slot.is) {
    case "file":
      return "-F"
    case "directory":
      return `-f -a '(__fish_complete_directories)'`
    case "nothing":
      return "-f"
    case "words":
      return `-f -a ${fishWord(slot.words.join(" "))}`
    case "asked":
      return `-f -a ${fishWord(`(${slot.command} 2>/dev/null)`)}`
    default:
      return unreachable(slot)
  }
}

function fishWord(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `'${text.replaceAll(/[\\']/g, "\\$&")}'`
}
