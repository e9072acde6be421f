import { writeKeys } from './key-folder.js'
import { NotApplicableError, type Target } from './target.js'

export interface UrlTargetOptions {
  /** @default 'url' */
  name?: string
  /** The base URL, below which are `/chat/completions` and so on. */
  baseURL: string
  /** The headers of every request. */
  headers?: Readonly<Record<string, string>>
  /** The port on which the gateway expects the simulator. */
  upstreamPort: number
  /** The key file, whose changes the gateway follows. It is written before each case. */
  keysFile: string
  /** The only number of keys that the gateway can have. Default: any. */
  poolSize?: number
  /** How long the gateway may take to notice new keys, in milliseconds. @default 5000 */
  reloadMs?: number
}

const pollMs = 100

/**
 * Makes a target from a gateway that already runs in front of the simulator's port. Each case has its own keys, because
 * the gateway's knowledge of a key from one case would spoil the next.
 */
export function urlTarget(options: UrlTargetOptions): Target {
  const { baseURL, headers = {}, keysFile, upstreamPort, poolSize } = options
  return {
    name: options.name ?? 'url',
    upstreamPort,
    ...(poolSize === undefined ? {} : { poolSize }),
    start: async (given) => {
      writeKeys(keysFile, given.keys)
      await untilTaken(options, headers)
      return { baseURL, headers, stop: async () => {} }
    },
  }
}

/** Requests the list of models until it succeeds, which means that the gateway uses one of the new keys. */
async function untilTaken(
  { baseURL, reloadMs = 5000, keysFile }: UrlTargetOptions,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  for (const until = Date.now() + reloadMs; Date.now() < until; ) {
    const answer = await fetch(`${baseURL}/models`, { headers }).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new NotApplicableError(`the gateway did not load the keys of ${keysFile} in ${reloadMs} ms`)
}
