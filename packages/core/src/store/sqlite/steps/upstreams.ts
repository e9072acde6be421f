import { defaultUpstream } from '../../default-upstream.js'
import type { Step } from './step.js'

const column = `upstream TEXT NOT NULL DEFAULT '${defaultUpstream}'`

const usageSums = `requests, successes, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, images, cost_whole,
  cost_part, unknown_costs`

/**
 * What belongs to which upstream: accounts, models and sums of two upstreams may have the same names. Tables whose
 * unique columns change are made anew. A process of an earlier version, which may have the file open at this moment,
 * cannot write states of accounts and usage from now on: its statements fail, and change nothing.
 */
export const upstreams: Step = [
  `ALTER TABLE keys ADD COLUMN ${column}`,

  `CREATE TABLE account_states_by_upstream (
    seq INTEGER PRIMARY KEY,
    ${column},
    id TEXT NOT NULL,
    health TEXT NOT NULL,
    cooldowns TEXT NOT NULL,
    quotas TEXT NOT NULL,
    UNIQUE (upstream, id)
  ) STRICT`,
  `INSERT INTO account_states_by_upstream (seq, id, health, cooldowns, quotas)
    SELECT seq, id, health, cooldowns, quotas FROM account_states`,
  'DROP TABLE account_states',
  'ALTER TABLE account_states_by_upstream RENAME TO account_states',

  `CREATE TABLE balances_by_upstream (
    seq INTEGER PRIMARY KEY,
    ${column},
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    baseline TEXT NOT NULL,
    any_whole INTEGER NOT NULL DEFAULT 0,
    any_part INTEGER NOT NULL DEFAULT 0,
    charged_whole INTEGER NOT NULL DEFAULT 0,
    charged_part INTEGER NOT NULL DEFAULT 0,
    unknown_costs INTEGER NOT NULL DEFAULT 0,
    UNIQUE (upstream, id)
  ) STRICT`,
  `INSERT INTO balances_by_upstream
      (seq, id, at, baseline, any_whole, any_part, charged_whole, charged_part, unknown_costs)
    SELECT seq, id, at, baseline, any_whole, any_part, charged_whole, charged_part, unknown_costs FROM balances`,
  'DROP TABLE balances',
  'ALTER TABLE balances_by_upstream RENAME TO balances',

  `CREATE TABLE usage_by_upstream (
    book TEXT NOT NULL,
    day INTEGER NOT NULL,
    ${column},
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
    PRIMARY KEY (book, day, upstream, name, part_of, currency)
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO usage_by_upstream (book, day, name, part_of, currency, ${usageSums})
    SELECT book, day, name, part_of, currency, ${usageSums} FROM usage`,
  'DROP TABLE usage',
  'ALTER TABLE usage_by_upstream RENAME TO usage',
]
