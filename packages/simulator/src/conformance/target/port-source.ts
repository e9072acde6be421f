import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Returns a source of free ports. They are below the ports that operating systems assign: if two gateways got the same
 * port, a case could talk to the gateway of another case.
 */
export function portSource(): () => Promise<number> {
  // Simultaneous runs on one machine start at different ports.
  let next = (process.pid * 101) % portCount
  return async () => {
    for (let tried = 0; tried < portCount; tried += 1) {
      const port = firstPort + (next % portCount)
      next += 1
      if (await isFree(port)) return port
    }
    throw new Error(`no port from ${firstPort} to ${firstPort + portCount} is free`)
  }
}

const firstPort = 20_000
const portCount = 10_000

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
