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
  /** What to start from. @default `demoScenario()` */
  scenario?: Scenario
  /** A loopback address. @default '127.0.0.1' */
  host?: string
  /** A port for each site; 0 picks a free one. @default 0 */
  ports?: { cn?: number; com?: number }
  /** The clock, in milliseconds since the epoch. @default Date.now */
  now?: () => number
  /** Chance, in [0, 1). Default: a generator that gives the same numbers in every run. */
  random?: () => number
  /** Default: the global timers. */
  timers?: Timers
}

/** A running simulator. */
export interface Simulator extends Controls {
  readonly sites: Readonly<Record<SiteName, Site>>
  /** The last requests, oldest first; a live view. */
  readonly requests: readonly RecordedRequest[]
  readonly faults: FaultControl
  readonly accounts: AccountControl
  readonly models: ModelControl
  readonly settings: SettingsControl
  clearRequests(): void
  /** Resolves once both sites listen, or refuse, as the `refuse` faults say. */
  ready(): Promise<void>
  /** Stops both sites at once, hanging connections included. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const defaultSeed = 1

/** Starts both sites. Throws a `ScenarioError` for a bad scenario, and what the system says when a port cannot be had. */
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

/** The control API asks for no key, so nobody but this machine may reach it. */
function requireLoopback(host: string): string {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return host
  throw new RangeError(`host must be a loopback address such as 127.0.0.1, received "${host}"`)
}
