import { successRate } from './high-success-rate.js'
import { exactSize } from './scored/sampled-ranking.js'
import { scored } from './scored/scored.js'
import type { Entry, Scoring } from './scored/scoring.js'
import type { Candidate, Strategy } from './strategy.js'

/** The weight of each part of the score; at least 0, and in sum above 0. */
export interface ScoreWeights {
  /** Balance: full score from 14 upwards in the account's currency, 0 when the balance is unknown. */
  readonly balance: number
  /** The share of attempts that ended well; 1 before the first one has ended. */
  readonly success: number
  /** How far the requests of the last minute are below the highest among those compared. */
  readonly rpm: number
  /** How far the tokens of the last minute are below the highest among those compared. */
  readonly tpm: number
  /** How far the count of all requests is below the highest among those compared. */
  readonly usage: number
}

export const defaultScoreWeights: ScoreWeights = Object.freeze({
  balance: 0.4,
  success: 0.3,
  rpm: 0.15,
  tpm: 0.15,
  usage: 0,
})

/** The balance of a new account: more gives no higher score. */
const fullBalance = 14

/**
 * Picks the key with the highest score. Weights need not sum to 1. When some are given, those left out are 0: the score
 * of `{ success: 0.7, usage: 0.3 }` has two parts.
 */
export function weightedScore(
  chance: () => number,
  weights: Partial<ScoreWeights> = defaultScoreWeights,
): Strategy {
  return scored(chance, scoring(normalised(weights)))
}

function normalised({
  balance = 0,
  success = 0,
  rpm = 0,
  tpm = 0,
  usage = 0,
}: Partial<ScoreWeights>): ScoreWeights {
  const sum = balance + success + rpm + tpm + usage
  return {
    balance: balance / sum,
    success: success / sum,
    rpm: rpm / sum,
    tpm: tpm / sum,
    usage: usage / sum,
  }
}

function scoring(weights: ScoreWeights): Scoring {
  const rpms = new Float64Array(exactSize)
  const tpms = new Float64Array(exactSize)
  const usages = new Float64Array(exactSize)

  return {
    writeCosts({ compared, costs, count }, now) {
      let maxRpm = 0
      let maxTpm = 0
      let maxUsage = 0
      for (let place = 0; place < count; place++) {
        const { candidate } = compared[place] as Entry
        // A figure of weight 0 is not read.
        const rpm = weights.rpm > 0 ? candidate.rpm(now) : 0
        const tpm = weights.tpm > 0 ? candidate.tpm(now) : 0
        const usage = weights.usage > 0 ? candidate.requests : 0
        if (rpm > maxRpm) maxRpm = rpm
        if (tpm > maxTpm) maxTpm = tpm
        if (usage > maxUsage) maxUsage = usage
        rpms[place] = rpm
        tpms[place] = tpm
        usages[place] = usage
        costs[place] = -(weights.balance * balanceShare(candidate) + weights.success * successRate(candidate))
      }
      for (let place = 0; place < count; place++) {
        const ofRates =
          weights.rpm * room(rpms[place] as number, maxRpm) +
          weights.tpm * room(tpms[place] as number, maxTpm) +
          weights.usage * room(usages[place] as number, maxUsage)
        costs[place] = (costs[place] as number) - ofRates
      }
    },
  }
}

/** How far a figure is below the highest, from 0 to 1; 1 when all figures are 0. */
const room = (figure: number, highest: number): number => (highest === 0 ? 1 : 1 - figure / highest)

const balanceShare = ({ balance }: Candidate): number =>
  balance === null || balance <= 0 ? 0 : Math.min(1, balance / fullBalance)
