import type { AccountView } from '../account/account.js'
import type { AccountPatch, Accounts } from '../account/accounts.js'
import type { Catalogue } from '../catalogue/catalogue.js'
import type { Model } from '../catalogue/model.js'
import type { FaultRule, FaultRuleInput } from '../faults/fault-rule.js'
import type { FaultRules } from '../faults/fault-rules.js'
import type { Recorder } from '../record/recorder.js'
import {
  parseFaultRule,
  parseModel,
  parseModelPatch,
  parseSettings,
  ScenarioError,
} from '../scenario/parse.js'
import type { AccountInput } from '../scenario/scenario.js'
import type { Settings } from '../scenario/settings.js'

/** Controls the active fault rules. Methods throw a `ScenarioError` for invalid input. */
export interface FaultControl {
  /** Activates a rule at once and returns its id. */
  add(rule: FaultRuleInput): string
  /** Removes a rule. Returns whether it existed. */
  remove(id: string): boolean
  clear(): void
  /** Returns copies of the rules in the order of their addition, with the number of times each was applied. */
  list(): FaultRule[]
}

export interface AccountControl {
  add(account: AccountInput): AccountView
  get(id: string): AccountView | undefined
  update(id: string, patch: AccountPatch): AccountView
  list(): AccountView[]
}

export interface ModelControl {
  /** Adds a model, or replaces the model with the same id and site. */
  add(model: Model): void
  /** Changes every model entry with this id. */
  update(id: string, patch: Partial<Omit<Model, 'id' | 'site'>>): void
  list(): Model[]
}

export interface SettingsControl {
  get(): Settings
  /** Changes the named settings and returns all settings. A new kind of window starts with empty meters. */
  update(patch: Partial<Settings>): Settings
}

/** Everything that can be changed while the simulator runs, both by code and over HTTP. */
export interface Controls {
  faults: FaultControl
  accounts: AccountControl
  models: ModelControl
  settings: SettingsControl
}

interface Parts {
  faults: FaultRules
  accounts: Accounts
  catalogue: Catalogue
  settings: Settings
  recorder: Recorder
}

export function createControls({ faults, accounts, catalogue, settings, recorder }: Parts): Controls {
  return {
    faults: {
      add: (rule) => faults.add(parseFaultRule(rule)),
      remove: (id) => faults.remove(id),
      clear: () => faults.clear(),
      list: () => faults.list(),
    },
    accounts: {
      add: (account) => accounts.add(account),
      get: (id) => accounts.get(id),
      update: (id, patch) => accounts.update(id, patch),
      list: () => accounts.list(),
    },
    models: {
      add: (model) => catalogue.set(parseModel(model)),
      update(id, patch) {
        if (catalogue.update(id, parseModelPatch(patch)) > 0) return
        throw new ScenarioError('model.id', 'must be the id of a model', id)
      },
      list: () => catalogue.list(),
    },
    settings: {
      get: () => ({ ...settings }),
      update(patch) {
        const parsed = parseSettings(patch)
        const isNewWindow = parsed.window !== undefined && parsed.window !== settings.window
        Object.assign(settings, parsed)
        if (isNewWindow) accounts.resetMeters()
        accounts.applyBounds()
        recorder.applyBounds()
        return { ...settings }
      },
    },
  }
}
