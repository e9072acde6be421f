// @ts-check
import ts from 'typescript'

/**
 * Makes a TypeScript module runnable. With marks, every function but accessors first calls the global function `probe`
 * with the name of the file and its own.
 * @param {string} text
 * @param {{ file: string, probe: string }} [marks]
 */
export function transpile(text, marks) {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
    transformers: marks === undefined ? {} : { before: [(context) => markBodies(context, marks)] },
  })
  return outputText
}

/**
 * @param {ts.TransformationContext} context
 * @param {{ file: string, probe: string }} marks
 * @returns {ts.Transformer<ts.SourceFile>}
 */
function markBodies(context, { file, probe }) {
  const { factory } = context
  /** @param {ts.SignatureDeclaration} owner */
  const mark = (owner) => {
    const words = [file, nameOf(owner)].map((word) => factory.createStringLiteral(word))
    const call = factory.createCallExpression(factory.createIdentifier(probe), undefined, words)
    return factory.createExpressionStatement(call)
  }
  /** @param {ts.Node} node @returns {ts.Node} */
  const visit = (node) => {
    const visited = ts.visitEachChild(node, visit, context)
    const owner = ownerOf(node)
    if (owner === undefined) return visited
    if (ts.isBlock(visited)) return factory.updateBlock(visited, [mark(owner), ...visited.statements])
    const result = factory.createReturnStatement(/** @type {ts.Expression} */ (visited))
    return factory.createBlock([mark(owner), result], true)
  }
  return (source) => ts.visitEachChild(source, visit, context)
}

/**
 * Answers the function whose body the node is. Accessors are left out: to read a property is no call.
 * @param {ts.Node} node
 */
function ownerOf(node) {
  const { parent } = node
  if (parent === undefined || !ts.isFunctionLike(parent) || ts.isAccessor(parent)) return undefined
  return 'body' in parent && parent.body === node ? parent : undefined
}

/**
 * Names a function as a reader would look for it: by its class and name, or by what it is assigned to. One that has
 * neither is a callback of the function around it.
 * @param {ts.Node} owner
 * @returns {string}
 */
function nameOf(owner) {
  const own = ts.isConstructorDeclaration(owner) ? 'constructor' : (textOf(owner) ?? textOf(owner.parent))
  if (own === undefined) return `callback of ${around(owner)}`
  const holder = ts.isClassElement(owner) ? owner.parent : owner.parent.parent
  const className = holder !== undefined && ts.isClassLike(holder) ? textOf(holder) : undefined
  return className === undefined ? own : `${className}.${own}`
}

/** @param {ts.Node} node */
function around(node) {
  const owner = ts.findAncestor(node.parent, ts.isFunctionLike)
  return owner === undefined ? 'the module' : nameOf(owner)
}

/** @param {ts.Node} node */
function textOf(node) {
  const { name } = /** @type {{ name?: ts.Node }} */ (/** @type {unknown} */ (node))
  if (name === undefined) return undefined
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name)
    ? name.text
    : undefined
}
