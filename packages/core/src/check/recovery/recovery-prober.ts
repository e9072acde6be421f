import type { Key } from '../../key/key.js'
import { withoutSecret } from '../../key/redact.js'
import { revealSecret } from '../../key/secret.js'
import type { Keyring } from '../../keyring/keyring.js'
import type { Outcome } from '../../outcome/outcome.js'
import type { Upstream } from '../../relay/attempt/upstream.js'
import { probeKey } from '../probe/probe-key.js'
import { RecoverySchedule } from './recovery-schedule.js'

const timeoutMs = 15_000

/** Asks the upstream, by a free request, about each key that is cooling down, once its cooldown is over. */
export class RecoveryProber {
  readonly #scheduler: RecoverySchedule<Outcome>

  constructor(keyring: Keyring, upstream: Upstream) {
    const { keys } = keyring
    this.#scheduler = new RecoverySchedule({
      runtime: upstream.runtime,
      probe: async (id, signal) => {
        const key = keys.get(id)
        if (key === undefined) return { kind: 'aborted' }
        const { site, secret } = key
        const outcome = await probeKey(upstream, { site, token: revealSecret(secret) }, { timeoutMs, signal })
        return withoutSecret(outcome, secret)
      },
      onAnswer: (id, outcome) => {
        const key = keys.get(id)
        if (key !== undefined) keyring.settleProbe(key, outcome)
      },
    })
  }

  /** Schedules the probe of a key for the end of its cooldown. */
  watch({ id, health }: Key): void {
    if (health.status === 'cooling') this.#scheduler.schedule(id, health.until)
  }

  close(): Promise<void> {
    return this.#scheduler.close()
  }
}
