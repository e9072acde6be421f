import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { KeyMode, KeyPool } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { PolicyName } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { environmentKeys } from '../input/environment-keys.js'
import { type OverlayPool, openOverlayPool } from '../pool/open-pool.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { withOrigin } from '../pool/with-origin.js'
import { announce } from '../serve/announce.js'
import type { Demo } from '../serve/demo.js'
import { KeyFile } from '../serve/key-file.js'
import { listen, originOf } from '../serve/listen.js'
import { shutDown } from '../serve/shut-down.js'
import { watchFile } from '../serve/watch-file.js'

type ServeSetting =
  | 'host'
  | 'port'
  | 'baseUrl'
  | 'site'
  | 'sites'
  | 'keys'
  | 'clientKey'
  | 'adminKey'
  | 'timeoutConnect'
  | 'timeoutFirstByte'
  | 'timeoutFirstOutput'
  | 'timeoutIdle'
  | 'timeoutTotal'
  | 'checkEvery'
  | 'checkAfterCalls'
  | 'checks'
  | 'maxBody'
  | 'shutdownTimeout'
  | 'logLevel'
  | 'trace'
  | 'demo'
  | PolicyName
type ServeContext = Context<ServeSetting>

/** Longer than clients and load balancers keep idle connections, so that they close a connection, not the server. */
const keepAliveMs = 75_000

/** Serves the pool until the user stops the server. */
export async function serve(context: ServeContext): Promise<ExitCode> {
  const { settings, terminal } = context
  // Checked before anything is opened: with an unsafe address the keys are not even loaded.
  const { assertSafeBinding } = await import('@sfpool/gateway')
  assertSafeBinding(settings.host, { clientKeys: settings.clientKey })
  await using demo = settings.demo ? await openDemo(context) : null
  const overlay = await openServedPool(context, demo)
  await using pool = overlay.pool
  pool.on('store-error', ({ error }) => context.say(`store: ${error.message}`))
  if (demo === null) sayUpstream(context, pool)
  await using keyFile = await openKeyFile(context, overlay)
  if (demo === null) await applyKeyMode(context, pool)
  const { sfpool } = await import('@sfpool/server-adapters/node')
  const handler = sfpool(pool, {
    clientKeys: settings.clientKey,
    // Without a client key, only this separates the user's own programs from a web page in the user's browser.
    localOnly: settings.clientKey === undefined,
    adminKey: settings.adminKey,
    maxBody: settings.maxBody,
    trace: settings.trace,
    logger: settings.logLevel === 'silent' ? false : settings.logLevel,
    reloadKeys: async () => {
      await keyFile?.reload()
      return pool.reload()
    },
  })
  const server = createServer({ keepAliveTimeout: keepAliveMs }, handler).on(
    'checkContinue',
    handler.checkContinue,
  )
  const { port } = await listen(server, settings)
  const origin = originOf(settings.host, port)
  announce(context, { origin, host: settings.host, port, keyCount: pool.keys.list().length })
  if (demo !== null) {
    const { command } = terminal
    context.say(demo.introduction({ origin, command, isGuarded: settings.clientKey !== undefined }))
  }
  if (!terminal.stopping.aborted) await once(terminal.stopping, 'abort')
  await finish(context, server)
  await handler.close()
  return exitCodes.ok
}

/** Flags that choose keys or upstream. The demo brings its own, so they cannot be combined with it. */
const ownKeys = ['keys', 'store', 'baseUrl', 'site'] as const

async function openDemo({ origins }: ServeContext): Promise<Demo> {
  const given = ownKeys.map((name) => origins[name]).find((origin) => origin?.startsWith('--') === true)
  if (given !== undefined) throw new CliError(`--demo serves its own sample keys; remove ${given}`)
  const { startDemo } = await import('../serve/demo.js')
  return startDemo()
}

/** Opens the pool with the keys of the store and the environment, or with the keys of the demo alone. */
function openServedPool(context: ServeContext, demo: Demo | null): Promise<OverlayPool> {
  const { settings, terminal } = context
  if (demo === null) return openOverlayPool(context, environmentKeys(terminal.environment))
  const { site: _, mode: _mode, selected: _selected, ...rest } = settings
  return openOverlayPool(
    { settings: { ...rest, store: { kind: 'memory' }, baseUrl: demo.baseURL }, origins: context.origins },
    demo.keys,
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
  const stop = path === '-' ? () => {} : watchFile(path, () => void file.reload())
  try {
    await file.open()
  } catch (error) {
    stop()
    throw error
  }
  return {
    reload: () => (path === '-' ? Promise.resolve() : file.reload()),
    [Symbol.asyncDispose]: async () => stop(),
  }
}

async function finish(context: ServeContext, server: Server): Promise<void> {
  const { settings, terminal } = context
  context.say('stopping; running requests may finish, press Ctrl-C again to end them')
  const ending = await shutDown(server, { timeoutMs: settings.shutdownTimeout, ending: terminal.ending })
  if (ending === 'cut') context.say('stopped; requests that were still running were cut')
}
