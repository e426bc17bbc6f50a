/** What Python's statements do with names. */
import type { Body, Chance, NameEvent } from "#notebook/analysis/names.ts"
import { YIELD_LETTER } from "#notebook/analysis/python-cell.ts"
import {
  asksForFiles,
  asksForNames,
  bind,
  bodyOf,
  define,
  lambdaBody,
  modify,
  parameters,
  spanOf,
  text,
  textValue,
  visit,
  visitAll,
  type Walk,
} from "#notebook/analysis/python-expressions.ts"
import { type Caught, caughtBy } from "#notebook/analysis/python-handlers.ts"
import { imports } from "#notebook/analysis/python-imports.ts"
import { mayLeave } from "#notebook/analysis/python-leaving.ts"
import { pattern } from "#notebook/analysis/python-patterns.ts"
import { atMost, both, outsideComprehension } from "#notebook/analysis/python-scope.ts"
import { childOf, nodesOf, type Syntax } from "#notebook/parameters-syntax.ts"

export function visitStatements(walk: Walk, nodes: readonly Syntax[]): void {
  let here = walk
  for (const node of nodes) {
    visitStatement(here, node)
    // Nothing gets past it.
    if (LEAVES.has(node.kind)) here = { ...here, chance: "unlikely", soft: true }
    else if (here.inFunction && mayLeave(node)) here = lessSure(here, "likely")
  }
}

const LEAVES = new Set(["ReturnStatement", "RaiseStatement", "ContinueStatement", "BreakStatement"])

function visitStatement(walk: Walk, node: Syntax): void {
  const handler = STATEMENTS.get(node.kind)
  if (handler) handler(walk, node)
  else visit(walk, node)
}

const STATEMENTS: ReadonlyMap<string, (walk: Walk, node: Syntax) => void> = new Map([
  ["Body", block],
  ["StatementGroup", block],
  ["AssignStatement", assign],
  ["UpdateStatement", update],
  ["ExpressionStatement", expression],
  ["ForStatement", loop],
  ["WhileStatement", whileLoop],
  ["IfStatement", branch],
  ["WithStatement", withStatement],
  ["TryStatement", tryStatement],
  ["DeleteStatement", deletion],
  ["ImportStatement", imports],
  ["ScopeStatement", scope],
  ["FunctionDefinition", (walk: Walk, node: Syntax) => functionDefinition(walk, node, false)],
  ["ClassDefinition", (walk: Walk, node: Syntax) => classDefinition(walk, node)],
  ["DecoratedStatement", decorated],
  ["MatchStatement", match],
  ["TypeDefinition", typeDefinition],
])

function block(walk: Walk, node: Syntax): void {
  visitStatements(walk, node.children)
}

function assign(walk: Walk, node: Syntax): void {
  const parts = node.children.filter((part) => part.kind !== "Comment")
  const annotation = childOf(node, "TypeDef")
  if (annotation) visit(walk, annotation)
  const cut = parts.findLastIndex((part) => part.kind === "AssignOp")
  const targets = (cut < 0 ? parts : parts.slice(0, cut)).filter((part) => part.kind !== "AssignOp" && part.kind !== "TypeDef")
  const values = cut < 0 ? [] : parts.slice(cut + 1)
  const only = values.length === 1 ? values[0] : undefined
  const bodies: Body[] = []
  if (only?.kind === "LambdaExpression") bodies.push(lambdaBody(walk, only))
  else visitAll({ ...walk, holder: holderOf(walk, targets) }, values)
  // A bare annotation gives no value; it makes the name a function's own all the same.
  if (cut < 0 && !walk.inFunction) return
  const literal = only !== undefined && LITERALS.has(only.kind)
  for (const target of targets) bind(walk, target, { how: "variable", bodies, literal, value: only })
}

