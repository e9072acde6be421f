import type { Key } from '../key/key.js'
import { withoutSecret } from '../key/redact.js'
import { revealSecret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import type { Outcome } from '../outcome/outcome.js'
import type { Upstream } from '../relay/attempt/upstream.js'
import { probeKey } from './probe-key.js'
import { ProbeScheduler } from './probe-scheduler.js'

const timeoutMs = 15_000

/** Asks the upstream by a free request about keys in trouble, when their rest is over. */
export class KeyProber {
  readonly #recovery: ProbeScheduler<Outcome>

  constructor(keyring: Keyring, upstream: Upstream) {
    const { keys } = keyring
    this.#recovery = new ProbeScheduler({
      runtime: upstream.runtime,
      probe: async (id, signal) => {
        const key = keys.get(id)
        if (key === undefined) return { kind: 'aborted' }
        const { site, secret } = key
        const outcome = await probeKey(upstream, { site, token: revealSecret(secret) }, { timeoutMs, signal })
        return withoutSecret(outcome, secret)
      },
      learned: (id, outcome) => {
        const key = keys.get(id)
        if (key !== undefined) keyring.settleProbe(key, outcome)
      },
    })
  }

  /** A key that rests: to be asked about at the end of its rest. */
  watch({ id, health }: Key): void {
    if (health.status === 'cooling') this.#recovery.schedule(id, health.until)
  }

  close(): Promise<void> {
    return this.#recovery.close()
  }
}
