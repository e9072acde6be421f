import type { KeyPool } from '@sfpool/core'
import type { GatewayOptions } from '@sfpool/gateway'
import { describe } from 'vitest'
import { bodiesContract } from './bodies-contract.js'
import { mountingContract } from './mounting-contract.js'
import { refusalsContract } from './refusals-contract.js'
import { relayingContract } from './relaying-contract.js'
import { streamingContract } from './streaming-contract.js'

/** A pool in an app: at a path, or everywhere when the path is empty. */
interface Mount {
  readonly path: string
  readonly pool: KeyPool
  readonly options?: GatewayOptions
}

/**
 * An app as a user of the framework would write it: routes of its own (`GET /hello` says "hello", `POST /echo`
 * returns the `text` field of its JSON body), then the mounts.
 */
export interface AppPlan {
  readonly mounts: readonly Mount[]
  /** Parsers of the framework read every body before the mounts see it. */
  readonly parsesBodies?: boolean
  /** A header that the app sets on every answer, before the mounts. */
  readonly header?: readonly [name: string, value: string]
}

export interface RunningApp {
  readonly port: number
  close(): Promise<void>
}

/** How one adapter is put to use. */
export type StartApp = (plan: AppPlan) => Promise<RunningApp>

/** What every adapter must do. Each is run against a real server of its framework and the simulator as upstream. */
export function adapterContract(name: string, start: StartApp): void {
  describe(name, () => {
    relayingContract(start)
    bodiesContract(start)
    streamingContract(start)
    refusalsContract(start)
    mountingContract(start)
  })
}
