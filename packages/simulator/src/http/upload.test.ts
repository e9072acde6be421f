import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../faults/fault.js'
import { ask, hello } from '../testing/ask.js'
import { type Running, running } from '../testing/running.js'

const mebibyte = 1024 * 1024

/** Sends a request that announces a large body and contains only the beginning of it. */
async function uploading(fault: Fault): Promise<Running & { socket: Socket; received: () => string }> {
  const started = await running({ accounts: 2 })
  started.sim.faults.add({ when: { account: 'account-1' }, fault })
  const socket = connect(started.sim.sites.cn.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (chunk) => {
    received += String(chunk)
  })
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${started.key}\r\n`
  socket.write(`${head}Content-Length: ${64 * mebibyte}\r\n\r\n{"model":`)
  return { ...started, socket, received: () => received }
}

test('an error fault may answer before the body is read', async () => {
  const { sim, received, key } = await uploading({ kind: 'error', name: 'token-invalid', at: 'upload' })
  await expect.poll(received).toContain('"Token is invalid."')
  expect(received()).toMatch(/^HTTP\/1\.1 401 /)
  expect(sim.requests[0]).toMatchObject({ key, account: 'account-1', status: 401, faults: ['fault-1'] })
})

test('an answer fault may answer before the body is read and end the connection', async () => {
  const fault = { kind: 'answer', status: 413, headers: { connection: 'close' }, at: 'upload' } as const
  const { socket, received } = await uploading(fault)
  await once(socket, 'end')
  expect(received()).toMatch(/^HTTP\/1\.1 413 /)
})

test.each([
  ['reset', 'ECONNRESET'],
  ['close', 'end'],
] as const)('a %s fault may be applied during the upload', async (kind, expected) => {
  const { socket, received } = await uploading({ kind, at: 'upload' })
  const ending = await new Promise((resolve) => {
    socket.once('end', () => resolve('end'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  expect([ending, received()]).toEqual([expected, ''])
})

test('the body of a hanging upload is not read, so the client cannot send it', async () => {
  const { sim, url, keys, socket, received } = await uploading({ kind: 'hang', at: 'upload' })
  await expect.poll(() => sim.requests[0]?.faults).toEqual(['fault-1'])
  for (let count = 0; count < 32; count += 1) socket.write(Buffer.alloc(mebibyte))
  // Other requests are served meanwhile.
  for (let count = 0; count < 20; count += 1)
    expect((await ask(`${url}/models`, { key: keys[1] })).status).toBe(200)
  expect(socket.writableLength).toBeGreaterThan(16 * mebibyte)
  expect(received()).toBe('')
})

test('a broken upload is recorded with its key', async () => {
  const { sim, socket, key } = await uploading({ kind: 'delay', at: 'before-headers', ms: 0 })
  await expect.poll(() => sim.requests.length).toBe(1)
  socket.destroy()
  await expect.poll(() => sim.requests[0]?.abortedAt).toBeGreaterThan(0)
  expect(sim.requests[0]).toMatchObject({ key, account: 'account-1', bodySize: 0 })
})

test('a fault at upload does not affect other requests', async () => {
  const { sim, url, key } = await running({ accounts: 2 })
  const fault = { kind: 'error', name: 'token-invalid', at: 'upload' } as const
  sim.faults.add({ when: { account: 'account-2' }, fault })
  const body = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello }
  expect((await ask(`${url}/chat/completions`, { key, body })).status).toBe(200)
})
