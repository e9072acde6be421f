import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MarkdownIt from 'markdown-it'

const root = fileURLToPath(new URL('../..', import.meta.url))
const parser = new MarkdownIt({ html: true })

/** Parses every Markdown file of the repository that git knows or would add, into `{ path, tokens }`. */
export function markdownFiles() {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z', '*.md']
  const listed = execFileSync('git', options, { cwd: root, encoding: 'utf8' })
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ path, tokens: parser.parse(readFileSync(join(root, path), 'utf8'), {}) }))
}
