import type { Step } from './step.js'

/** The balances that version 2 kept with the states of accounts, as baselines. */
export function earlierBalances(states: string): string {
  return `SELECT seq, id, coalesce(balance ->> 'at', 0) AS at, json_object('source', balance ->> 'source',
      'amount', balance ->> 'amount', 'funds', NULL, 'currency', balance ->> 'currency',
      'at', balance ->> 'at') AS baseline
    FROM ${states} WHERE balance IS NOT NULL`
}

/**
 * Daily sums of usage, and balances of accounts. The balance that version 2 kept with the state of an account becomes a
 * baseline; its column stays for processes of that version.
 */
export const usageAndBalances: Step = [
  `CREATE TABLE usage (
    book TEXT NOT NULL,
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    part_of TEXT NOT NULL,
    currency TEXT NOT NULL,
    requests INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    images INTEGER NOT NULL,
    cost_whole INTEGER NOT NULL,
    cost_part INTEGER NOT NULL,
    unknown_costs INTEGER NOT NULL,
    PRIMARY KEY (book, day, name, part_of, currency)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE balances (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    baseline TEXT NOT NULL,
    any_whole INTEGER NOT NULL DEFAULT 0,
    any_part INTEGER NOT NULL DEFAULT 0,
    charged_whole INTEGER NOT NULL DEFAULT 0,
    charged_part INTEGER NOT NULL DEFAULT 0,
    unknown_costs INTEGER NOT NULL DEFAULT 0
  ) STRICT`,
  `INSERT INTO balances (id, at, baseline) SELECT id, at, baseline FROM (${earlierBalances('account_states')})`,
]
