import * as v from 'valibot'
import { isErrorName } from '../errors/error-samples.js'
import { count, duration, flag, isHeaderName, isHeaderValue, oneOf, opt, text } from '../scenario/checks.js'
import type { Fault } from './fault.js'

const status = v.pipe(count, v.minValue(200, 'must be 200 to 599'), v.maxValue(599, 'must be 200 to 599'))
const headers = v.record(
  v.pipe(v.string(), v.check(isHeaderName, 'must be the name of a header')),
  v.pipe(v.string('must be a string'), v.check(isHeaderValue, 'must be the value of a header')),
  'must map header names to strings',
)
const errorName = v.custom<Extract<Fault, { kind: 'error' }>['name']>(
  (name) => typeof name === 'string' && isErrorName(name),
  'must be the name of an error sample',
)
const places = ['before-headers', 'after-headers', 'mid-body'] as const
const within = opt(oneOf('event', 'character'))
const position = { at: oneOf('upload', ...places), afterEvents: opt(count), executed: opt(flag), within }
const early = opt(oneOf('upload'))
const encoding = oneOf('gzip', 'br', 'deflate')

export const faultSchema: v.GenericSchema<unknown, Fault> = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('error'), name: errorName, status: opt(status), at: early }),
    v.strictObject({
      kind: v.literal('answer'),
      status,
      headers: opt(headers),
      body: opt(v.unknown()),
      at: early,
    }),
    v.strictObject({ kind: v.literal('refuse') }),
    v.strictObject({
      ...position,
      kind: v.literal('reset'),
      at: oneOf('connect', 'upload', ...places),
    }),
    v.strictObject({ ...position, kind: v.literal('close') }),
    v.strictObject({ ...position, kind: v.literal('hang') }),
    v.strictObject({ kind: v.literal('truncate'), afterEvents: opt(count), within }),
    v.strictObject({
      kind: v.literal('error-event'),
      name: errorName,
      afterEvents: opt(count),
      shape: opt(oneOf('bare', 'wrapped')),
      ending: opt(oneOf('end', 'done', 'close')),
    }),
    v.strictObject({
      kind: v.literal('empty-reply'),
      reply: oneOf('content', 'choices', 'reasoning', 'role'),
    }),
    v.strictObject({ kind: v.literal('failed-video'), reason: opt(text) }),
    v.strictObject({ kind: v.literal('delay'), at: oneOf(...places), ms: duration, afterEvents: opt(count) }),
    v.strictObject({ kind: v.literal('chunks'), cut: oneOf('utf8', 'bytes', 'random') }),
    v.strictObject({ kind: v.literal('compress'), encoding }),
    v.strictObject({ kind: v.literal('headers'), headers }),
  ],
  'must be a fault of a known kind',
)
