/** Type-checks every example of the documentation and of doc comments against the sources of the packages. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { snippets } from './docs/snippets.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const all = snippets()
const whole = all.filter(({ isFragment }) => !isFragment)
// Beside the root's package.json, so that an example finds what an application there would find.
const files = new Map(whole.map((snippet, index) => [inRoot(`snippet-${index}.ts`), snippet]))
const program = programOf(files)
let faultCount = 0

for (const [file, { path, line }] of files) {
  const source = program.getSourceFile(file)
  for (const diagnostic of [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]) {
    faultCount++
    const place = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    console.error(
      `${path}:${line + place.line} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n  ')}`,
    )
  }
}
for (const { path, line } of all.filter(({ isFragment }) => isFragment)) {
  console.log(`${path}:${line} is a fragment and was not compiled`)
}
console.log(`${whole.length} examples compiled, ${faultCount} faults`)
process.exitCode = faultCount === 0 && whole.length > 0 ? 0 : 1

function programOf(files) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  const textOf = (file) => {
    const snippet = files.get(file)
    return snippet && `${snippet.head}export {}; ${snippet.code}`
  }
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file)
  host.readFile = (file) => textOf(file) ?? readFile.call(host, file)
  host.getSourceFile = (file, language, ...rest) => {
    const text = textOf(file)
    return text === undefined
      ? getSourceFile.call(host, file, language, ...rest)
      : ts.createSourceFile(file, text, language)
  }
  const scope = inRoot('scripts/docs/snippet-scope.d.ts')
  return ts.createProgram([scope, ...files.keys()], options, host)
}

/** With forward slashes on Windows too, as the compiler names files. */
function inRoot(path) {
  return join(root, path).replaceAll('\\', '/')
}
