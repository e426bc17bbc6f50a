/**
 * Grammars that must be loaded before they can read: tree-sitter's, which are WebAssembly. The caller loads them once and
 * hands them to whoever reads parameters; the other languages need none.
 */
import { Language, Parser, type Node as TreeNode } from "web-tree-sitter"
import type { Clock } from "#base/time.ts"
import { isNestedTooDeep, type Syntax } from "#notebook/parameters-syntax.ts"

/** Source to syntax tree. */
export type Grammar = (source: string) => Syntax

export type Grammars = { readonly bash?: Grammar; readonly scala?: Grammar }

/** Asked when the first notebook needs them: they take tens of milliseconds once and 15 MB for good, and many platforms have no such notebook. */
export type LoadGrammars = () => Promise<Grammars>

export type GrammarSource = {
  /** The bytes of web-tree-sitter.wasm, tree-sitter-bash.wasm and tree-sitter-scala.wasm. */
  readonly runtime: Uint8Array
  readonly bash: Uint8Array
  readonly scala: Uint8Array
  /** Ends the parsing of a source that is something else altogether, on which these parsers would spend minutes. */
  readonly clock: Pick<Clock, "steady">
}

export async function grammarsFrom({ runtime, bash, scala, clock }: GrammarSource): Promise<Grammars> {
  await Parser.init({ wasmBinary: runtime })
  const [ofBash, ofScala] = await Promise.all([Language.load(bash), Language.load(scala)])
  return { bash: grammar(ofBash, clock), scala: grammar(ofScala, clock) }
}

const LONGEST_MS = 3_000

function grammar(language: Language, clock: Pick<Clock, "steady">): Grammar {
  const parser = new Parser()
  parser.setLanguage(language)
  return (source) => {
    const broken: Syntax = { kind: "", from: 0, to: source.length, children: [], broken: true }
    if (isNestedTooDeep(source)) return broken
    const until = clock.steady() + LONGEST_MS
    // U+0000 means the end to a tree-sitter lexer, which then looks for it again and again without asking whether to go on.
    const tree = parser.parse(source.replaceAll("\0", " "), null, { progressCallback: () => clock.steady() > until })
    if (!tree) parser.reset()
    const syntax = tree ? copied(tree.rootNode) : broken
    // Trees live in WebAssembly's memory, which nobody collects.
    tree?.delete()
    return syntax
  }
}

type Copy = { kind: string; from: number; to: number; children: Copy[]; broken: boolean }

/** Without recursion: the depth of a tree is the source's to choose. */
function copied(root: TreeNode): Syntax {
  const top = copyOf(root)
  const left: [TreeNode, Copy][] = [[root, top]]
  for (let next = left.pop(); next; next = left.pop()) {
    const [node, copy] = next
    for (const child of node.children) {
      const made = copyOf(child)
      copy.children.push(made)
      left.push([child, made])
    }
  }
  return top
}

function copyOf(node: TreeNode): Copy {
  return { kind: node.type, from: node.startIndex, to: node.endIndex, children: [], broken: node.isError || node.isMissing }
}
