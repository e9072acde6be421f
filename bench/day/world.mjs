// @ts-check
import { MeterSet } from '@sfpool/simulator'

/**
 * @typedef {object} DayModel
 * @property {string} name
 * @property {import('@sfpool/simulator').Limits} limits of an account of level 1, hidden from the pools
 * @property {readonly [number, number]} latencyMs of the shortest and the longest answer
 * @property {number} tokens of an average call; single calls use from a third to five thirds of it
 * @property {number} images
 *
 * @typedef {object} DayAccount
 * @property {string} id
 * @property {number} level multiplies the limits
 * @property {readonly string[]} keys
 */

/** Five models with limits of different kinds. */
export const models = /** @type {readonly DayModel[]} */ ([
  { name: 'chat-small', limits: { rpm: 12 }, latencyMs: [1_000, 4_000], tokens: 600, images: 0 },
  { name: 'chat-large', limits: { rpm: 5 }, latencyMs: [5_000, 30_000], tokens: 2_500, images: 0 },
  {
    name: 'chat-tokens',
    limits: { rpm: 60, tpm: 40_000 },
    latencyMs: [2_000, 10_000],
    tokens: 2_000,
    images: 0,
  },
  { name: 'hourly', limits: { rph: 120 }, latencyMs: [1_000, 3_000], tokens: 400, images: 0 },
  { name: 'images', limits: { ipm: 2, ipd: 1_500 }, latencyMs: [4_000, 12_000], tokens: 0, images: 1 },
])

/** 20 accounts of three levels with 1 to 4 keys each, 50 in all. */
export const accounts = Array.from({ length: 20 }, (_, index) => ({
  id: `account-${index + 1}`,
  level: [1, 1, 2, 3][index % 4] ?? 1,
  keys: Array.from({ length: [1, 2, 3, 4][index % 4] ?? 1 }, (_, key) => fakeKey(index + 1, key + 1)),
}))

/** @param {number} account @param {number} key */
function fakeKey(account, key) {
  return `sk-fakeday${String(account).padStart(12, '0')}${String(key).padStart(12, '0')}`
}

/** @param {DayModel} model @param {DayAccount} account */
export function limitsOf({ limits }, { level }) {
  return Object.fromEntries(Object.entries(limits).map(([meter, limit]) => [meter, limit * level]))
}

/**
 * The platform of a day: the simulator's own meters, without sockets. `metering`: tokens count when a call ends, or are
 * reserved when it begins and corrected at its end. It is unknown which of these the real platform does.
 */
export class Platform {
  /** @type {Map<string, { meters: MeterSet, limits: import('@sfpool/simulator').Limits }>} */
  #places = new Map()
  #window
  #metering
  calls = 0
  refusals = 0
  /** @type {Map<string, number>} the number of admitted calls, by account and model */
  served = new Map()

  /** @param {{ window: import('@sfpool/simulator').WindowKind, metering: 'after' | 'reserve' }} rules */
  constructor({ window, metering }) {
    this.#window = window
    this.#metering = metering
  }

  /**
   * Admits and counts a call, or returns the name of the full meter.
   * @param {DayAccount} account
   * @param {DayModel} model
   * @param {number} now
   * @returns {{ refusedBy: import('@sfpool/simulator').MeterName | null, reservation: import('@sfpool/simulator').TokenReservation }}
   */
  call(account, model, now) {
    this.calls++
    const { meters, limits, demand } = this.#ask(account, model)
    const overflow = meters.overflow(limits, demand, now)
    if (overflow !== undefined) {
      this.refusals++
      return { refusedBy: overflow.meter, reservation: [] }
    }
    const reservation = meters.count(limits, demand, now)
    const place = `${account.id} ${model.name}`
    this.served.set(place, (this.served.get(place) ?? 0) + 1)
    return { refusedBy: null, reservation }
  }

  /**
   * Counts the actual usage of a call that has ended.
   * @param {DayAccount} account
   * @param {DayModel} model
   * @param {{ tokens: number, now: number, reservation: import('@sfpool/simulator').TokenReservation }} used
   */
  end(account, model, { tokens, now, reservation }) {
    for (const { window, slot } of reservation) window.amend(slot, tokens - model.tokens, now)
    if (this.#metering === 'reserve' || tokens === 0) return
    const { meters, limits } = this.#ask(account, model)
    meters.count(limits, { requests: 0, tokens, images: 0 }, now)
  }

  /** Whether a call would be admitted. @param {DayAccount} account @param {DayModel} model @param {number} now */
  hasRoom(account, model, now) {
    const { meters, limits, demand } = this.#ask(account, model)
    return meters.overflow(limits, demand, now) === undefined
  }

  /** @param {DayAccount} account @param {DayModel} model */
  #ask(account, model) {
    const name = `${account.id} ${model.name}`
    const place = this.#places.get(name) ?? {
      meters: new MeterSet(this.#window),
      limits: limitsOf(model, account),
    }
    this.#places.set(name, place)
    return {
      ...place,
      demand: { requests: 1, tokens: this.#metering === 'reserve' ? model.tokens : 0, images: model.images },
    }
  }
}
