import { openKeyFolder } from './key-folder.js'
import { portSource } from './port-source.js'
import { runProgram } from './run-program.js'
import type { StartedTarget, Target, TargetStart } from './target.js'

type Headers = Readonly<Record<string, string>>

export interface CommandTargetOptions {
  /** @default 'command' */
  name?: string
  /**
   * The command and its arguments. Replaced are `{port}`, `{upstream}` and `{keysFile}`, and the timeouts `{connectMs}`,
   * `{firstByteMs}`, `{firstOutputMs}` and `{idleMs}`.
   */
  command: readonly string[]
  /** The path of the API, below which are `/chat/completions` and so on. @default '/v1' */
  basePath?: string
  /** The headers of every request. */
  headers?: Headers | ((given: TargetStart) => Headers)
  /** The endpoint that reports the states of the keys. */
  status?: { path: string; headers?: Headers }
  /** The environment. Default: that of this process. The command runs in an empty folder, so that it finds no settings. */
  env?: NodeJS.ProcessEnv
  /**
   * Whether one process serves the whole run. Only for gateways that get keys and upstream with every request, through
   * `headers`, and do not remember them. @default false
   */
  isShared?: boolean
}

/** Makes a target that a command starts again for every case. It is ready when its port accepts connections. */
export function commandTarget(options: CommandTargetOptions): Target {
  const { name = 'command', isShared = false } = options
  const nextPort = portSource()
  const launch = async (given: TargetStart): Promise<Started> => launchOn(await nextPort(), options, given)
  if (!isShared) return { name, start: async (given) => describe(options, given, await launch(given)) }
  let shared: Promise<Started> | undefined
  const share = async (given: TargetStart): Promise<Started> => {
    shared ??= launch(given)
    const current = shared
    const started = await current
    // A gateway that crashed in one case must not fail the following cases.
    if (started.hasEnded() && shared === current) shared = launch(given)
    return shared
  }
  return {
    name,
    async start(given) {
      const { origin } = await share(given)
      return describe(options, given, { origin, stop: async () => {} })
    },
    close: async () => (await shared?.catch(() => undefined))?.stop(),
  }
}

function describe(
  { basePath = '/v1', headers = {}, status }: CommandTargetOptions,
  given: TargetStart,
  { origin, stop }: Pick<Started, 'origin' | 'stop'>,
): StartedTarget {
  return {
    baseURL: `${origin}${basePath}`,
    headers: typeof headers === 'function' ? headers(given) : headers,
    ...(status === undefined ? {} : { statusURL: `${origin}${status.path}` }),
    ...(status?.headers === undefined ? {} : { statusHeaders: status.headers }),
    stop,
  }
}

interface Started {
  /** The origin, `http://127.0.0.1:<port>`. */
  origin: string
  hasEnded(): boolean
  stop(): Promise<void>
}

async function launchOn(port: number, options: CommandTargetOptions, given: TargetStart): Promise<Started> {
  const folder = openKeyFolder(given.keys)
  const filled: Record<string, string | number> = {
    ...given.settings,
    port,
    upstream: given.upstreamURL,
    keysFile: folder.keysFile,
  }
  const [command = '', ...args] = options.command.map((word) =>
    word.replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole)),
  )
  const running = runProgram(command, args, { cwd: folder.path, env: options.env ?? process.env })
  const stop = async (): Promise<void> => {
    await running.stop()
    folder.remove()
  }
  try {
    await running.listening(port)
  } catch (error) {
    await stop()
    throw error
  }
  return { origin: `http://127.0.0.1:${port}`, hasEnded: running.hasEnded, stop }
}
