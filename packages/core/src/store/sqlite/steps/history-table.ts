import type { Step } from './step.js'

/** The history: what was counted by step of time (`span` is its length in milliseconds), dimension and upstream. */
export const historyTable: Step = [
  `CREATE TABLE history (
    span INTEGER NOT NULL,
    dimension TEXT NOT NULL,
    upstream TEXT NOT NULL,
    at INTEGER NOT NULL,
    tallies TEXT NOT NULL,
    UNIQUE (span, dimension, upstream, at)
  ) STRICT`,
]
