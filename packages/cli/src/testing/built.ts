import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
/** A build that takes longer than this has died and left its lock behind. */
const lockLifetimeMs = 5 * 60_000

/** The program as users run it. */
export const bin: string = join(root, 'packages/cli/dist/bin.js')

/** The starter behind `npm start`. */
export const starter: string = join(root, 'scripts/start.mjs')

/** Whether `npm start` would find everything installed and built. */
export function isSetUp(): boolean {
  return existsSync(join(root, 'node_modules/.sfpool-setup.json'))
}

/**
 * Builds the packages if the build is stale, because these tests run the built program. Test files run side by side, so
 * one of them builds while the others wait. Never installs anything. `SFPOOL_PREBUILT=1` uses the existing build.
 */
export async function ensureBuilt(): Promise<void> {
  if (process.env.SFPOOL_PREBUILT === '1') return
  const lock = join(tmpdir(), `sfpool-build-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`)
  while (!take(lock)) await sleep(50)
  try {
    if (!isFresh()) execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' })
  } finally {
    rmdirSync(lock)
  }
}

/** Whether every package was built after its sources last changed. */
function isFresh(): boolean {
  return readdirSync(join(root, 'packages')).every((name) => {
    const folder = join(root, 'packages', name)
    const built = join(
      folder,
      'dist',
      name === 'cli' ? 'bin.js' : name === 'server-adapters' ? 'node.js' : 'index.js',
    )
    return existsSync(built) && statSync(built).mtimeMs > lastChange(join(folder, 'src'))
  })
}

function lastChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file))
  return Math.max(...sources.map((file) => statSync(join(folder, file)).mtimeMs))
}

function take(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    try {
      if (Date.now() - statSync(lock).mtimeMs > lockLifetimeMs) rmdirSync(lock)
    } catch {
      // Another test file removed the lock first.
    }
    return false
  }
}
