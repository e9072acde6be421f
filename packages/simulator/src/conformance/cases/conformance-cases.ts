import type { ConformanceCase } from '../conformance-case.js'
import { callerCases } from './caller-cases.js'
import { connectionCases } from './connection-cases.js'
import { jsonCases } from './json-cases.js'
import { keyCases } from './key-cases.js'
import { leavingCases } from './leaving-cases.js'
import { onceCases } from './once-cases.js'
import { relayCases } from './relay-cases.js'
import { streamCases } from './stream-cases.js'
import { upstreamCases } from './upstream-cases.js'

/** Every case, group by group, as plain data that can be printed, filtered and changed. */
export const conformanceCases: readonly ConformanceCase[] = Object.freeze([
  ...relayCases,
  ...keyCases,
  ...callerCases,
  ...upstreamCases,
  ...connectionCases,
  ...streamCases,
  ...jsonCases,
  ...onceCases,
  ...leavingCases,
])
