import type { Simulator } from '@sfpool/simulator'
import type { Home, Running } from './run-cli.js'
import type { RunOptions } from './run-environment.js'

/** A running `sfpool serve`, with the admin key `admin-key-of-the-test`. */
export interface Served extends AsyncDisposable {
  readonly running: Running
  readonly origin: string
  chat(init?: { stream?: boolean; signal?: AbortSignal; key?: string }): Promise<Response>
  keyCount(): Promise<number>
}

/** Starts `sfpool serve` in front of the simulator. Resolves when it listens. */
export async function startServer(
  home: Home,
  given: { upstream: Simulator; args: readonly string[]; options: RunOptions },
): Promise<Served> {
  const { upstream, args, options } = given
  const flags = [
    '--port',
    '0',
    '--base-url',
    upstream.sites.cn.baseURL,
    '--admin-key',
    'admin-key-of-the-test',
  ]
  const running = home.start(['serve', ...flags, ...args], options)
  const [, origin = ''] = await running.seen(/listening on (http:\S+)/)
  return {
    running,
    origin,
    chat: ({ stream = false, signal, key } = {}) =>
      fetch(`${origin}/v1/chat/completions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({
          model: 'Qwen/Qwen3-8B',
          stream,
          messages: [{ role: 'user', content: 'Hello' }],
        }),
        ...(signal === undefined ? {} : { signal }),
      }),
    keyCount: async () => {
      const response = await fetch(`${origin}/admin/api/keys`, {
        headers: { 'x-api-key': 'admin-key-of-the-test' },
      })
      return ((await response.json()) as { total: number }).total
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
