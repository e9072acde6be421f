import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliError } from '../cli-error.js'

/** Starts to listen and returns the address. Rejects with a `CliError` when the server cannot listen. */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo))
  })
}

/** Returns the origin, such as `http://127.0.0.1:3838`. An IPv6 address is put in brackets. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

export function listenError(error: NodeJS.ErrnoException, host: string, port: number): CliError {
  const place = `${host}:${port}`
  if (error.code === 'EADDRINUSE')
    return new CliError(`port ${port} on ${host} is in use; choose another with --port`)
  if (error.code === 'EACCES')
    return new CliError(`the server is not allowed to listen on ${place}; choose a --port above 1023`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new CliError(`--host ${host} is not an address of this machine`)
  }
  return new CliError(`the server cannot listen on ${place}: ${error.message}`, { cause: error })
}
