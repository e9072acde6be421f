/**
 * Compares the public surface of every entry point with the report in `packages/<package>/api`, so that every change of
 * the surface is noticed. `--update` writes the reports again.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiReports } from './api/api-report.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const isUpdate = process.argv.includes('--update')
const stale = readdirSync(join(root, 'packages')).flatMap(staleReports)

if (stale.length > 0 && !isUpdate) {
  console.error(`\nThe public surface differs from its report: ${stale.join(', ')}
If users are meant to see this change, run \`npm run api:update\`, commit the reports and note it for the changelog.`)
  process.exitCode = 1
}

/** Finds reports of the package that differ from its declarations, and shows the difference or writes them again. */
function staleReports(name) {
  const folder = join(root, 'packages', name)
  const entries = entriesOf(folder)
  if (entries.length === 0) return []
  const { name: packageName } = manifest(folder)
  const temporaryFolder = join(root, 'tmp', 'api', name)
  const reports = apiReports({ packageName, folder, temporaryFolder, entries })
  const differing = reports.filter(({ name: entry, text }) => {
    const file = join(folder, 'api', `${entry}.md`)
    if (existsSync(file) && readFileSync(file, 'utf8') === text) return false
    if (isUpdate) write(file, text)
    else show(file, text, temporaryFolder)
    return true
  })
  const entryFiles = entries.map((entry) => `${entry.name}.md`)
  const left = reportsIn(join(folder, 'api')).filter((file) => !entryFiles.includes(file))
  for (const file of left) {
    if (isUpdate) rmSync(join(folder, 'api', file))
    else console.error(`packages/${name}/api/${file} is of no entry point`)
  }
  if (!isUpdate)
    console.log(`${entries.length - differing.length} of ${entries.length} as reported: ${packageName}`)
  const files = [...differing.map((report) => `${report.name}.md`), ...left].map(
    (file) => `packages/${name}/api/${file}`,
  )
  if (isUpdate) for (const file of files) console.log(`updated ${file}`)
  return files
}

function reportsIn(folder) {
  return existsSync(folder) ? readdirSync(folder) : []
}

function show(file, text, temporaryFolder) {
  const current = join(temporaryFolder, 'current.md')
  write(current, text)
  const recorded = existsSync(file) ? relative(root, file) : '/dev/null'
  const options = ['--no-pager', 'diff', '--no-index', '--no-color', '--unified=1']
  const { stdout } = spawnSync('git', [...options, recorded, relative(root, current)], {
    cwd: root,
    encoding: 'utf8',
  })
  console.error(stdout.split('\n').slice(2).join('\n'))
}

function write(file, text) {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}

function entriesOf(folder) {
  return Object.entries(manifest(folder).exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([path, target]) => ({
      name: path === '.' ? 'index' : path.slice(2),
      types: join(folder, target.types),
    }))
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
