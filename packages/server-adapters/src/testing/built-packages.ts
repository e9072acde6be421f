import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** Builds the packages when a source is newer than what was built from it, as `npm test` does before all tests. */
export function buildWhenStale(): void {
  const isStale = ['core', 'gateway', 'server-adapters'].some((name) => {
    const built = `${root}packages/${name}/dist/${name === 'server-adapters' ? 'node' : 'index'}.js`
    if (!existsSync(built)) return true
    const builtAt = statSync(built).mtimeMs
    return readdirSync(`${root}packages/${name}/src`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.test(?:-d)?\.ts$|testing/.test(file))
      .some((file) => statSync(`${root}packages/${name}/src/${file}`).mtimeMs > builtAt)
  })
  if (isStale) execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' })
}

/** What a script printed, and its exit code. */
export interface ScriptResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** Runs a script in a Node process of its own, where package names resolve to the built files. */
export async function run(script: string, type: 'module' | 'commonjs'): Promise<ScriptResult> {
  const child = spawn(process.execPath, [`--input-type=${type}`, '-e', script], {
    cwd: `${root}packages/server-adapters`,
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { stdout, stderr, code }
}
