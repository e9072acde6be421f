// @ts-check
import { moneyDay } from '../day/money-day.mjs'

const day = { seed: 20_261_121, hours: 24, callsPerHour: 500 }

/** @type {import('./request-bench.mjs').Bench} */
export const moneyBench = {
  name: 'money',
  method: () =>
    `A day of ${day.hours * day.callsPerHour} calls through a pool to the simulator, over sockets, with a virtual clock: 18 accounts with every kind of money,
chat, streams that clients leave, thinking, cached input, time-of-day prices, embeddings, images, speech, videos. The
balance endpoint answers 410: the pool knows the entered balances, its price lists and the answers to its calls. Two
accounts are topped up at noon, and the operator enters the amounts. "truth" is the balance in the simulator's own ledger.`,
  run: measure,
}

/** @returns {Promise<import('./request-bench.mjs').BenchResult>} */
async function measure() {
  const startedAt = performance.now()
  const found = await moneyDay(day)
  const seconds = (performance.now() - startedAt) / 1000
  return {
    head: ['account', 'had', 'truth', 'estimate', 'off by'],
    rows: found.accounts.map(({ id, had, truth, estimate }) => [
      id,
      had.toFixed(2),
      truth.toFixed(6),
      estimate === null ? 'unknown' : estimate.toFixed(6),
      estimate === null ? '' : `${((Math.abs(estimate - truth) / had) * 100).toFixed(4)} %`,
    ]),
    notes: [
      `${found.calls} calls, ${found.served} served, ${found.spent.toFixed(2)} spent, in ${seconds.toFixed(0)} s`,
      `accounts found empty, of all or of recharged money: ${found.found}; answers 402: ${found.refusals}, of which ${found.trials} were trials after a cooldown and ${found.underWay} running when the account was found empty`,
      `calls of unknown cost: ${found.unknownCosts}; the known costs differ by ${(found.ledgerError * 100).toFixed(4)} %`,
      promise('one refused call finds an empty account', found.wasted === 0, `${found.wasted} more calls`),
      promise(
        'every empty account is known to be empty',
        found.unnoticed === 0,
        `${found.unnoticed} are not`,
      ),
      promise(
        'estimates are within 1 %',
        found.worstError < 0.01,
        `the worst one differs by ${(found.worstError * 100).toFixed(4)} %`,
      ),
    ],
    figures: [{ ...found, seconds }],
  }
}

/** @param {string} what @param {boolean} isKept @param {string} figure */
const promise = (what, isKept, figure) => `${isKept ? 'kept' : 'BROKEN'}: ${what} (${figure})`
