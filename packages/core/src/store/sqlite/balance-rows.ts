import { type Baseline, type FundsText, fundsText, readFunds } from '../../money/balance-estimate.js'
import { formatMoney, isDecimal, type Money, parseMoney } from '../../money/decimal.js'
import type { StoredBalance, UsageBatch } from '../stored-usage.js'
import { accountExists } from './account-rows.js'
import { inParts } from './in-parts.js'
import { joinMoney, splitMoney, unit } from './money-columns.js'
import { decodeRows, encodeRows, type RowFormat, selectRows } from './rows.js'
import type { SqlSession } from './sql-port.js'

const columns =
  'upstream, id, json(baseline), any_whole, any_part, charged_whole, charged_part, unknown_costs'

/** A baseline as it is stored: amounts as texts. */
interface BaselineText extends Omit<Baseline, 'amount' | 'funds'> {
  readonly amount: string | null
  readonly funds: FundsText | null
}

type BalanceRow = readonly [
  seq: number,
  upstream: string,
  id: string,
  baseline: BaselineText,
  anyWhole: number,
  anyPart: number,
  chargedWhole: number,
  chargedPart: number,
  unknownCosts: number,
]

export const balanceRows: RowFormat<StoredBalance> = {
  // Of two baselines the later one holds, in whatever order they are written.
  write: `
    INSERT INTO balances (upstream, id, at, baseline, any_whole, any_part, charged_whole, charged_part, unknown_costs)
    SELECT value ->> 0, value ->> 1, value ->> 2, value -> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
      value ->> 8
    FROM json_each(?) WHERE ${accountExists('value ->> 0', 'value ->> 1')}
    ON CONFLICT (upstream, id) DO UPDATE SET at = excluded.at, baseline = excluded.baseline, any_whole = excluded.any_whole,
      any_part = excluded.any_part, charged_whole = excluded.charged_whole, charged_part = excluded.charged_part,
      unknown_costs = excluded.unknown_costs
    WHERE excluded.at >= balances.at`,
  read: selectRows('balances', columns),
  toRow: ({ upstream, id, baseline, spent }) => [
    upstream,
    id,
    baseline.at ?? 0,
    textOf(baseline),
    ...splitMoney(spent.any),
    ...splitMoney(spent.charged),
    spent.unknown,
  ],
  fromRow: ([
    ,
    upstream,
    id,
    baseline,
    anyWhole,
    anyPart,
    chargedWhole,
    chargedPart,
    unknown,
  ]: BalanceRow) => ({
    upstream,
    id,
    baseline: baselineOf(baseline),
    spent: { any: joinMoney(anyWhole, anyPart), charged: joinMoney(chargedWhole, chargedPart), unknown },
  }),
}

/** Takes a JSON array of rows. The spending of several processes adds up. */
const add = `
  UPDATE balances SET
    any_whole = balances.any_whole + given.any_whole + (balances.any_part + given.any_part) / ${unit},
    any_part = (balances.any_part + given.any_part) % ${unit},
    charged_whole = balances.charged_whole + given.charged_whole
      + (balances.charged_part + given.charged_part) / ${unit},
    charged_part = (balances.charged_part + given.charged_part) % ${unit},
    unknown_costs = balances.unknown_costs + given.unknown_costs
  FROM (SELECT value ->> 0 AS upstream, value ->> 1 AS id, sum(value ->> 2) AS any_whole,
    sum(value ->> 3) AS any_part, sum(value ->> 4) AS charged_whole, sum(value ->> 5) AS charged_part,
    sum(value ->> 6) AS unknown_costs
    FROM json_each(?) GROUP BY 1, 2) AS given
  WHERE balances.upstream = given.upstream AND balances.id = given.id`

/** Takes a JSON array of pairs of upstream and id. */
const read = `
  SELECT CAST(json_group_array(json_array(seq, ${columns})) AS BLOB) AS rows
  FROM balances WHERE (upstream, id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`

/** Adds spending to the balances of its accounts, and resolves with those balances as they are now. */
export async function addSpending(session: SqlSession, spent: UsageBatch['spent']): Promise<StoredBalance[]> {
  const balances: StoredBalance[] = []
  await inParts(spent, async (part) => {
    const rows = part.map(({ upstream, id, any, charged, unknown }) => [
      upstream,
      id,
      ...splitMoney(any),
      ...splitMoney(charged),
      unknown,
    ])
    await session.write(add, [encodeRows(rows)])
    const ids = encodeRows(part.map(({ upstream, id }) => [upstream, id]))
    const [found] = await session.rows(read, [ids])
    for (const row of decodeRows(found?.rows)) balances.push(balanceRows.fromRow(row as never))
  })
  return balances
}

const textOf = ({ amount, funds, ...rest }: Baseline): BaselineText => ({
  ...rest,
  amount: amount === null ? null : formatMoney(amount),
  funds: fundsText(funds),
})

/** Reads a stored baseline. A text that is no amount makes it unknown: earlier versions checked less. */
function baselineOf({ amount, funds, ...rest }: BaselineText): Baseline {
  const known = readAmount(amount)
  return { ...rest, amount: known, funds: known === null ? null : readFunds(funds) }
}

const readAmount = (text: string | null): Money | null =>
  text !== null && isDecimal(text) ? parseMoney(text) : null
