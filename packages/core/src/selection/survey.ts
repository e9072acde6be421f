import type { Key, KeyAccount } from '../key/key.js'
import type { Candidate } from '../strategy/strategy.js'
import { boundKeys, chooseBound } from './bound-keys.js'
import { CurrentRequest } from './current-request.js'
import { activeCooldown } from './key-eligibility.js'
import type { KeyRequest } from './key-request.js'
import type { ModelRegistry } from './model-registry.js'
import type { Places } from './places.js'
import type { Quotas } from './quotas.js'
import { type Eligibility, eligibilityOf } from './request-eligibility.js'
import type { Rosters } from './rosters.js'

export interface SurveyParts {
  readonly rosters: Rosters
  readonly models: ModelRegistry
  readonly quotas: Quotas
  readonly places: Places
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, KeyAccount>
}

/** The eligibility of every key for one request. */
export interface Survey {
  /** The key that would serve; null when its strategy cannot foresee it. */
  readonly chosen: Key | undefined | null
  readonly eligibilities: ReadonlyMap<Key, Eligibility>
}

/** Asks every key about a request that is not made, for explanations: it looks at all of them and takes no place. */
export function survey(keyRequest: KeyRequest, now: number, parts: SurveyParts): Survey {
  const { models, accounts, quotas, keys, places } = parts
  const request = new CurrentRequest(models.entryOf(keyRequest.model))
  request.set(keyRequest, request.model, now)
  // A declared limit holds from the first call on, so its quota must exist before any key is looked at.
  for (const account of accounts.values()) quotas.of(account, request.model)
  request.estimate()
  const snapshot = request.snapshot()
  const isFull = places.fullRefusal() !== null
  const eligibilities = new Map<Key, Eligibility>()
  for (const key of keys.values()) {
    const eligibility = eligibilityOf(key, snapshot, places)
    eligibilities.set(key, isFull && eligibility.why === null ? noPlace : eligibility)
  }
  return { chosen: isFull ? undefined : foresee(request, eligibilities, parts), eligibilities }
}

/** Eligible, but all places of the pool are taken. */
const noPlace: Eligibility = { why: 'busy', until: null, detail: null }

/** Returns the key that a pick would choose. It reads the survey instead, because a real pick changes counts. */
function foresee(
  request: CurrentRequest,
  eligibilities: ReadonlyMap<Key, Eligibility>,
  { rosters, places, accounts }: SurveyParts,
): Key | undefined | null {
  const bound = boundKeys(request.asked, { accounts, pacing: places.pacing })
  if (bound !== null) return chooseBound(bound, request, places)
  const isWhy = (why: Eligibility['why']) => (candidate: Candidate) =>
    eligibilities.get(candidate as Key)?.why === why
  const ready = peek(request, rosters, isWhy(null))
  if (ready !== undefined) return ready
  const beyond = mayGoBeyond(request)
    ? peek(
        request,
        rosters,
        (candidate) => isWhy('limited')(candidate) && goesBeyond(candidate as Key, request),
      )
    : undefined
  return beyond === undefined ? peek(request, rosters, isWhy('inferred-cooldown')) : beyond
}

/** Whether a request that finds no key free may go beyond a learned limit now. */
export function mayGoBeyond({ asked, model }: CurrentRequest): boolean {
  return asked.lastResorts > 0 && model.hasLearned && (model.growth?.isOpen(asked.now) ?? true)
}

/** Whether nothing but a learned limit keeps the key from the request. */
function goesBeyond(key: Key, { asked, model, demand }: CurrentRequest): boolean {
  if (activeCooldown(key, model.name, asked.now) !== undefined) return false
  return key.account.quotas.get(model.name)?.mayGoBeyond(demand, asked.now) === true
}

/** Returns the candidate that the request's rosters would pick; null when their strategy cannot foresee it. */
function peek(
  request: CurrentRequest,
  rosters: Rosters,
  accepts: (candidate: Candidate) => boolean,
): Key | undefined | null {
  const { asked, isFree } = request
  const spare = isFree ? rosters.spare.peek(accepts, asked) : undefined
  return spare === undefined ? request.rosterIn(rosters).peek(accepts, asked) : spare
}
