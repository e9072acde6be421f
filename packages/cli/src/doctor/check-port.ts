import { once } from 'node:events'
import { createServer } from 'node:net'
import { listenError, originOf } from '../serve/listen.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** Whether a server could listen, or which one does already. */
export async function checkPort(
  { settings, version }: DoctorContext,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { host, port } = settings
  if (port === 0) return [ok('port', `any free port of ${host}`)]
  const fault = await faultOfListening(host, port)
  if (fault === undefined) return [ok('port', `${host}:${port} is free`)]
  if (fault.code !== 'EADDRINUSE')
    return [failure('port', listenError(fault, host, port).message, 'Give another --host or --port')]
  const running = await versionOfServer(originOf(reachable(host), port), signal)
  if (running === undefined)
    return [failure('port', `port ${port} on ${host} is in use by another program`, 'Choose another --port')]
  const found = `sfpool ${running} listens on ${host}:${port}`
  return running === version
    ? [ok('port', found)]
    : [warning('port', `${found}, while this program is ${version}`, 'Restart the server')]
}

async function faultOfListening(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    return undefined
  } catch (error) {
    return error as NodeJS.ErrnoException
  } finally {
    server.close()
  }
}

/** What a server that listens on all addresses is asked under. */
const reachable = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)

/** The version of the sfpool that answers; undefined when another program does. */
async function versionOfServer(origin: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(`${origin}/info`, {
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]),
    })
    const answer: unknown = await response.json()
    const name = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'name') : undefined
    return name === 'sfpool' ? String(Reflect.get(answer as object, 'version')) : undefined
  } catch {
    return undefined
  }
}
