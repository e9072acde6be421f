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
