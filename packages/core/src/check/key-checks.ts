import { fingerprint } from '../key/fingerprint.js'
import type { Key } from '../key/key.js'
import { revealSecret } from '../key/secret.js'
import { maskToken } from '../mask.js'
import { accountBalanceView, reportedBalanceView } from './balance-views.js'
import { CheckPace } from './batch/check-pace.js'
import { CheckRetries, type CheckSubject } from './batch/check-retries.js'
import { Delayed, runBatch } from './batch/run-batch.js'
import { type CheckedCheckOptions, type CheckOptions, checkCheckOptions } from './check-options.js'
import type { CheckParts } from './check-parts.js'
import { accountRuling } from './probe/account-ruling.js'
import { Checker, type Finding } from './probe/checker.js'
import { stateChangeOf } from './state-change-of.js'
import type { Verdict } from './verdict.js'

/** A subject in the list of a check. */
interface ListedSubject extends CheckSubject {
  readonly index: number
  /** The pool's key, when the pool holds the token. */
  readonly key: Key | undefined
}

/** Asks the upstream about keys, gives verdicts, and records what it found out about the pool's own keys. */
export class KeyChecks {
  readonly #parts: CheckParts

  constructor(parts: CheckParts) {
    this.#parts = parts
  }

  /** Checks keys a few at a time, and yields verdicts as they come. Keeps nothing about keys that have a verdict. */
  check(options: CheckOptions): AsyncGenerator<Verdict> {
    const { runtime, provider } = this.#parts.upstream
    const checked = checkCheckOptions(options, provider)
    const retries = this.#retries(checked)
    return runBatch(
      this.#subjects(checked),
      async (subject, signal) => {
        const finding = await retries.try(subject, signal)
        return finding instanceof Delayed ? finding : this.#verdict(subject, finding)
      },
      checked,
      runtime,
    )
  }

  #retries({ probe, model, limits }: CheckedCheckOptions): CheckRetries {
    const { upstream, unsupported } = this.#parts
    const { runtime } = upstream
    const checker = new Checker({ upstream, probe, model, unsupported })
    return new CheckRetries({ checker, limits, runtime, pace: new CheckPace(runtime) })
  }

  async *#subjects({ keys, site }: CheckedCheckOptions): AsyncGenerator<ListedSubject> {
    const { keyring, upstream } = this.#parts
    let index = 0
    for await (const given of keys ?? this.#ownTokens()) {
      const token = given.trim()
      const key = keyring.keys.get(fingerprint(token))
      const at = key?.site ?? site ?? upstream.provider.site
      yield { index: index++, token, site: at, key, ...untried }
    }
  }

  *#ownTokens(): Generator<string> {
    const keys = Array.from(this.#parts.keyring.keys.values())
    for (const key of keys) if (key.isHeld) yield revealSecret(key.secret)
  }

  #verdict(subject: ListedSubject, finding: Finding): Verdict {
    const { index, token, site, key } = subject
    const { reported } = finding
    const { provider } = this.#parts.upstream
    if (key?.isHeld === true) this.#record(key, finding)
    const common = { index, id: key?.id ?? fingerprint(token), key: maskToken(token), site }
    if (key !== undefined)
      return {
        ...accountRuling(finding, key.account),
        ...common,
        balance: accountBalanceView(key.account, provider),
      }
    return {
      ...finding.ruling,
      ...common,
      balance: reported === null ? null : reportedBalanceView(reported.balance),
    }
  }

  #record(key: Key, finding: Finding): void {
    const { recorder, upstream } = this.#parts
    const { provider, runtime } = upstream
    if (finding.reported !== null) recorder.recordBalance(key, finding.reported)
    const change = stateChangeOf(key, finding, { provider, now: runtime.now() })
    if (change !== null) recorder.recordChange(key, change)
  }
}

const untried = { failures: 0, refusals: 0, startedAt: null, finding: null } as const
