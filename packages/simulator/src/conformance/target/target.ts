/** The timeouts of a target. They are short, so that a run stays short. */
export interface TargetSettings {
  connectMs: number
  /** From the request to the first byte of the answer. */
  firstByteMs: number
  /** From the request to the first output of a stream. */
  firstOutputMs: number
  /** Between two parts of an answer. */
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
  /** The path that the case requests, below the base URL. Some gateways need it for their configuration. */
  path: string
  settings: TargetSettings
}

/** A gateway that serves the given keys. */
export interface StartedTarget {
  /** The base URL, below which are `/chat/completions` and so on. */
  baseURL: string
  /** The headers of every request, such as the client's key. */
  headers: Readonly<Record<string, string>>
  /** The address that reports the states of the keys, as `{"items":[{"key":"sk-ab…wxyz","status":"…"}]}`. */
  statusURL?: string
  statusHeaders?: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** A gateway under test: it can be started in front of the simulator. */
export interface Target {
  readonly name: string
  /** Starts the gateway for a case. Throws `NotApplicableError` when the gateway does not support the case. */
  start(given: TargetStart): Promise<StartedTarget>
  /** Called once after all cases. */
  close?(): Promise<void>
  /** The port on which the gateway expects the simulator. Such a target runs one case at a time. */
  readonly upstreamPort?: number
  /** The only number of keys that the gateway can have. Default: any. */
  readonly poolSize?: number
}

/** The error for a case that a target does not support. The case is skipped, and the message says why. */
export class NotApplicableError extends Error {
  override readonly name = 'NotApplicableError'
}
