import * as v from 'valibot'
import type { Model } from '../catalogue/model.js'
import type { FaultRuleInput } from '../faults/fault-rule.js'
import type { AccountInput, Scenario } from './scenario.js'
import {
  accountPatchSchema,
  accountSchema,
  faultRuleSchema,
  modelPatchSchema,
  modelSchema,
  scenarioSchema,
  settingsPatchSchema,
} from './schema.js'
import type { Settings } from './settings.js'

/** The error for input that breaks a rule: it names the place, the rule and the received value. Keys are masked. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
  /** The place in the input, such as `accounts[2].keys[0]`. */
  readonly path: string
  readonly rule: string

  constructor(path: string, rule: string, value: unknown) {
    super(`${path} ${rule}, received ${describe(value)}`)
    this.path = path
    this.rule = rule
  }
}

/** Checks a scenario, for instance one read from a file. Throws a `ScenarioError`. */
export function parseScenario(input: unknown): Scenario {
  return parse(scenarioSchema, input, 'scenario')
}

export function parseAccount(input: unknown): AccountInput {
  return parse(accountSchema, input, 'account')
}

export function parseAccountPatch(input: unknown): Partial<Omit<AccountInput, 'id' | 'site'>> {
  return parse(accountPatchSchema, input, 'account')
}

export function parseFaultRule(input: unknown): FaultRuleInput {
  return parse(faultRuleSchema, input, 'fault rule')
}

export function parseModel(input: unknown): Model {
  return parse(modelSchema, input, 'model')
}

export function parseModelPatch(input: unknown): Partial<Omit<Model, 'id' | 'site'>> {
  return parse(modelPatchSchema, input, 'model')
}

export function parseSettings(input: unknown): Partial<Settings> {
  return parse(settingsPatchSchema, input, 'settings')
}

function parse<Output>(schema: v.GenericSchema<unknown, Output>, input: unknown, what: string): Output {
  const result = v.safeParse(schema, input)
  if (result.success) return result.output
  const [issue] = result.issues
  const path = [what, ...(issue.path ?? [])].reduce((text: string, part): string => {
    if (typeof part === 'string') return text + part
    return typeof part.key === 'number' ? `${text}[${part.key}]` : `${text}.${String(part.key)}`
  }, '')
  throw new ScenarioError(path, ruleOf(issue), issue.input)
}

/** Returns the broken rule. For a missing or unknown field, valibot only gives the message of the whole object. */
function ruleOf({ type, expected, message }: v.BaseIssue<unknown>): string {
  if (type !== 'strict_object' || expected === 'Object') return message
  return `${expected === 'never' ? 'is not known' : 'is missing'}; the object ${message}`
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  const masked = text.replace(/sk-[A-Za-z0-9]{6,}/g, (secret) => `${secret.slice(0, 5)}…${secret.slice(-4)}`)
  return masked.length > 200 ? `${masked.slice(0, 200)}…` : masked
}
