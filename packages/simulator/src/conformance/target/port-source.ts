import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Gives out ports that nothing listens on. They are below those that systems give out by themselves: a port that is
 * handed to two gateways at once would let a case talk to the gateway of another one.
 */
export function portSource(): () => Promise<number> {
  // Runs side by side on one machine begin at different places.
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
