/**
 * Compares `docs/reference/cli.md` and `configuration.md` with what the source of the command line says. `--update` writes
 * them again.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'packages/cli/src/reference')
// Beside the packages that the bundle imports, so that Node finds them.
const folder = join(root, 'packages/cli/dist/reference')
const isUpdate = process.argv.includes('--update')

const pages = { cli: 'cliReference', configuration: 'configurationReference' }
mkdirSync(folder, { recursive: true })
try {
  const stale = []
  for (const [name, main] of Object.entries(pages)) {
    const outfile = join(folder, `${name}.mjs`)
    await esbuild.build({
      entryPoints: [join(source, `${name}-reference.ts`)],
      outfile,
      tsconfig: join(root, 'packages/cli/tsconfig.json'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      packages: 'external',
      logLevel: 'warning',
    })
    const text = (await import(pathToFileURL(outfile).href))[main]()
    const page = join(root, 'docs/reference', `${name}.md`)
    if (existsSync(page) && readFileSync(page, 'utf8') === text) continue
    stale.push(`docs/reference/${name}.md`)
    if (isUpdate) writeFileSync(page, text)
  }
  if (isUpdate) for (const page of stale) console.log(`updated ${page}`)
  else if (stale.length > 0) {
    console.error(
      `${stale.join(' and ')} differ from the source. Run \`npm run reference:update\` and commit the change.`,
    )
    process.exitCode = 1
  } else
    console.log(
      `${Object.keys(pages).length} of ${Object.keys(pages).length} pages of the reference are as the source`,
    )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