const LITERALS = new Set([
  "Number",
  "String",
  "ContinuedString",
  "FormatString",
  "Boolean",
  "None",
  "ArrayExpression",
  "DictionaryExpression",
  "SetExpression",
  "TupleExpression",
  "ArrayComprehensionExpression",
  "DictionaryComprehensionExpression",
])

function holderOf(walk: Walk, targets: readonly Syntax[]): string {
  const [target] = targets
  if (targets.length !== 1 || !target) return ""
  const last = target.children.at(-1)
  if (target.kind !== "MemberExpression") return text(walk, target)
  if (last?.kind === "PropertyName") return text(walk, last)
  const key = target.children.find((child) => child.kind === "String")
  return key ? (textValue(text(walk, key)) ?? "") : ""
}

function update(walk: Walk, node: Syntax): void {
  const [target, , ...values] = node.children
  if (!target) return
  if (target.kind === "VariableName") visit(walk, target)
  visitAll(walk, values)
  bind(walk, target, { how: "update" })
}

const CHANGING =
  /^(?:append|extend|insert|remove|pop|clear|update|add|discard|sort|reverse|setdefault|popitem|appendleft|extendleft|fit|load_state_dict|compile|add_\w+|set_\w+|drop|fillna|rename|reset_index|seed|write|writelines|put|load|train|register\w*)$/

/** `x.append(1)` as a statement of its own changes x. */
function expression(walk: Walk, node: Syntax): void {
  visitAll(walk, node.children)
  const [only] = node.children
  const callee = only?.kind === "CallExpression" ? only.children[0] : undefined
  if (callee?.kind === "MemberExpression" && CHANGING.test(text(walk, callee.children.at(-1)))) modify(walk, callee)
}

function loop(walk: Walk, node: Syntax): void {
  const start = node.children.findIndex((part) => part.kind === "for")
  const middle = node.children.findIndex((part) => part.kind === "in")
  const bodies = node.children.filter((part) => part.kind === "Body")
  visitAll(
    walk,
    node.children.slice(middle + 1).filter((part) => part.kind !== "Body"),
  )
  for (const target of node.children.slice(start + 1, middle)) bind(walk, target, { how: "variable" })
  for (const body of bodies) block(lessSure(walk, "likely"), body)
}

function whileLoop(walk: Walk, node: Syntax): void {
  const test = node.children.find((part) => part.kind !== "while" && part.kind !== "Body")
  if (test) visit(walk, test)
  const isForever = /^(?:True|1)$/.test(text(walk, test))
  for (const body of node.children.filter((part) => part.kind === "Body")) block(isForever ? walk : lessSure(walk, "likely"), body)
}

function lessSure(walk: Walk, most: Chance): Walk {
  return { ...walk, chance: both(walk.chance, most) }
}

function branch(walk: Walk, node: Syntax): void {
  let { soft, caught } = walk
  let chance: Chance = "likely"
  let taken = false
  for (const part of node.children) {
    if (part.kind === "Body") {
      // What never runs defines nothing.
      const out = taken || chance === "unlikely" ? [] : walk.out
      block({ ...walk, out, soft, caught, chance: both(walk.chance, taken ? "unlikely" : chance) }, part)
      taken ||= chance === "sure"
      chance = "likely"
    } else if (part.kind === "else") chance = "likely"
    else if (part.children.length > 0 || part.kind === "VariableName" || part.kind === "Boolean" || part.kind === "Number") {
      visit(walk, part)
      soft ||= asksForNames(text(walk, part))
      caught ||= asksForFiles(text(walk, part))
      chance = chanceOf(text(walk, part))
    }
  }
}

