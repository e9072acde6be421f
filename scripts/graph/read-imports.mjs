// @ts-check
import ts from 'typescript'

/**
 * @typedef {object} Import
 * @property {string} specifier as it is written
 * @property {boolean} isType whether the import leaves nothing in the built file
 */

/**
 * Lists what a module imports, in the order of the text: `import`, `export … from`, `import()` and the type
 * `import('…')`. The compiler's own parser reads it, so comments and strings are no imports.
 * @param {string} fileName
 * @param {string} text
 * @returns {Import[]}
 */
export function readImports(fileName, text) {
  /** @type {Import[]} */
  const imports = []
  /** @param {ts.Node} node */
  const visit = (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined && ts.isStringLiteralLike(specifier))
      imports.push({ specifier: specifier.text, isType: isTypeImport(node) })
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest))
  return imports
}

/** @param {ts.Node} node */
function specifierOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return node.arguments[0]
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  return undefined
}

/** @param {ts.Node} node */
function isTypeImport(node) {
  if (ts.isImportTypeNode(node)) return true
  if (ts.isImportDeclaration(node)) return isTypeClause(node.importClause)
  return ts.isExportDeclaration(node) && (node.isTypeOnly || hasTypesOnly(node.exportClause))
}

/** @param {ts.ImportClause | undefined} clause undefined: imported for what it does when it is loaded */
function isTypeClause(clause) {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  return clause.name === undefined && hasTypesOnly(clause.namedBindings)
}

/** @param {ts.NamedImportBindings | ts.NamedExportBindings | undefined} bindings */
function hasTypesOnly(bindings) {
  if (bindings === undefined) return false
  if (!ts.isNamedImports(bindings) && !ts.isNamedExports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}
