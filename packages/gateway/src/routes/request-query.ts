import type { OutcomeKind, RequestFilter, RequestQuery } from '@sfpool/core'
import type { ProblemField } from '../http/problem.js'

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

const outcomes: Readonly<Record<OutcomeKind, true>> = {
  success: true,
  'rate-limited': true,
  unauthorized: true,
  'insufficient-balance': true,
  rejected: true,
  'upstream-error': true,
  'network-error': true,
  timeout: true,
  truncated: true,
  aborted: true,
}

const texts = ['model', 'key', 'client', 'address', 'q'] as const
const names = new Set<string>(['status', 'outcome', 'from', 'to', 'limit', 'cursor', 'sort', ...texts])
const longestText = 512
const mostItems = 1_000
const defaultItems = 100

/** Reads what is asked of the request log; as a list of what is wrong when something is. */
export function requestQuery(given: Readonly<Record<string, string>>): RequestQuery | ProblemField[] {
  const wrong: ProblemField[] = []
  const refuse = (path: string, rule: string): void => void wrong.push({ path, rule, received: given[path] })
  for (const name of Object.keys(given))
    if (!names.has(name)) refuse(name, `is not a filter; there are ${[...names].join(', ')}`)
  const filter: Writable<RequestFilter> = {}
  for (const name of texts) {
    const text = given[name]
    if (text === undefined || text === '') continue
    if (text.length > longestText) refuse(name, `must not be longer than ${longestText} characters`)
    else filter[name] = text
  }
  readStatus(given.status, filter, refuse)
  readOutcome(given.outcome, filter, refuse)
  for (const name of ['from', 'to'] as const) {
    const at = instantOf(given[name])
    if (at === null) refuse(name, 'must be an instant as in 2026-10-05T12:00:00Z')
    else if (at !== undefined) filter[name] = at
  }
  const limit = given.limit === undefined ? defaultItems : wholeNumber(given.limit)
  if (limit === null || limit < 1 || limit > mostItems) refuse('limit', `must be from 1 to ${mostItems}`)
  const sort = given.sort ?? '-at'
  if (sort !== 'at' && sort !== '-at') refuse('sort', 'must be at or -at')
  const { cursor } = given
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    refuse('cursor', 'must be the next of a page before')
  if (wrong.length > 0) return wrong
  return { ...filter, limit: limit ?? defaultItems, cursor, order: sort === 'at' ? 'oldest' : 'newest' }
}

type Refuse = (path: string, rule: string) => void

function readStatus(given: string | undefined, filter: Writable<RequestFilter>, refuse: Refuse): void {
  if (given === undefined || given === '') return
  const ranges = given.split(',').map((part) => {
    const [, digits = '', rest = ''] = /^([1-9]\d*)(x{0,2})$/.exec(part.trim()) ?? []
    if (digits.length + rest.length !== 3) return null
    const from = Number(digits.padEnd(3, '0'))
    return { from, to: from + 10 ** rest.length - 1 }
  })
  const found = ranges.filter((range) => range !== null)
  if (found.length < ranges.length) refuse('status', 'must be status codes or classes, as in 200,429,5xx')
  else filter.status = found
}

function readOutcome(given: string | undefined, filter: Writable<RequestFilter>, refuse: Refuse): void {
  if (given === undefined || given === '') return
  const kinds = given.split(',').map((part) => part.trim())
  if (kinds.every((kind): kind is OutcomeKind => Object.hasOwn(outcomes, kind))) filter.outcome = kinds
  else refuse('outcome', `must be one or more of ${Object.keys(outcomes).join(', ')}`)
}

/** Undefined when none is given, null when it is none. */
function instantOf(given: string | undefined): number | null | undefined {
  if (given === undefined || given === '') return undefined
  const at = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(given)
    ? Date.parse(given)
    : Number.NaN
  return Number.isNaN(at) ? null : at
}

const wholeNumber = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null)
