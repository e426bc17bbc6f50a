/**
 * Grammars that must be loaded before they can read: tree-sitter's, which are WebAssembly. The caller loads them once and
 * hands them to whoever reads parameters; the other languages need none.
 */
import { Language, Parser, type Node as TreeNode } from "web-tree-sitter"
import type { Syntax } from "#notebook/parameters-syntax.ts"

/** Source to syntax tree. */
export type Grammar = (source: string) => Syntax

export type Grammars = { readonly bash?: Grammar; readonly scala?: Grammar }

/** The bytes of web-tree-sitter.wasm, tree-sitter-bash.wasm and tree-sitter-scala.wasm. */
export type GrammarBytes = { readonly runtime: Uint8Array; readonly bash: Uint8Array; readonly scala: Uint8Array }

export async function grammarsFrom(bytes: GrammarBytes): Promise<Grammars> {
  await Parser.init({ wasmBinary: bytes.runtime })
  const [bash, scala] = await Promise.all([Language.load(bytes.bash), Language.load(bytes.scala)])
  return { bash: grammar(bash), scala: grammar(scala) }
}

function grammar(language: Language): Grammar {
  const parser = new Parser()
  parser.setLanguage(language)
  return (source) => {
    const broken: Syntax = { kind: "", from: 0, to: source.length, children: [], broken: true }
    if (deepestNesting(source) > DEEPEST || longestLine(source) > LONGEST_LINE) return broken
    // U+0000 means the end to a tree-sitter lexer, and 50,000 of them two minutes.
    const tree = parser.parse(source.replaceAll("\0", " "))
    // Trees live in WebAssembly's memory, which nobody collects.
    const syntax = tree ? copied(tree.rootNode) : broken
    tree?.delete()
    return syntax
  }
}

// 10,000 open brackets take the parser of Scala 20 seconds, 500 a few milliseconds; 20,000 stray quotes in a line, minutes.
const DEEPEST = 500
const LONGEST_LINE = 5_000

function longestLine(source: string): number {
  return source.split("\n").reduce((longest, line) => Math.max(longest, line.length), 0)
}

function deepestNesting(source: string): number {
  let depth = 0
  let deepest = 0
  for (const bracket of source.matchAll(/[([{]|[)\]}]/g)) {
    depth = "([{".includes(bracket[0]) ? depth + 1 : Math.max(0, depth - 1)
    deepest = Math.max(deepest, depth)
  }
  return deepest
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
