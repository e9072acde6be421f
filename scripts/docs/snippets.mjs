import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { markdownFiles } from './markdown-files.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const languages = new Set(['js', 'mjs', 'ts', 'javascript', 'typescript'])
const fence = /^```(.*)\n([\s\S]*?)^```/m

/**
 * Lists every piece of JavaScript or TypeScript that readers may copy: `{ path, line, code, isFragment, head }`. `head`
 * goes before the code, on its first line. The word `fragment` after the language of a code block marks code that is
 * incomplete and not compiled.
 */
export function snippets() {
  const pages = markdownFiles().filter(({ path }) => !isReport(path))
  return [...pages.flatMap(inMarkdown), ...sources().flatMap(inComments)]
}

function inMarkdown({ path, tokens }) {
  return tokens
    .filter(({ type, info }) => type === 'fence' && languages.has(info.split(/\s+/)[0]))
    .map(({ info, content, map }) => ({
      path,
      line: map[0] + 2,
      code: content,
      isFragment: /\bfragment\b/.test(info),
      head: appOf(content),
    }))
}

/** Returns the `@example` tags of the doc comments of one source file. Their code sees what that file exports. */
function inComments(path) {
  const text = readFileSync(join(root, path), 'utf8')
  if (!text.includes('@example')) return []
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const tags = []
  const visit = (node) => {
    for (const comment of node.jsDoc ?? []) tags.push(...(comment.tags ?? []))
    ts.forEachChild(node, visit)
  }
  visit(file)
  return tags.filter((tag) => tag.tagName.text === 'example').map((tag) => fromTag(tag, file))
}

function fromTag(tag, file) {
  const path = file.fileName
  const text = ts.getTextOfJSDocComment(tag.comment) ?? ''
  const fenced = fence.exec(text)
  const code = fenced === null ? text : fenced[2]
  const exported = exportedNames(file).filter((name) => new RegExp(`\\b${name}\\b`).test(code))
  return {
    path,
    line: file.getLineAndCharacterOfPosition(tag.getStart()).line + (fenced === null ? 2 : 3),
    code,
    isFragment: /\bfragment\b/.test(fenced?.[1] ?? ''),
    head: `import { ${exported.join(', ')} } from './${path.replace(/ts$/, 'js')}'; ${appOf(path)}`,
  }
}

function exportedNames(file) {
  const names = file.statements
    .filter((node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap((node) => (node.declarationList?.declarations ?? [node]).map(({ name }) => name?.text))
  return [...new Set(names.filter((name) => name !== undefined))]
}

const apps = {
  express: "import('express').Express",
  fastify: "import('fastify').FastifyInstance",
  hono: "import('hono').Hono",
}

/** Declares the `app` of the server that the text is about. */
function appOf(text) {
  const server = Object.keys(apps).find((name) => new RegExp(`server-adapters/(src/)?${name}\\b`).test(text))
  return server === undefined ? '' : `declare const app: ${apps[server]}; `
}

function sources() {
  return readdirSync(join(root, 'packages')).flatMap((name) =>
    readdirSync(join(root, 'packages', name, 'src'), { recursive: true })
      .filter((file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file))
      .map((file) => `packages/${name}/src/${file.replaceAll('\\', '/')}`),
  )
}

/** Recognises reports of the public surface, which contain declarations and no examples. */
function isReport(path) {
  return /^packages\/[^/]+\/api\//.test(path)
}
