import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { KeyMode, KeyPool } from '@sfpool/core'
import type { AppLog } from '@sfpool/gateway'
import type { NodeHandler } from '@sfpool/server-adapters/node'
import { CliError } from '../cli-error.js'
import type { LogName } from '../config/log-catalogue.js'
import type { PolicyName } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { environmentKeys } from '../input/environment-keys.js'
import { isReadOnce } from '../input/open-file.js'
import { type OverlayPool, openOverlayPool } from '../pool/open-pool.js'
import { openOrMakeStore, openStore } from '../pool/open-store.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { withOrigin } from '../pool/with-origin.js'
import { type AccessKeys, accessKeys } from '../serve/access-keys.js'
import { announce } from '../serve/announce.js'
import { answerBrokenRequests } from '../serve/answer-broken-request.js'
import { guardConnections, maxConnections } from '../serve/connection-guard.js'
import type { Demo } from '../serve/demo.js'
import { gatewayOptions } from '../serve/gateway-options.js'
import { HangUps } from '../serve/hang-ups.js'
import { KeyFile } from '../serve/key-file.js'
import { listen, originOf } from '../serve/listen.js'
import { LiveSettings } from '../serve/live-settings.js'
import { openFiles } from '../serve/open-files.js'
import { openLog } from '../serve/open-log.js'
import { ownKeys } from '../serve/own-keys.js'
import { replaceableHandler } from '../serve/replaceable-handler.js'
import { sayStoreFaults } from '../serve/say-store-faults.js'
import { shutDown } from '../serve/shut-down.js'
import { warn } from '../serve/warn.js'
import { watchFile } from '../serve/watch-file.js'

type ServeSetting =
  | 'host'
  | 'port'
  | 'baseUrl'
  | 'provider'
  | 'site'
  | 'sites'
  | 'keys'
  | 'clientKey'
  | 'clientKeyFile'
  | 'adminKey'
  | 'adminKeyFile'
  | 'cors'
  | 'timeoutConnect'
  | 'timeoutFirstByte'
  | 'timeoutFirstOutput'
  | 'timeoutIdle'
  | 'timeoutStalled'
  | 'timeoutTotal'
  | 'checkEvery'
  | 'checkAfterCalls'
  | 'checks'
  | 'maxBody'
  | 'sendTimeout'
  | 'bodyTimeout'
  | 'bodyMinRate'
  | 'bufferBudget'
  | 'proxy'
  | 'ca'
  | 'shutdownTimeout'
  | LogName
  | 'trace'
  | 'demo'
  | PolicyName
type ServeContext = Context<ServeSetting>

/** Longer than clients and load balancers keep idle connections, so that they close a connection, not the server. */
const keepAliveMs = 75_000

/** Bodies have limits of their own. This one ends requests whose bodies nobody reads; node's 5 minutes would cut slow clients. */
const requestTimeout = 3_600_000

/** Serves the pool until the user stops the server. */
export async function serve(context: ServeContext): Promise<ExitCode> {
  const { settings, terminal } = context
  await Promise.all([terminal.out.endure(), terminal.err.endure()])
  const hangUps = new HangUps(context)
  // Checked before anything is opened: with an unsafe address the keys are not even loaded.
  const { assertSafeBinding } = await import('@sfpool/gateway')
  const access = await accessKeys(settings)
  assertSafeBinding(settings.host, access)
  await warn(context, access)
  await using demo = settings.demo ? await openDemo(context) : null
  const overlay = await openServedPool(context, demo)
  await using pool = overlay.pool
  const log = await openLog(context, pool)
  sayStoreFaults(pool, (text) => {
    context.say(text)
    log.note('error', text)
  })
  if (demo === null) sayUpstream(context, pool)
  await using keyFile = await openKeyFile(context, overlay)
  if (demo === null) await applyKeyMode(context, pool)
  const reloadKeys = async (): Promise<number> => {
    await keyFile?.reload()
    return pool.reload()
  }
  const { handler, live } = await openGateway(context, { pool, access, log, reloadKeys })
  hangUps.handle(async () => {
    log.reopen()
    await live.reload()
    return reloadKeys()
  })
  const stopWatching = watchSettings(context, live)
  const server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout, headersTimeout: 60_000 })
  answerBrokenRequests(server)
  const guard = guardConnections(server, maxConnections(openFiles()))
  server
    .on('request', guard(handler))
    .on('checkContinue', guard(handler.checkContinue))
    .on('connect', handler.connect)
  const { port } = await listen(server, settings)
  const origin = originOf(settings.host, port)
  announce(context, { origin, host: settings.host, port, keyCount: pool.keys.list().length })
  if (demo !== null) {
    const { command } = terminal
    context.say(demo.introduction({ origin, command, isGuarded: access.clientKeys !== undefined }))
  }
  if (!terminal.stopping.aborted) await once(terminal.stopping, 'abort')
  for (const stop of stopWatching) stop()
  await finish(context, server, live.settings.shutdownTimeout)
  await handler.close()
  return exitCodes.ok
}

