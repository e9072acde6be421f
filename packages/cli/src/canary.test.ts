import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureBuilt } from './testing/built.js'
import { createHome, type Home } from './testing/run-cli.js'
import { testKey } from './testing/test-key.js'

const canaries = {
  good: testKey('canarygood'),
  spare: testKey('canaryspare'),
  refused: testKey('canaryrefused'),
  client: 'canary-client-key',
  admin: 'canary-admin-key',
  secret: 'canary secret of the store',
  rotated: 'canary secret of later',
}
let upstream: Simulator

beforeAll(async () => {
  const { accounts } = demoScenario()
  const ours = { id: 'canary', keys: [canaries.good, canaries.spare], money: { charged: '10' } }
  upstream = await startSimulator({ scenario: { accounts: [...accounts, ours] } })
  await ensureBuilt()
})
afterAll(() => upstream.close())

/** Every command in ordinary use, with success and with failure. */
function commands(baseURL: string): string[][] {
  const { good, spare, refused } = canaries
  return [
    ['add', good, refused, `${good},`, '--verbose'],
    ['add', spare, '--check', '--base-url', baseURL, '--verbose'],
    ['add', refused.slice(0, 12), '--label', 'short'],
    ['add', '-f', 'keys.txt', '--json'],
    ['list'],
    ['list', '--json', '--verbose'],
    ['check', '--base-url', baseURL, '--verbose'],
    ['check', 'keys.txt', '--base-url', baseURL, '--json'],
    ['check', 'keys.txt', '--base-url', baseURL, '--format', 'jsonl'],
    ['check', '--base-url', 'http://127.0.0.1:1', '--retries', '0', '--verbose'],
    ['check', 'keys.txt', '--base-url', baseURL, '--probe', 'chat', '--format', 'csv', '--verbose'],
    ['check', 'keys.txt', '--base-url', baseURL, '--probe', 'balance', '--format', 'junit'],
    ['check', 'keys.txt', '--base-url', baseURL, '--format', 'github', '--fail-on', 'valid'],
    ['check', 'keys.txt', '--base-url', baseURL, '--min-balance', '5', '--verbose'],
    ['check', good, '--base-url', baseURL],
    ['check', 'keys.txt', '--resume', 'keys.txt', '--base-url', baseURL],
    ['check', '--probe', good],
    ['check', 'keys.txt', '--base-url', baseURL, '--probe', 'chat', '--model', good],
    ['balance'],
    ['balance', '--refresh', '--base-url', baseURL, '--verbose', '--json'],
    ['prices', '--from', `http://me:${good}@127.0.0.1:1/?key=${spare}`, '--verbose'],
    ['prices', '--from', `ftp://${good}@127.0.0.1/`],
    ['prices', '--from', good],
    ['prices', '--from', 'keys.txt', '--verbose'],
    ['prices', '--json'],
    ['disable', good],
    ['enable', good, '--json'],
    ['enable', `${refused}x`, '--verbose'],
    ['explain', '--model', 'deepseek-ai/DeepSeek-V3', '--session', 'mine'],
    ['explain', '--json', '--verbose'],
    ['explain', '--strategy', refused],
    ['stats'],
    ['stats', '--json'],
    ['stats', '--url', 'http://127.0.0.1:1', '--admin-key', canaries.admin],
    ['serve', '--port', good],
    ['serve', '--client-key', `${canaries.client} with spaces`],
    ['serve', '--admin-key', `${canaries.admin}\t`, '--client-key', canaries.client, '--port', 'x'],
    ['secret', 'fingerprint', '--verbose'],
    ['secret', 'rotate', '--to-env', 'NEW_SECRET', '--verbose'],
    ['secret', 'rotate', '--to-env', canaries.rotated],
    ['list', '--secret-file', 'keys.txt', '--verbose'],
    ['remove', refused],
    ['remove', refused, '--yes', '--json'],
    [good],
    ['list', `--${good}`],
    ['help', good],
  ]
}

async function servedOutput(home: Home, baseURL: string): Promise<string> {
  const keys = ['--client-key', canaries.client, '--admin-key', canaries.admin, '--keys', 'keys.txt']
  const flags = ['--port', '0', '--base-url', baseURL, '--log-level', 'debug', '--verbose', '--json']
  await using running = home.start(['serve', ...flags, ...keys], {
    environment: { SFPOOL_SECRET: canaries.rotated },
  })
  const [, origin = ''] = await running.seen(/listening on (http:\S+)/)
  const seen: string[] = []
  const ask = async (path: string, key: string, init: RequestInit = {}): Promise<void> => {
    const response = await fetch(`${origin}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, cookie: `k=${canaries.good}`, ...init.headers },
    })
    seen.push(JSON.stringify([...response.headers]), await response.text())
  }
  const chat = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'deepseek-ai/DeepSeek-V3',
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  }
  for (let index = 0; index < 4; index++) await ask('/v1/chat/completions', canaries.client, chat)
  await ask('/v1/chat/completions', canaries.good, chat)
  await ask('/v1/chat/completions', canaries.admin, chat)
  await ask(`/v1/models?key=${canaries.good}`, canaries.client)
  for (const path of ['/stats', '/health', '/balance', '/admin/api/keys']) await ask(path, canaries.admin)
  writeFileSync(home.path('keys.txt'), `${canaries.spare}\n${canaries.good}!\n`)
  await running.seen(/key file line 2/)
  running.kill('SIGTERM')
  const { stdout, stderr } = await running.ended
  expect(seen.join('\n')).toContain('"x-sfpool-trace"')
  return [stdout, stderr, ...seen].join('\n')
}

it('no command prints a secret in its output, log or answers', async () => {
  using home = createHome()
  const { baseURL } = upstream.sites.cn
  writeFileSync(
    home.path('keys.txt'),
    `${canaries.good}\n${canaries.refused}\nbroken ${canaries.spare.slice(0, 10)}\n`,
  )
  let secret = canaries.secret
  for (const args of commands(baseURL)) {
    const environment = { SFPOOL_SECRET: secret, NEW_SECRET: canaries.rotated }
    const { stdout, stderr, code } = await home.run(args, { environment })
    if (args[1] === 'rotate' && code === 0) secret = canaries.rotated
    expectClean(
      inFolder(home.path('.config/sfpool')),
      `the files after ${args.slice(0, 2).join(' ').slice(0, 20)}`,
    )
    expectClean(stdout + stderr, args.map((arg) => arg.slice(0, 12)).join(' '))
  }
  expect(secret).toBe(canaries.rotated)
  expectClean(await servedOutput(home, baseURL), 'serve')
  expectClean(inFolder(home.path('.config/sfpool')), 'the files after serve')
})

/** Everything on disk: the store, its log, whatever lies there. */
function inFolder(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}

function expectClean(output: string, where: string): void {
  for (const [name, secret] of Object.entries(canaries)) {
    expect(output.includes(secret), `${name} in the output of ${where}`).toBe(false)
  }
}
