// @ts-check
// Preloaded (`node --import`) into a rival that would listen on every interface and has no option to prevent it.
import { Server } from 'node:net'

const { listen } = Server.prototype

/**
 * @this {Server}
 * @param {import('node:net').ListenOptions | number} where
 * @param {...unknown} rest
 * @returns {Server}
 */
function listenOnLoopback(where, ...rest) {
  const options = typeof where === 'object' ? where : { port: where }
  const listener = rest.findLast((each) => typeof each === 'function')
  return Reflect.apply(listen, this, [{ ...options, host: '127.0.0.1' }, ...(listener ? [listener] : [])])
}

Server.prototype.listen = /** @type {typeof listen} */ (listenOnLoopback)
