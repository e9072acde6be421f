// @ts-check
import { once } from 'node:events'
import { connect } from 'node:net'
import { requestBody } from '../fixtures/chat.mjs'

/**
 * Sends one request at a time over one connection and times each.
 * @param {{ url: string, headers: Readonly<Record<string, string>>, count: number }} load
 * @returns {Promise<number[]>} microseconds from the first byte sent to the last byte received
 */
export async function pingOneByOne({ url, headers, count }) {
  const { hostname, port, pathname, host } = new URL(url)
  const lines = Object.entries({ host, 'content-type': 'application/json', ...headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const text = `POST ${pathname} HTTP/1.1\r\n${head}content-length: ${requestBody.length}\r\n\r\n${requestBody}`
  const bytes = Buffer.from(text)
  // A bare socket is used, because the time of an HTTP client would dominate the measurement.
  const socket = connect(Number(port), hostname).setNoDelay(true)
  await once(socket, 'connect')
  const samples = []
  for (let sent = 0; sent < count; sent++) {
    const start = process.hrtime.bigint()
    socket.write(bytes)
    await readReply(socket)
    samples.push(Number(process.hrtime.bigint() - start) / 1000)
  }
  socket.destroy()
  return samples
}

/**
 * Sends requests over several connections at the same time, one after the other on each, and times each.
 * @param {{ url: string, headers: Readonly<Record<string, string>>, count: number, connections?: number }} load
 *   `count`: requests of all connections together; `connections`: 1 by default
 * @returns {Promise<number[]>} microseconds from the first byte sent to the last byte received
 */
export async function ping({ connections = 1, count, ...load }) {
  const each = Math.ceil(count / connections)
  const samples = await Promise.all(
    Array.from({ length: connections }, () => pingOneByOne({ ...load, count: each })),
  )
  return samples.flat()
}

/**
 * Resolves when one whole reply has arrived, by its content-length or its last chunk.
 * @param {import('node:net').Socket} socket
 * @returns {Promise<void>}
 */
function readReply(socket) {
  return new Promise((resolve, reject) => {
    let text = ''
    const settle = (/** @type {Error | null} */ error) => {
      socket.off('data', onData)
      socket.off('close', onClose)
      if (error === null) resolve()
      else reject(error)
    }
    const onClose = () => settle(new Error('the connection closed before the reply was complete'))
    const onData = (/** @type {Buffer} */ chunk) => {
      text += chunk.toString('latin1')
      if (!isComplete(text)) return
      settle(text.startsWith('HTTP/1.1 200') ? null : new Error(`not a 200: ${text.slice(0, 200)}`))
    }
    socket.on('data', onData)
    socket.on('close', onClose)
  })
}

/** @param {string} text a reply as far as it has arrived */
function isComplete(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1]
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= end + 4 + Number(length)
}
