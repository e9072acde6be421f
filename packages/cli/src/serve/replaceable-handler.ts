import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { NodeHandler } from '@sfpool/server-adapters/node'

/** A request listener whose handler can be replaced: requests that have begun end with the handler that they began with. */
export interface ReplaceableHandler {
  readonly handler: NodeHandler
  replace(next: NodeHandler): void
}

export function replaceableHandler(first: NodeHandler): ReplaceableHandler {
  let current = first
  // An earlier one still writes the log of the requests that it serves.
  const all = [first]
  const handler = (request: IncomingMessage, response: ServerResponse): void => current(request, response)
  const replaceable: NodeHandler = Object.assign(handler, {
    gateway: first.gateway,
    checkContinue: (request: IncomingMessage, response: ServerResponse): void =>
      current.checkContinue(request, response),
    connect: (request: IncomingMessage, socket: Duplex): void => current.connect(request, socket),
    close: async (): Promise<void> => {
      await Promise.all(all.map((each) => each.close()))
    },
  })
  Object.defineProperty(replaceable, 'gateway', { get: () => current.gateway })
  return {
    handler: replaceable,
    replace: (next) => {
      current = next
      all.push(next)
    },
  }
}
