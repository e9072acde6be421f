import { writeKeys } from './key-folder.js'
import { NotApplicableError, type Target } from './target.js'

export interface UrlTargetOptions {
  /** @default 'url' */
  name?: string
  /** Below it are `/chat/completions` and so on. */
  baseURL: string
  /** What every request must carry. */
  headers?: Readonly<Record<string, string>>
  /** The port on which it expects the simulator. */
  upstreamPort: number
  /** The file from which it takes its keys, and which it follows. Written before each case. */
  keysFile: string
  /** The one size of pool that it can have. Default: any. */
  poolSize?: number
  /** How long it may take to notice new keys, in milliseconds. @default 5000 */
  reloadMs?: number
}

const pollMs = 100

/**
 * A gateway that runs already, in front of the simulator's port. Each case has keys of its own, because what a gateway
 * has learnt of a key in one case would spoil the next.
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

/** Asks for the list of models until it comes under one of the new keys, which alone are good for the simulator. */
async function untilTaken(
  { baseURL, reloadMs = 5000, keysFile }: UrlTargetOptions,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  for (const until = Date.now() + reloadMs; Date.now() < until; ) {
    const answer = await fetch(`${baseURL}/models`, { headers }).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new NotApplicableError(`the gateway did not take up the keys of ${keysFile} in ${reloadMs} ms`)
}
