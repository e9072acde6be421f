// @ts-check
import { fileURLToPath, pathToFileURL } from 'node:url'
import { commandTarget } from '@sfpool/simulator'
import { installed } from './portkey.mjs'
import { programPath } from './rival.mjs'

/**
 * The statuses at which Portkey goes on to the next key. Without a list it would do so at every error, and ask all the
 * keys for every mistake of a caller; this list serves it best.
 */
const switchingStatuses = [401, 402, 403, 408, 429, 500, 502, 503, 504]

/**
 * The Portkey gateway as a target of the conformance suite: one target per key, in the mode that serves it best.
 * `fallback` asks one key after another for each request, so a good key is always found; `loadbalance` draws one key
 * by lot and returns whatever that one says.
 * @param {object} [options]
 * @param {string} [options.name]
 * @param {'fallback' | 'loadbalance'} [options.mode]
 * @param {boolean} [options.hasMutableHeaders] as published it answers streams with 500 on some versions of Node,
 * because it changes headers that are immutable; this hands it headers that are not. Nothing of its code is changed.
 * @returns {Promise<import('@sfpool/simulator').Target>}
 */
export async function portkeyTarget({ name = 'portkey', mode = 'fallback', hasMutableHeaders = false } = {}) {
  const program = await installed()
  const preloaded = [
    programPath('loopback-only'),
    ...(hasMutableHeaders ? [fileURLToPath(new URL('./portkey-mutable-headers.mjs', import.meta.url))] : []),
  ]
  return commandTarget({
    name,
    command: [
      process.execPath,
      ...preloaded.flatMap((path) => ['--import', pathToFileURL(path).href]),
      program,
      '--port={port}',
      '--headless',
    ],
    isShared: true,
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    headers: ({ keys, upstreamURL, path, settings }) => ({
      'x-portkey-config': JSON.stringify({
        strategy: mode === 'fallback' ? { mode, on_status_codes: switchingStatuses } : { mode },
        request_timeout: settings.firstByteMs,
        targets: keys.map((key) => ({ provider: providerOf(path), api_key: key, custom_host: upstreamURL })),
      }),
    }),
  })
}

/** Its provider for OpenAI's API does not know Anthropic's dialect. */
function providerOf(/** @type {string} */ path) {
  return path === '/messages' ? 'anthropic' : 'openai'
}
