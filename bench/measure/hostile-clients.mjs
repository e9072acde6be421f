// @ts-check
import { once } from 'node:events'
import { connect } from 'node:net'
import { hostileRequestBody } from '../fixtures/hostile-upstream.mjs'

/**
 * The target of hostile clients.
 * @typedef {{ port: number, headers: Readonly<Record<string, string>> }} HostileTarget
 *
 * Connections of hostile clients.
 * @typedef {{ sockets: readonly import('node:net').Socket[], leave: () => void }} HostileClients
 */

const path = '/v1/chat/completions'

/**
 * Clients that ask for a stream and never read.
 * @param {HostileTarget} target
 * @param {number} count
 */
export async function neverReaders(target, count) {
  return clients(target, count, (socket) => {
    socket.pause()
    socket.write(requestText(target, hostileRequestBody('flood')))
  })
}

/**
 * Clients that pipeline requests for streams which never end.
 * @param {HostileTarget} target
 * @param {number} count
 * @param {number} each requests of a client
 */
export async function pipeliners(target, count, each) {
  return clients(target, count, (socket) => {
    socket.resume()
    socket.write(requestText(target, hostileRequestBody('silence')).repeat(each))
  })
}

/**
 * Clients that read a hostile stream as fast as it comes.
 * @param {HostileTarget} target
 * @param {number} count
 * @param {import('../fixtures/hostile-upstream.mjs').Hostility} hostility
 */
export async function readers(target, count, hostility) {
  return clients(target, count, (socket) => {
    socket.resume()
    socket.write(requestText(target, hostileRequestBody(hostility)))
  })
}

/**
 * Clients that announce a body, send a part of it and stop.
 * @param {HostileTarget} target
 * @param {number} count
 * @param {{ announced: number, sent: number }} bytes
 */
export async function stalledUploads(target, count, { announced, sent }) {
  const part = Buffer.alloc(sent, 'x')
  return clients(target, count, (socket) => {
    socket.resume()
    socket.write(headText(target, announced))
    socket.write(part)
  })
}

/**
 * @param {HostileTarget} target
 * @param {number} count
 * @param {(socket: import('node:net').Socket) => void} act
 * @returns {Promise<HostileClients>}
 */
async function clients({ port }, count, act) {
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ port, host: '127.0.0.1' })
      // The server may end the connection at any time, which is the point.
      socket.on('error', () => {})
      await once(socket, 'connect')
      act(socket)
      return socket
    }),
  )
  const leave = () => {
    for (const socket of sockets) socket.destroy()
  }
  return { sockets, leave }
}

/**
 * @param {HostileTarget} target
 * @param {string} body
 */
function requestText(target, body) {
  return headText(target, Buffer.byteLength(body)) + body
}

/**
 * @param {HostileTarget} target
 * @param {number} length
 */
function headText({ port, headers }, length) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n${lines.join('')}content-length: ${length}\r\n\r\n`
}
