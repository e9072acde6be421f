/** Runs every example by its own package.json. An example asserts what it shows, so running it is a test of it. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../examples', import.meta.url))
const examples = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'package.json')))
let failures = 0

for (const name of examples) {
  const { status, stdout, stderr } = spawnSync('npm', ['start', '--silent'], {
    cwd: join(folder, name),
    encoding: 'utf8',
    timeout: 120_000,
    shell: process.platform === 'win32',
  })
  if (status === 0) console.log(`ok   ${name}`)
  else {
    failures++
    console.error(`FAIL ${name}\n${stdout}${stderr}`)
  }
}
if (examples.length === 0) console.error('no examples found')
process.exitCode = failures === 0 && examples.length > 0 ? 0 : 1
