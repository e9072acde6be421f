import type { PoolEmitter } from '../events.js'
import type { Keyring } from '../keyring/keyring.js'
import type { Upstream } from '../relay/attempt/upstream.js'
import { UnsupportedEndpoints } from './probe/unsupported-endpoints.js'
import { StateRecorder } from './state-recorder.js'

/** What checks of keys and refreshes of balances share. */
export interface CheckParts {
  readonly keyring: Keyring
  readonly upstream: Upstream
  readonly recorder: StateRecorder
  readonly unsupported: UnsupportedEndpoints
}

export function checkParts(keyring: Keyring, upstream: Upstream, events: PoolEmitter): CheckParts {
  const recorder = new StateRecorder(keyring, events)
  return { keyring, upstream, recorder, unsupported: new UnsupportedEndpoints() }
}
