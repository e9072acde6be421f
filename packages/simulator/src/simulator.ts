import type { SiteName } from './catalogue/model.js'
import type {
  AccountControl,
  Controls,
  FaultControl,
  ModelControl,
  SettingsControl,
} from './control/controls.js'
import { type Site, SiteServer } from './http/site-server.js'
import type { RecordedRequest } from './record/recorded-request.js'
import { type Runtime, seededRandom, systemTimers, type Timers } from './runtime.js'
import { demoScenario } from './scenario/demo-scenario.js'
import { parseScenario } from './scenario/parse.js'
import type { Scenario } from './scenario/scenario.js'
import { createWorld } from './world.js'

export interface SimulatorOptions {
  /** The scenario to start with. @default `demoScenario()` */
  scenario?: Scenario
  /** The loopback address to listen on. @default '127.0.0.1' */
  host?: string
  /** The port of each site; 0 picks a free one. @default 0 */
  ports?: { cn?: number; com?: number }
  /** The clock, in milliseconds since the epoch. @default Date.now */
  now?: () => number
  /** The source of random numbers in [0, 1). Default: a generator that gives the same numbers in every run. */
  random?: () => number
  /** The timers. Default: the global timers. */
  timers?: Timers
}

/** A running simulator. */
export interface Simulator extends Controls {
  readonly sites: Readonly<Record<SiteName, Site>>
  /** A live view of the last requests, oldest first. */
  readonly requests: readonly RecordedRequest[]
  readonly faults: FaultControl
  readonly accounts: AccountControl
  readonly models: ModelControl
  readonly settings: SettingsControl
  clearRequests(): void
  /** Resolves once both sites listen or refuse connections, as the `refuse` faults say. */
  ready(): Promise<void>
  /** Stops both sites at once, including hanging connections. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const defaultSeed = 1

/** Starts both sites. Throws a `ScenarioError` for a bad scenario, and the system's error when a port is not available. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = requireLoopback(options.host ?? '127.0.0.1')
  const runtime: Runtime = {
    now: options.now ?? Date.now,
    random: options.random ?? seededRandom(defaultSeed),
    timers: options.timers ?? systemTimers,
  }
  const servers: SiteServer[] = []
  const world = createWorld(parseScenario(options.scenario ?? demoScenario()), runtime, () => {
    for (const server of servers) server.applyRefusal()
  })
  const openSite = (name: SiteName): SiteServer => {
    const server = new SiteServer({ world, name, host, port: options.ports?.[name] ?? 0 })
    servers.push(server)
    return server
  }
  const sites = { cn: openSite('cn'), com: openSite('com') }
  const close = async (): Promise<void> => {
    world.timerSet.clear()
    await Promise.all(servers.map((server) => server.close()))
  }
  try {
    await Promise.all(servers.map((server) => server.open()))
  } catch (error) {
    await close()
    throw error
  }
  return {
    ...world.controls,
    sites,
    get requests() {
      return world.recorder.requests
    },
    clearRequests: () => world.recorder.clear(),
    ready: async () => {
      await Promise.all(servers.map((server) => server.ready()))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Requires a loopback address: the control API needs no key, so only this machine may reach it. */
function requireLoopback(host: string): string {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return host
  throw new RangeError(`host must be a loopback address such as 127.0.0.1, received "${host}"`)
}
