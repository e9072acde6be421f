import * as v from 'valibot'
import { type Model, modelQuirks } from '../catalogue/model.js'
import { phaseOf } from '../faults/fault.js'
import type { FaultRuleInput } from '../faults/fault-rule.js'
import { faultSchema } from '../faults/fault-schema.js'
import { amount, count, duration, flag, isHeaderValue, oneOf, opt, text } from './checks.js'
import type { AccountInput, Scenario } from './scenario.js'
import type { Settings } from './settings.js'

type Schema<Output> = v.GenericSchema<unknown, Output>

const site = oneOf('cn', 'com')
const regime = oneOf('classic', 'current')
const usage = oneOf('every-chunk', 'trailing', 'finish')
const encodings = ['gzip', 'br', 'deflate'] as const

const limits = v.strictObject(
  {
    rpm: opt(count),
    rph: opt(count),
    rpd: opt(count),
    tpm: opt(count),
    tpd: opt(count),
    ipm: opt(count),
    ipd: opt(count),
  },
  'must hold only rpm, rph, rpd, tpm, tpd, ipm and ipd',
)

const secret = v.pipe(
  v.string('must be a string'),
  v.regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable characters without spaces'),
)
const key = v.union(
  [secret, v.strictObject({ secret, status: opt(oneOf('ok', 'revoked')) })],
  'must be a key without spaces, or an object with secret and status',
)

const accountFields = {
  status: opt(oneOf('ok', 'disabled', 'unverified', 'expired')),
  level: opt(v.pipe(count, v.maxValue(5, 'must be 0 to 5'))),
  money: opt(
    v.strictObject(
      { gift: opt(amount), voucher: opt(amount), charged: opt(amount) },
      'must hold only gift, voucher and charged',
    ),
  ),
  limits: opt(v.record(v.string(), limits, 'must map models to limits')),
}
const keys = v.array(key, 'must be a list of keys')

export const accountSchema: Schema<AccountInput> = v.strictObject(
  { id: text, site: opt(site), keys, ...accountFields },
  'must be an account: id, keys, and optionally site, status, level, money, limits',
)

export const accountPatchSchema: Schema<Partial<Omit<AccountInput, 'id' | 'site'>>> = v.strictObject(
  { keys: opt(keys), ...accountFields },
  'may hold only status, level, keys, money and limits',
)

const hour = v.pipe(count, v.maxValue(24, 'must be 0 to 24'))
const priceLine = v.strictObject(
  {
    input: opt(amount),
    cachedInput: opt(amount),
    output: opt(amount),
    perImage: opt(amount),
    perVideo: opt(amount),
    perKilobyte: opt(amount),
    aboveInputTokens: opt(count),
    hours: opt(v.strictTuple([hour, hour], 'must be two hours of the day')),
  },
  'must be a line of a price list',
)

const modelFields = {
  price: opt(v.array(priceLine, 'must be a list of prices')),
  isChargeOnly: opt(flag),
  limits: opt(limits),
  thinking: opt(oneOf('none', 'hybrid', 'always')),
  usage: opt(usage),
  contextTokens: opt(count),
  maxPromptTokens: opt(count),
  hasTools: opt(flag),
  hasVision: opt(flag),
  hasCompletions: opt(flag),
  dimensions: opt(count),
  hasDimensions: opt(flag),
  isDisabled: opt(flag),
  redirectTo: opt(text),
  isVerifiedOnly: opt(flag),
  quirks: opt(v.array(oneOf(...modelQuirks), 'must be a list of quirks')),
}
const type = oneOf('text', 'image', 'audio', 'video')
const subType = oneOf(
  'chat',
  'embedding',
  'reranker',
  'text-to-image',
  'image-to-image',
  'speech-to-text',
  'text-to-speech',
  'text-to-video',
)

export const modelSchema: Schema<Model> = v.strictObject(
  { id: text, site: opt(site), type, subType, ...modelFields },
  'must be a model: id, type, subType and known facts',
)

export const modelPatchSchema: Schema<Partial<Omit<Model, 'id' | 'site'>>> = v.strictObject(
  { type: opt(type), subType: opt(subType), ...modelFields },
  'may hold only known facts of a model',
)

export const settingsPatchSchema: Schema<Partial<Settings>> = v.strictObject(
  {
    regime: opt(regime),
    window: opt(oneOf('sliding', 'fixed')),
    tokenMetering: opt(oneOf('after', 'reserve')),
    rateLimitHeaders: opt(oneOf('none', 'retry-after', 'x-ratelimit', 'both')),
    freeModels: opt(oneOf('allow', 'require-balance')),
    usage: opt(oneOf('model', 'every-chunk', 'trailing', 'finish')),
    replyTokens: opt(count),
    reasoningTokens: opt(count),
    firstByteMs: opt(duration),
    eventMs: opt(duration),
    keepAliveMs: opt(duration),
    compression: opt(oneOf('off', 'negotiate', ...encodings)),
    setCookie: opt(
      v.pipe(v.string('must be a string'), v.check(isHeaderValue, 'must be the value of a header')),
    ),
    maxBodyBytes: opt(count),
    recordedRequests: opt(count),
    recordedBodyBytes: opt(count),
    recordedTotalBytes: opt(count),
    recordedResponseBytes: opt(count),
    ledgerEntries: opt(count),
    urlLifetimeMs: opt(duration),
    queueMs: opt(duration),
    workMs: opt(duration),
  },
  'may hold only known settings',
)

const selector = v.strictObject(
  {
    key: opt(text),
    account: opt(text),
    model: opt(text),
    site: opt(site),
    path: opt(text),
    method: opt(text),
  },
  'may hold only key, account, model, site, path and method',
)

const chance = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must be 0 to 1'),
  v.maxValue(1, 'must be 0 to 1'),
)

export const faultRuleSchema: Schema<FaultRuleInput> = v.pipe(
  v.strictObject(
    {
      when: opt(selector),
      fault: faultSchema,
      times: opt(count),
      skip: opt(count),
      probability: opt(chance),
    },
    'must be a fault rule: fault, and optionally when, times, skip, probability',
  ),
  v.check(({ fault, when = {} }) => {
    return phaseOf(fault) !== 'connect' || Object.keys(when).every((name) => name === 'site')
  }, 'must go by site only: nothing else is known of a connection'),
  v.check(({ fault, when = {} }) => {
    return phaseOf(fault) !== 'upload' || when.model === undefined
  }, 'must not go by model: its name is in the body, which has not been read'),
  v.check(({ fault, times, skip, probability }) => {
    return fault.kind !== 'refuse' || (times ?? skip ?? probability) === undefined
  }, 'must have no times, skip or probability: refused connections are not seen'),
)

export const scenarioSchema: Schema<Scenario> = v.strictObject(
  {
    accounts: v.array(accountSchema, 'must be a list of accounts'),
    models: opt(v.array(modelSchema, 'must be a list of models')),
    catalogue: opt(oneOf('extend', 'replace')),
    settings: opt(settingsPatchSchema),
    faults: opt(v.array(faultRuleSchema, 'must be a list of fault rules')),
  },
  'must be a scenario: accounts, and optionally models, catalogue, settings, faults',
)
