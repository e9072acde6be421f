/** Runs every gate, lists those that failed, and fails when one did. `--skip test,examples` leaves some out. */
import { spawnSync } from 'node:child_process'

const gates = [
  ...['format', 'lint', 'types', 'unused', 'docs', 'reference', 'snippets'],
  ...['test', 'api', 'size', 'packages', 'examples'],
]
const skipAt = process.argv.indexOf('--skip')
const skipped = skipAt === -1 ? [] : (process.argv[skipAt + 1] ?? '').split(',')
const unknown = skipped.filter((gate) => !gates.includes(gate))
if (unknown.length > 0) {
  console.error(`--skip takes ${gates.join(', ')}; received ${unknown.join(', ')}`)
  process.exit(2)
}

await import('./setup.mjs')

const failed = []
for (const gate of gates.filter((name) => !skipped.includes(name))) {
  console.log(`\n— ${gate}`)
  const script = gate === 'test' ? ['test'] : ['run', '--silent', `check:${gate}`]
  const { status } = spawnSync('npm', script, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) failed.push(gate)
}
console.log(failed.length === 0 ? '\nAll gates passed.' : `\nFailed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
