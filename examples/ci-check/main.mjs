// The job of check-keys.yml, run here as a build server runs it, against a simulated SiliconFlow: it passes while every
// key is good, and fails for the right reason when one is not.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fakeKey, startSimulator } from '@sfpool/simulator'

const workflow = readFileSync(new URL('check-keys.yml', import.meta.url), 'utf8')
const [, step] = /- name: Check the keys\n\s+run: (.+)/.exec(workflow)
// The package that is installed here, in the place of the one that npx would fetch.
const require = createRequire(import.meta.url)
const installed = require.resolve('sfpool/package.json')
const sfpool = `"${process.execPath}" "${join(dirname(installed), require(installed).bin.sfpool)}"`
const folder = mkdtempSync(join(tmpdir(), 'sfpool-ci-check-'))
const simulator = await startSimulator({
  scenario: {
    accounts: [
      { id: 'team', keys: [fakeKey('team', 1), fakeKey('team', 2)], money: { charged: '20' } },
      { id: 'left', keys: [{ secret: fakeKey('left'), status: 'revoked' }], money: { charged: '5' } },
      { id: 'spent', keys: [fakeKey('spent')] },
    ],
  },
})

/** Runs the step of the workflow, in a folder with these keys. */
async function runStep(keys, { more = '', baseURL = simulator.sites.cn.baseURL } = {}) {
  writeFileSync(join(folder, 'keys.txt'), keys.map((key) => `${key}\n`).join(''))
  const command = `${step} ${more}`
  const environment = { ...process.env, HOME: folder, GITHUB_ACTIONS: 'true', SFPOOL_BASE_URL: baseURL }
  const job = spawn(command.replace('npx --yes sfpool', sfpool), {
    shell: true,
    cwd: folder,
    env: environment,
  })
  let log = ''
  for (const stream of [job.stdout, job.stderr])
    stream.setEncoding('utf8').on('data', (text) => (log += text))
  const [code] = await once(job, 'close')
  console.log(`$ ${command}\n${log.trimEnd()}\n=> exit ${code}\n`)
  return { code, log }
}

const good = [fakeKey('team', 1), fakeKey('team', 2)]

const passed = await runStep(good)
assert.equal(passed.code, 0)

const refused = await runStep([...good, fakeKey('left')])
assert.equal(refused.code, 1)
assert.match(
  refused.log,
  /^::error file=keys\.txt,line=3,title=invalid::sk-\S+: Token is invalid\. \(HTTP 401 code 30014\)/m,
)
assert.doesNotMatch(refused.log, /line=[12],/)
assert.ok(!refused.log.includes(fakeKey('left')), 'a key must not stand in a log')

// Whether there is money only a model tells: that costs a token for each key, so it has to be asked for.
const spent = await runStep([...good, fakeKey('spent')], { more: '--probe chat' })
assert.equal(spent.code, 1)
assert.match(spent.log, /^::error file=keys\.txt,line=3,title=exhausted::/m)

const mistyped = await runStep([...good, 'sk-oops'])
assert.equal(mistyped.code, 1)
assert.match(mistyped.log, /^::error file=keys\.txt,line=3,title=no key::/m)

// No key is to blame when the upstream is away: another exit code.
const away = await runStep(good, { more: '--retries 0', baseURL: 'http://127.0.0.1:1' })
assert.equal(away.code, 3)

const empty = await runStep([])
assert.equal(empty.code, 2)

await simulator.close()
rmSync(folder, { recursive: true, force: true })
