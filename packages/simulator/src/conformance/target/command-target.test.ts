import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type CommandTargetOptions, commandTarget } from './command-target.js'
import { type TargetStart, targetSettings } from './target.js'

/** Answers with its process id and its arguments. `/end` ends the process. */
const program = `
const [port, ...rest] = process.argv.slice(1)
require('node:http').createServer(({ url }, answer) => {
  answer.end(JSON.stringify([process.pid, ...rest]), () => url === '/end' && process.exit())
}).listen(Number(port), '127.0.0.1')`

const given: TargetStart = {
  upstreamURL: 'http://127.0.0.1:9/v1',
  keys: ['sk-fakeone', 'sk-faketwo'],
  path: '/chat/completions',
  settings: targetSettings,
}

const options = (more: Partial<CommandTargetOptions> = {}): CommandTargetOptions => ({
  command: [process.execPath, '--eval', program, '{port}', '{upstream}', '{keysFile}', '{idleMs}', '{other}'],
  basePath: '',
  ...more,
})

async function ask(baseURL: string, path = '/'): Promise<string[]> {
  return (await (await fetch(`${baseURL}${path}`)).json()) as string[]
}

test('commandTarget replaces its placeholders and leaves other braces unchanged', async () => {
  const started = await commandTarget(options()).start(given)
  const [, upstream, keysFile = '', ...rest] = await ask(started.baseURL)
  expect([upstream, ...rest]).toEqual([given.upstreamURL, '1500', '{other}'])
  expect(existsSync(keysFile)).toBe(true)
  await started.stop()
  expect(existsSync(dirname(keysFile))).toBe(false)
  await expect(ask(started.baseURL)).rejects.toThrow('fetch failed')
})

test('commandTarget supports headers per case and a status address', async () => {
  const headers = ({ keys, path }: TargetStart): Record<string, string> => ({
    'x-keys': `${keys.length}${path}`,
  })
  const target = commandTarget(options({ headers, status: { path: '/keys' } }))
  const started = await target.start(given)
  onTestFinished(() => started.stop())
  expect(started.headers).toEqual({ 'x-keys': '2/chat/completions' })
  expect(started.statusURL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/keys$/)
})

test('a shared process serves all cases and is started again when it has ended', async () => {
  const target = commandTarget(options({ isShared: true }))
  const [one, two] = await Promise.all([target.start(given), target.start(given)])
  const [first] = await ask(one.baseURL)
  await one.stop()
  expect((await ask(two.baseURL))[0]).toBe(first)
  await ask(two.baseURL, '/end')
  await expect.poll(async () => (await ask((await target.start(given)).baseURL))[0]).not.toBe(first)
  await target.close?.()
  await expect(ask(one.baseURL)).rejects.toThrow('fetch failed')
})

test('gateways that start at the same time get different ports', async () => {
  const target = commandTarget(options())
  const started = await Promise.all([1, 2, 3, 4].map(() => target.start(given)))
  const pids = await Promise.all(started.map(async ({ baseURL }) => (await ask(baseURL))[0]))
  expect(new Set(pids).size).toBe(4)
  await Promise.all(started.map(({ stop }) => stop()))
})

test('a program that cannot be started is reported with the reason', async () => {
  const missing = commandTarget({ command: ['/nowhere/to/be/found'] })
  await expect(missing.start(given)).rejects.toThrow('/nowhere/to/be/found ended before it listened')
  const failing = commandTarget({
    command: [process.execPath, '--eval', 'console.error("no config"); process.exit(3)'],
  })
  await expect(failing.start(given)).rejects.toThrow('no config')
})
