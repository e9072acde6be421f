import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { countSockets } from './sockets.mjs'

test.runIf(process.platform === 'linux')(
  'countSockets counts the connections of a process by side, without listening sockets',
  async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const count = () => countSockets(process.pid, { ownPort: port, otherPort: port })
    expect(count()).toEqual({ taken: 0, made: 0 })
    const client = connect(port, '127.0.0.1')
    const [taken] = await once(server, 'connection')
    expect(count()).toEqual({ taken: 1, made: 1 })
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(other, 'spawn')
    expect(countSockets(other.pid ?? 0, { ownPort: port, otherPort: port })).toEqual({ taken: 0, made: 0 })
    other.kill()
    client.destroy()
    taken.destroy()
    await Promise.all([once(client, 'close'), once(taken, 'close')])
    expect(count()).toEqual({ taken: 0, made: 0 })
    server.close()
  },
)
