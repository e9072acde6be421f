// @ts-check
import { fileURLToPath, pathToFileURL } from 'node:url'
import { commandTarget } from '@sfpool/simulator'
import { installed } from './portkey.mjs'
import { programPath } from './rival.mjs'

/**
 * The statuses after which Portkey tries the next key. Without a list it would do so after every error, and try all keys
 * for every mistake of a caller. This list gives its best result.
 */
const switchingStatuses = [401, 402, 403, 408, 429, 500, 502, 503, 504]

/**
 * Makes a target of the conformance suite from the Portkey gateway, with one Portkey target per key. `fallback` tries one
 * key after another, so a good key is always found; `loadbalance` picks one key at random and returns its answer.
 * @param {object} [options]
 * @param {string} [options.name]
 * @param {'fallback' | 'loadbalance'} [options.mode]
 * @param {boolean} [options.hasMutableHeaders] As published, it answers streams with 500 on some versions of Node, because
 * it changes immutable headers. This option gives it mutable headers. Its code is not changed.
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

/** Returns the provider of a path: Portkey's provider for OpenAI's API does not support Anthropic's dialect. */
function providerOf(/** @type {string} */ path) {
  return path === '/messages' ? 'anthropic' : 'openai'
}
