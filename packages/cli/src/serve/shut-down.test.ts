import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { shutDown } from './shut-down.js'

it('a client that never reads does not hold up the shutdown', async () => {
  const piece = Buffer.alloc(64 * 1024)
  let isFull = false
  const flood = (response: ServerResponse): void => {
    while (response.write(piece));
    isFull = true
  }
  const server = createServer((_request, response) => {
    response.on('drain', () => flood(response))
    flood(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await vi.waitFor(() => expect(isFull).toBe(true))
  const ending = new AbortController().signal
  expect(await shutDown(server, { timeoutMs: 50, ending })).toBe('cut')
})
