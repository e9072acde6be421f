/** Follows every relative link of the documentation. The file must exist and have the linked heading. */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import GithubSlugger from 'github-slugger'
import { markdownFiles } from './docs/markdown-files.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = markdownFiles()
const anchors = new Map(files.map(({ path, tokens }) => [path, anchorsOf(tokens)]))
let linkCount = 0
let brokenCount = 0

for (const { path, tokens } of files) {
  for (const { href, line } of linksOf(tokens)) {
    if (isExternal(href)) continue
    linkCount++
    const fault = faultOf(path, href)
    if (fault === null) continue
    brokenCount++
    console.error(`${path}:${line} links to ${href}: ${fault}`)
  }
}
console.log(
  `${linkCount - brokenCount} of ${linkCount} relative links in ${files.length} files lead somewhere`,
)
process.exitCode = brokenCount === 0 && linkCount > 0 ? 0 : 1

function faultOf(from, href) {
  const [file, anchor] = href.split('#')
  const target = file === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(file))
  if (target.startsWith('..')) return 'it is outside the repository'
  if (!existsSync(join(root, target))) return `there is no ${target}`
  if (anchor === undefined || !anchors.has(target)) return null
  return anchors.get(target).has(decodeURIComponent(anchor)) ? null : `${target} has no heading #${anchor}`
}

/** Returns the anchors that GitHub gives to headings. */
function anchorsOf(tokens) {
  const slugger = new GithubSlugger()
  const headings = tokens.filter((_, index) => tokens[index - 1]?.type === 'heading_open')
  return new Set(
    headings.map(({ children }) => slugger.slug(children.map((child) => child.content).join(''))),
  )
}

/** Returns links and images with the line of their paragraph. */
function linksOf(tokens) {
  let line = 1
  const links = []
  for (const token of tokens) {
    if (token.map) line = token.map[0] + 1
    for (const child of token.children ?? []) {
      const href = child.attrGet(child.type === 'image' ? 'src' : 'href')
      if (href !== null) links.push({ href, line })
    }
  }
  return links
}

function isExternal(href) {
  return /^([a-z][a-z+.-]*:|\/\/)/i.test(href)
}
