import { expect, it } from 'vitest'
import type { Cost } from './price-book.js'
import { sumOfCosts } from './sum-of-costs.js'

const yuan = (amount: bigint): Cost => ({ amount, currency: 'CNY' })
const dollars = (amount: bigint): Cost => ({ amount, currency: 'USD' })
const unknown: Cost = { unknown: 'no price' }

it.each<[string, Cost, Cost, Cost]>([
  ['amounts of one currency add up', yuan(2n), yuan(3n), yuan(5n)],
  ['nothing in one currency and something in another is that something', yuan(0n), dollars(3n), dollars(3n)],
  ['something in one currency and nothing in another is that something', yuan(2n), dollars(0n), yuan(2n)],
  ['an unknown cost makes the sum unknown', yuan(2n), unknown, unknown],
  ['an unknown cost makes the sum unknown, whichever comes first', unknown, yuan(2n), unknown],
  [
    'two currencies have no sum',
    yuan(2n),
    dollars(3n),
    { unknown: 'the attempts were paid in two currencies' },
  ],
])('%s', (_what, one, other, sum) => {
  expect(sumOfCosts(one, other)).toEqual(sum)
})
