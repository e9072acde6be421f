import { records } from './records.js'
import type { Step } from './step.js'
import { upstreams } from './upstreams.js'

export const upstreamsAndRecords: Step = [...upstreams, ...records]
