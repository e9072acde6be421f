import { expect, it } from 'vitest'
import type { Outcome } from '../../outcome/outcome.js'
import type { Route } from '../../provider/provider.js'
import { errorOf, sentOnceError } from './failure.js'

const safe: Route = { name: 'chat', repeat: 'safe', terminator: 'done' }
const precious: Route = { name: 'images', repeat: 'if-refused', terminator: 'none' }
const network = { fault: 'network' } as const

it.each<[Outcome, Route, number, string, string]>([
  [
    { ...network, kind: 'network-error', message: 'connect ECONNREFUSED' },
    safe,
    3,
    'upstream_unreachable',
    'The upstream could not be reached after 3 attempts: connect ECONNREFUSED',
  ],
  [
    { ...network, kind: 'timeout', phase: 'connect', message: 'no connection in time' },
    precious,
    3,
    'upstream_unreachable',
    'The upstream could not be reached after 3 attempts: no connection in time',
  ],
  [
    { ...network, kind: 'truncated', maybeRan: true, message: 'the answer ended early' },
    safe,
    2,
    'upstream_unreachable',
    'The upstream broke off before its answer was whole after 2 attempts: the answer ended early',
  ],
  [
    { ...network, kind: 'network-error', maybeRan: true, message: 'other side closed' },
    precious,
    1,
    'upstream_unreachable',
    'The upstream broke off before its answer was whole after 1 attempt: other side closed. The call may have run, so it was not made again',
  ],
  [
    { ...network, kind: 'timeout', phase: 'first-byte', maybeRan: true, message: 'no answer in time' },
    safe,
    50,
    'upstream_timeout',
    'The upstream did not answer in time after 50 attempts: no answer in time',
  ],
  [
    { kind: 'aborted', message: 'The request broke off' },
    safe,
    1,
    'request_aborted',
    'The request broke off',
  ],
])('says what happened, and what was done about it: %j', (outcome, route, attempts, code, message) => {
  const error = errorOf(outcome, attempts, route)
  expect(error).toMatchObject({ code, message, attempts })
})

it('says why a body that is sent once got no second attempt, and what to do', () => {
  const error = sentOnceError({ kind: 'unauthorized', fault: 'key' }, 1)
  expect(error).toMatchObject({ code: 'upstream_unreachable', status: 502, attempts: 1 })
  expect(error.message).toMatch(/refused the key that was tried \(unauthorized\).*send the request again$/)
})
