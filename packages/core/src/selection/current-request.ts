import type { Demand } from '../limit/meters.js'
import type { NeededFunds } from '../money/funds.js'
import type { KeyRequest } from './key-request.js'
import type { ModelEntry } from './model-registry.js'
import type { RequestSnapshot } from './request-eligibility.js'
import type { Roster } from './roster.js'
import type { Rosters } from './rosters.js'

/** The request that a key is being picked for. The selector uses one over and over, so that a pick allocates nothing. */
export class CurrentRequest {
  asked: KeyRequest = noRequest
  model: ModelEntry
  readonly #demand = { tokens: 0, images: 0 }

  constructor(model: ModelEntry) {
    this.model = model
  }

  set(keyRequest: KeyRequest, model: ModelEntry, now: number): void {
    keyRequest.now = now
    this.asked = keyRequest
    this.model = model
    this.estimate()
  }

  /** What the request takes of the limits. */
  get demand(): Demand {
    return this.#demand
  }

  get isFree(): boolean {
    return this.asked.isFree || this.model.needs === 'nothing'
  }

  /** Returns the roster of the rule that the request falls under. */
  rosterIn(rosters: Rosters): Roster {
    return this.model.roster ?? rosters.ofRequest(this.isFree, this.asked)
  }

  needsOn(site: string): NeededFunds {
    return this.asked.isFree ? 'nothing' : this.model.needsOn(site)
  }

  /** Estimates the demand. The output limit is read from the body, so only where the model counts tokens. */
  estimate(): void {
    const { asked, model } = this
    const maxOutput = model.countsTokens ? asked.maxOutput : null
    this.#demand.tokens = model.expectedTokens(asked.promptTokens, maxOutput)
    this.#demand.images = asked.images
  }

  /** Returns a copy that does not change with the next request. */
  snapshot(): RequestSnapshot {
    const { asked, model: entry } = this
    const { model, now, tried, account, isFree } = asked
    return {
      model,
      now,
      tried,
      account,
      demand: { ...this.#demand },
      access: entry.access,
      needsOn: (site) => (isFree ? 'nothing' : entry.needsOn(site)),
    }
  }
}

/** Stands where no request has come yet. */
const noRequest: KeyRequest = {
  model: '',
  now: 0,
  session: null,
  tried: null,
  lastResorts: 0,
  account: null,
  promptTokens: 0,
  maxOutput: null,
  images: 0,
  isStream: false,
  isFree: false,
}
