/** Times after which a target gives up, so that a run stays short. */
export interface TargetSettings {
  connectMs: number
  /** From the request to the first byte of the answer. */
  firstByteMs: number
  /** From the request to the first output of a stream. */
  firstOutputMs: number
  /** Between two pieces of an answer. */
  idleMs: number
}

export const targetSettings: Readonly<TargetSettings> = Object.freeze({
  connectMs: 1500,
  firstByteMs: 1500,
  firstOutputMs: 2000,
  idleMs: 1500,
})

export interface TargetStart {
  /** The simulator, as `http://127.0.0.1:<port>/v1`. */
  upstreamURL: string
  keys: readonly string[]
  /** The path that the case asks for, below the base URL: some gateways are configured by it. */
  path: string
  settings: TargetSettings
}

/** A gateway that serves the given keys. */
export interface StartedTarget {
  /** Below it are `/chat/completions` and so on. */
  baseURL: string
  /** What every request must carry, such as the client's key. */
  headers: Readonly<Record<string, string>>
  /** Where the keys' states can be read, as `{"items":[{"key":"sk-ab…wxyz","status":"…"}]}`. */
  statusURL?: string
  statusHeaders?: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** What is judged: a way to put a gateway in front of the simulator. */
export interface Target {
  readonly name: string
  /** Starts it; throws `NotApplicableError` where it cannot be started so. Called once per case. */
  start(given: TargetStart): Promise<StartedTarget>
  /** Called once, when all its cases are over. */
  close?(): Promise<void>
  /** The port on which it expects the simulator; such a target takes one case at a time. */
  readonly upstreamPort?: number
  /** The one size of pool that it can have. Default: any. */
  readonly poolSize?: number
}

/** A case that a target cannot be put to; it is skipped, and the message says why. */
export class NotApplicableError extends Error {
  override readonly name = 'NotApplicableError'
}
