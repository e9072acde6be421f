import type { KeyPool } from '@sfpool/core'
import type { GatewayOptions } from '@sfpool/gateway'

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
  /** Whether body parsers of the framework run before the mounts. */
  readonly parsesBodies?: boolean
  /** A header that the app sets on every answer, before the mounts. */
  readonly header?: readonly [name: string, value: string]
}

/** An app that listens on a loopback port. */
export interface RunningApp {
  readonly port: number
  close(): Promise<void>
}

/** Starts an app in which one adapter mounts the pools. */
export type StartApp = (plan: AppPlan) => Promise<RunningApp>