function chanceOf(condition: string): Chance {
  if (/^(?:False|0|None)$/.test(condition)) return "unlikely"
  return /^(?:True|1|__name__\s*==\s*["']__main__["'])$/.test(condition) ? "sure" : "likely"
}

function withStatement(walk: Walk, node: Syntax): void {
  let isTarget = false
  let value: Syntax | undefined
  const suppresses = /\bsuppress\s*\(/.test(text(walk, node.children[1]))
  for (const part of node.children) {
    if (part.kind === "as") isTarget = true
    else if (part.kind === "Body")
      block(suppresses ? { ...walk, soft: true, guarded: true, caught: true, chance: both(walk.chance, "likely") } : walk, part)
    else if (isTarget || (walk.offset === 0 && walk.cell.targets.has(part.from))) {
      bind(walk, part, { how: "variable", value })
      isTarget = false
    } else {
      visit(walk, part)
      value = part
    }
  }
}

function tryStatement(walk: Walk, node: Syntax): void {
  const caught = caughtBy(walk, node)
  let clause = ""
  let name = ""
  for (const [at, part] of node.children.entries()) {
    if (["try", "except", "else", "finally"].includes(part.kind)) {
      clause = part.kind
      name = ""
    } else if (part.kind === "Body") clauseBody(clauseWalk(walk, clause, caught), part, name)
    else if (node.children[at - 1]?.kind === "as") name = text(walk, part)
    else if (part.kind !== "as" && part.kind !== "Comment") visit(lessSure(walk, "unlikely"), part)
  }
}

/** What a handler calls the error is gone when it ends. */
function clauseBody(walk: Walk, body: Syntax, name: string): void {
  if (name === "") return block(walk, body)
  const inner: Walk = { ...walk, out: [] }
  block(inner, body)
  walk.out.push(...outsideComprehension(inner.out, new Set([name])))
}

function clauseWalk(walk: Walk, clause: string, caught: Caught): Walk {
  // A statement in a try may be left out by an error before it that is caught.
  if (clause === "try")
    return {
      ...walk,
      soft: walk.soft || caught.names,
      guarded: walk.guarded || caught.imports,
      caught: walk.caught || caught.anything,
      chance: both(walk.chance, caught.anything ? "likely" : "sure"),
    }
  if (clause === "except") return lessSure(walk, "unlikely")
  return clause === "else" ? lessSure(walk, "likely") : walk
}

function deletion(walk: Walk, node: Syntax): void {
  for (const part of node.children.slice(1)) remove(walk, part)
}

function remove(walk: Walk, node: Syntax): void {
  if (node.kind === "VariableName") {
    visit(walk, node)
    walk.out.push({ do: "delete", name: text(walk, node), ...spanOf(walk, node), chance: walk.chance })
  } else if (node.kind === "MemberExpression") {
    visitAll(walk, node.children)
    modify(walk, node)
  } else for (const child of node.children) remove(walk, child)
}

function scope(walk: Walk, node: Syntax): void {
  for (const part of node.children.slice(1)) {
    if (part.kind === "VariableName") walk.declared.add(node.children[0]?.kind === "global" ? text(walk, part) : "")
  }
}

function functionDefinition(walk: Walk, node: Syntax, isDecorated: boolean): void {
  const name = childOf(node, "VariableName")
  const body = childOf(node, "Body")
  const own = signature(walk, node)
  if (!name || !body) return
  const made = bodyOf(walk, { node: body, own }, (inner) => block(inner, body))
  const runsLater = node.children[0]?.kind === "async" || yields(walk, body)
  const bodies = [{ ...made, atCall: !runsLater && !isDecorated }]
  if (walk.inFunction) walk.out.push(...handedOut(made.events))
  define(walk, name, { how: "function", bodies })
}

/** Defaults and annotations are looked at here; gives the names that the function has for itself. */
function signature(walk: Walk, node: Syntax): readonly string[] {
  const types = typeParameters(walk, node)
  const here: Walk = types.length === 0 ? walk : { ...walk, out: [] }
  const own = parameters(here, childOf(node, "ParamList"))
  const result = childOf(node, "TypeDef")
  if (result) visit(here, result)
  if (here !== walk) walk.out.push(...outsideComprehension(here.out, new Set(types)))
  return [...own, ...types]
}

/** A function inside another one may be called by it. */
function handedOut(events: readonly NameEvent[]): readonly NameEvent[] {
  return atMost(events, "unlikely")
}

function yields(walk: Walk, body: Syntax): boolean {
  return (
    nodesOf(
      body,
      (node) =>
        node.kind === "YieldExpression" ||
        node.kind === "YieldStatement" ||
        (node.kind === "VariableName" && text(walk, node).startsWith(YIELD_LETTER)),
    ).length > 0
  )
}

function typeParameters(walk: Walk, node: Syntax): readonly string[] {
  const list = childOf(node, "TypeParamList")
  return list ? nodesOf(list, (child) => child.kind === "VariableName").map((child) => text(walk, child)) : []
}

const AT_BIRTH = new Set(["__init__", "__new__", "__post_init__"])

function classDefinition(walk: Walk, node: Syntax): void {
  const name = childOf(node, "VariableName")
  const bases = childOf(node, "ArgList")
  const body = childOf(node, "Body")
  const types = new Set(typeParameters(walk, node))
  const outer: Walk = { ...walk, out: [] }
  if (bases) visit(outer, bases)
  walk.out.push(...outsideComprehension(outer.out, types))
  if (!name || !body) return
  const inner: Walk = { ...walk, out: [], members: types, declared: new Set(), holder: "" }
  const methods: Body[] = []
  for (const statement of body.children) {
    const method = methodOf(inner, statement)
    if (method) methods.push(method)
    else visitStatement(inner, statement)
  }
  walk.out.push(...inner.out)
  if (walk.inFunction) walk.out.push(...methods.flatMap(({ events }) => handedOut(events)))
  // The methods of what it is made from are its own, too.
  define(walk, name, { how: "class", bodies: methods, value: bases ?? undefined })
}

/** A method's body sees the notebook's names, not the class's. */
function methodOf(inner: Walk, statement: Syntax): Body | undefined {
  const definition = statement.kind === "DecoratedStatement" ? childOf(statement, "FunctionDefinition") : statement
  if (definition?.kind !== "FunctionDefinition") return undefined
  for (const decorator of statement.children.filter((child) => child.kind === "Decorator")) decoratorOf(inner, decorator)
  const name = childOf(definition, "VariableName")
  const own = signature(inner, definition)
  const body = childOf(definition, "Body")
  if (name) inner.members?.add(text(inner, name))
  if (!body) return undefined
  const made = bodyOf(inner, { node: body, own: ["__class__", ...own], name: text(inner, name) }, (within) => block(within, body))
  return { ...made, atCall: AT_BIRTH.has(made.name) }
}

function decorated(walk: Walk, node: Syntax): void {
  for (const decorator of node.children.filter((child) => child.kind === "Decorator")) decoratorOf(walk, decorator)
  for (const child of node.children) {
    if (child.kind === "FunctionDefinition") functionDefinition(walk, child, true)
    if (child.kind === "ClassDefinition") classDefinition(walk, child)
  }
}

/** `@a.b(c)`: only the first name is one. */
function decoratorOf(walk: Walk, node: Syntax): void {
  const first = childOf(node, "VariableName")
  if (first) visit(walk, first)
  for (const child of node.children) if (child !== first && child.kind !== "VariableName") visit(walk, child)
}

function match(walk: Walk, node: Syntax): void {
  const [, subject] = node.children
  if (subject) visit(walk, subject)
  for (const clause of nodesOfBody(node)) {
    const inner = lessSure(walk, "likely")
    for (const part of clause.children) {
      if (part.kind === "Body") block(inner, part)
      else if (part.kind === "Guard") visitAll(inner, part.children)
      else pattern(inner, part)
    }
  }
}

function nodesOfBody(node: Syntax): readonly Syntax[] {
  return childOf(node, "MatchBody")?.children.filter((child) => child.kind === "MatchClause") ?? []
}

function typeDefinition(walk: Walk, node: Syntax): void {
  const name = childOf(node, "VariableName")
  if (name) define(walk, name, { how: "variable" })
}
