import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as startRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCommandLine, splitWords } from './command-line.js'

async function run(...args: string[]): Promise<{ code: number; printed: string; said: string }> {
  const printed: string[] = []
  const said: string[] = []
  const output = {
    print: (text: string) => void printed.push(text),
    say: (text: string) => void said.push(text),
  }
  const code = await runCommandLine(args, output)
  return { code, printed: printed.join('\n'), said: said.join('\n') }
}

function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A gateway in one line: it relays every request with its first key. */
const program = `
const [port, upstream, keysFile] = process.argv.slice(1)
const { createServer, request } = require('node:http')
const [key] = require('node:fs').readFileSync(keysFile, 'utf8').split('\\n')
createServer((asked, answer) => {
  if (asked.headers['x-extra'] !== 'yes') return answer.writeHead(401).end('no header')
  const { 'content-type': type, 'content-length': length } = asked.headers
  const headers = { 'content-type': type, 'content-length': length, authorization: 'Bearer ' + key }
  asked.pipe(request(upstream + asked.url.slice(4), { method: asked.method, headers }, (given) => {
    answer.writeHead(given.statusCode, given.headers)
    given.pipe(answer)
  }))
}).listen(Number(port), '127.0.0.1')`

test('sfpool-conformance starts the command for every case and replaces its placeholders', async () => {
  const file = join(scratchFolder(), 'gateway.cjs')
  writeFileSync(file, program.replace('process.argv.slice(1)', 'process.argv.slice(2)'))
  const junit = join(scratchFolder(), 'report.xml')
  const { code, printed, said } = await run(
    ...['--command', `"${process.execPath}" '${file}' {port} {upstream} {keysFile}`, '--base-path', '/api'],
    ...['--header', 'X-Extra: yes', '--name', 'mine', '--only', 'relay.json*', '--junit', junit],
  )
  expect(printed).toMatch(/^relay\.json\.1-0 .*pass {2}200, \d+ bytes/m)
  expect([code, said]).toEqual([0, 'mine: 2 of 2 cases'])
  expect(readFileSync(junit, 'utf8')).toContain('<testsuite name="mine" tests="2" failures="0"')
})

test('sfpool-conformance exits with 1 when a case fails', async () => {
  const { code, printed } = await run('--command', 'node --eval 0', '--only', 'relay.json.', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(printed)).toMatchObject({
    targets: [{ target: 'command', failed: 1, results: [{ seen: expect.stringContaining('ended before') }] }],
  })
})

test('a running gateway gets new keys in its key file for every case', async () => {
  const keysFile = join(scratchFolder(), 'keys.txt')
  const upstreamPort = await freePort()
  const origin = await followingGateway(keysFile, upstreamPort)
  const { code, printed } = await run(
    ...['--url', origin, '--upstream-port', String(upstreamPort), '--keys-file', keysFile, '--key', 'client'],
    ...['--pool', '1', '--only', 'keys.forbidden'],
  )
  expect(printed).toMatch(/^keys\.forbidden\.2-1 .*skip {2}the target has a pool of 1, not of 2$/m)
  expect(printed).toMatch(/^keys\.forbidden\.1-1 .*FAIL {2}2 x 403/m)
  expect(code).toBe(1)
})

test('sfpool-conformance exits with 1 when a running gateway never loads new keys', async () => {
  const keysFile = join(scratchFolder(), 'keys.txt')
  const { code, printed } = await run(
    ...['--url', 'http://127.0.0.1:9', '--upstream-port', String(await freePort()), '--keys-file', keysFile],
    ...['--reload-ms', '100', '--only', 'relay.json.'],
  )
  expect(printed).toMatch(/skip {2}the gateway did not load the keys of/)
  expect(code).toBe(1)
})

test.each([
  [[], 'either --command or --url is required'],
  [['--url', 'http://127.0.0.1:1'], '--url also needs --upstream-port and --keys-file'],
  [['--command', 'x', '--url', 'y'], 'either --command or --url is required'],
  [['--command', 'x', '--concurrency', 'many'], '--concurrency must be a whole number, received "many"'],
  [['--command', 'x', '--header', 'nonsense'], '--header must be "name: value", received "nonsense"'],
  [['--nonsense'], "Unknown option '--nonsense'"],
  [['--list', '--only', 'nonsense'], 'no case matches "nonsense"'],
])('sfpool-conformance exits with 2 for the arguments %j', async (args, message) => {
  const { code, said, printed } = await run(...args)
  expect([code, printed]).toEqual([2, ''])
  expect(said).toContain(message)
})

test('sfpool-conformance --list prints the cases without running them', async () => {
  const { code, printed } = await run('--list', '--only', 'leaving.queued*')
  expect(code).toBe(0)
  expect(printed.split('\n')).toEqual([
    'leaving.queued.1-1',
    '  upstream closed in 50 ms, then serves again',
    '  A client that leaves the queue must not be served later.',
  ])
  expect(JSON.parse((await run('--list', '--json', '--only', 'relay.json.')).printed)).toHaveLength(1)
})

test('sfpool-conformance --help prints the usage', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, printed: expect.stringContaining('--upstream-port') })
})

test('splitWords splits text into words as a shell does', () => {
  expect(splitWords(`node "my gateway.js" --port={port} 'a b'`)).toEqual([
    'node',
    'my gateway.js',
    '--port={port}',
    'a b',
  ])
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function followingGateway(keysFile: string, upstreamPort: number): Promise<string> {
  writeFileSync(keysFile, 'sk-fakeold\n')
  const server = createServer((asked, answer) => {
    const [key = ''] = readFileSync(keysFile, 'utf8').split('\n')
    const { 'content-type': type = 'x/y', 'content-length': length = '0' } = asked.headers
    const headers = { 'content-type': type, 'content-length': length, authorization: `Bearer ${key}` }
    const upstream = startRequest(
      { port: upstreamPort, path: `/v1${asked.url}`, method: asked.method, headers, agent: false },
      (given) => {
        answer.writeHead(given.statusCode ?? 502, given.headers)
        given.pipe(answer)
      },
    )
    asked.pipe(upstream.on('error', () => answer.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}
