// @ts-check
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The state of a listening socket in the system's table of connections. */
const listenState = '0A'

/**
 * Counts the connections that a process holds, in any state: accepted on its own port, and opened to another port. Linux
 * and IPv4 only.
 * @param {number} pid
 * @param {{ ownPort: number, otherPort: number }} ports
 */
export function countSockets(pid, { ownPort, otherPort }) {
  const held = heldInodes(pid)
  const connections = readConnections(pid).filter(
    ({ inode, state }) => held.has(inode) && state !== listenState,
  )
  return {
    taken: connections.filter(({ local }) => local === ownPort).length,
    made: connections.filter(({ remote }) => remote === otherPort).length,
  }
}

/** @param {number} pid */
function heldInodes(pid) {
  /** @type {Set<string>} */
  const inodes = new Set()
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    // A descriptor may be closed between listing and reading.
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    } catch {}
  }
  return inodes
}

/** @param {number} pid */
function readConnections(pid) {
  const [, ...lines] = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n')
  return lines.map((line) => {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
    return { local: portOf(local), remote: portOf(remote), state, inode }
  })
}

/** @param {string} address in hexadecimal: `0100007F:1F90` */
function portOf(address) {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16)
}
