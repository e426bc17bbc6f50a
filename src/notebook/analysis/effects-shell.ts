/** Whether commands plainly read. Whatever is not known to may change anything. */

const READING = new Set(
  `[ [[ : basename break cal cat cd cksum cmp column comm continue cut date declare df diff dirname du echo egrep env expr export false fgrep file find
  fold free getconf grep groups head hexdump hostname id jq less locale ls lsblk lscpu lsb_release md5sum more nl nproc numfmt nvidia-smi od paste
  pgrep printenv printf ps pwd read readlink readonly realpath return rev rg sed seq set sha1sum sha256sum sleep sort stat strings sum tac tail test
  tr tree true type typeset tzselect uname uniq unset uptime wc whereis which whoami xxd zcat zgrep local let shift`.split(/\s+/),
)
/** Where the second word decides. */
const ASKING =
  /^(?:(?:python\d?(?:\.\d+)?\s+-m\s+)?pip\d?\s+(?:list|show|freeze|check)|(?:conda|mamba)\s+(?:list|info)|git\s+(?:status|log|diff|show|rev-parse|blame|ls-files)|kaggle\s+\w+\s+list|(?:sudo\s+)?docker\s+(?:ps|images))\b/
const OF_ITSELF = /^[\w./-]+\s+(?:--version|-version|-V|--help|-h)\s*$/
/** They write all the same: to a file that an option names. */
const WRITES_WITH =
  /^(?:find\b.*\s-(?:delete|exec\w*|ok\w*|fprint\w*|fls)\b|sed\b.*\s(?:-[a-zA-Z]*i|--in-place)|sort\b.*\s(?:-o|--output)|tree\b.*\s-o|date\b.*\s(?:-s|--set)|hostname\s+\w|env\s+(?!-)(?:\w+=\S*\s+)*[a-z])/
const HARMLESS_REDIRECTION = /\d?>&\d|[&\d]?>{1,2}\s*\/dev\/(?:null|stdout|stderr)/g
const KEYWORD = /^(?:do|then|else|elif|if|while|until|time|!|[{(])(?:\s+|$)/
const FRAME = /^(?:for\s|case\s|done$|fi$|esac$|[})]+$)/

export function onlyReads(commands: string): boolean {
  const plain = commands
    .replace(/\\\n/g, " ")
    .replace(/'[^']*'/g, "''")
    .replace(/(^|\s)#.*$/gm, "$1")
    .replace(HARMLESS_REDIRECTION, " ")
    .replace(/\$\(\([^()]*\)\)/g, "0")
    .replace(/"(?:[^"\\$`]|\\.|\$(?!\())*"/g, '""')
  // A substitution is a command, too.
  return !plain.includes(">") && plain.split(/&&|\|\||[;|&\n`]|[$<]\(/).every((command) => commandReads(command.trim()))
}

function commandReads(command: string): boolean {
  let rest = command.replace(/^["')\s]+/, "")
  while (KEYWORD.test(rest)) rest = rest.replace(KEYWORD, "")
  rest = rest.replace(/^(?:[A-Za-z_]\w*\+?=(?:""|''|[^\s"'])*(?:\s+|$))+/, "")
  if (rest === "" || FRAME.test(rest) || ASKING.test(rest) || OF_ITSELF.test(rest)) return true
  const word = /^[^\s)"']+/.exec(rest)?.[0] ?? ""
  return READING.has(word) && !WRITES_WITH.test(rest)
}