interface GatewayParts {
  readonly pool: KeyPool
  readonly access: AccessKeys
  readonly log: AppLog
  readonly reloadKeys: () => Promise<number>
}

/** Opens the gateway over a pool. Another one takes its place when its settings change. */
async function openGateway(
  context: ServeContext,
  { pool, access, log, reloadKeys }: GatewayParts,
): Promise<{ handler: NodeHandler; live: LiveSettings<ServeSetting> }> {
  const { sfpool } = await import('@sfpool/server-adapters/node')
  const made = (settings: Parameters<typeof gatewayOptions>[0], keys: AccessKeys): NodeHandler =>
    sfpool(pool, { ...gatewayOptions(settings, keys, reloadKeys), logger: log })
  const { handler, replace } = replaceableHandler(made(context.settings, access))
  const live = new LiveSettings<ServeSetting>({
    ...context,
    access,
    pool,
    apply: (settings, keys) => {
      replace(made(settings, keys))
      log.level = settings.logLevel
    },
  })
  return { handler, live }
}

/** Follows the configuration files, also those that appear later. */
function watchSettings({ configuration }: ServeContext, live: LiveSettings<ServeSetting>): (() => void)[] {
  return configuration.paths
    .filter((path) => !isReadOnce(path))
    .map((path) => watchFile(path, () => void live.reload()))
}

async function openDemo({ origins }: ServeContext): Promise<Demo> {
  const given = ownKeys.map((name) => origins[name]).find((origin) => origin?.startsWith('--') === true)
  if (given !== undefined) throw new CliError(`--demo serves its own sample keys; remove ${given}`)
  const { startDemo } = await import('../serve/demo.js')
  return startDemo()
}

/** Opens the pool with the keys of the store and the environment, or with the keys of the demo alone. */
function openServedPool(context: ServeContext, demo: Demo | null): Promise<OverlayPool> {
  const { settings, terminal } = context
  if (demo === null) {
    const temporary = environmentKeys(terminal.environment)
    return openOverlayPool(context, temporary, () => openOrMakeStore(context))
  }
  // The simulated upstream is on this machine, and no proxy reaches it.
  const { site: _, mode: _mode, selected: _selected, proxy: _proxy, ca: _ca, ...rest } = settings
  const upstream = { baseUrl: demo.baseURL, provider: 'siliconflow' } as const
  return openOverlayPool(
    { settings: { ...rest, ...upstream, store: { kind: 'memory' } }, origins: context.origins },
    demo.keys,
    () => openStore({ settings: { store: { kind: 'memory' } }, origins: {} }),
  )
}

/** Applies the key mode. Refuses a mode that excludes every key, because such a server could serve no request. */
async function applyKeyMode({ settings, origins }: ServeContext, pool: KeyPool): Promise<void> {
  const { mode, selected } = settings
  if (mode === undefined || pool.stats().keys.total === 0) return
  try {
    // The pool was opened with both values, so it has checked them.
    await pool.keys.select(mode as KeyMode, selected as readonly string[] | undefined)
  } catch (error) {
    throw withOrigin(error, origins)
  }
}

interface FollowedFile extends AsyncDisposable {
  reload(): Promise<void>
}

/** Reads the key file and follows its changes; null without a key file. */
async function openKeyFile(context: ServeContext, overlay: OverlayPool): Promise<FollowedFile | null> {
  const { settings, terminal } = context
  const { keys: path } = settings
  if (path === undefined || settings.demo) return null
  const file = new KeyFile({ ...overlay, path, terminal, say: context.say })
  // Watched before it is read, so that no change is missed in between.
  const stop = isReadOnce(path) ? () => {} : watchFile(path, () => void file.reload())
  try {
    await file.open()
  } catch (error) {
    stop()
    throw error
  }
  return {
    reload: () => (isReadOnce(path) ? Promise.resolve() : file.reload()),
    [Symbol.asyncDispose]: async () => stop(),
  }
}

async function finish(context: ServeContext, server: Server, timeoutMs: number): Promise<void> {
  const { terminal } = context
  context.say('stopping; running requests may finish, press Ctrl-C again to end them')
  const ending = await shutDown(server, { timeoutMs, ending: terminal.ending })
  if (ending === 'cut') context.say('stopped; requests that were still running were cut')
}
