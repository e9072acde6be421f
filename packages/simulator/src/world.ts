import { Accounts } from './account/accounts.js'
import { builtInModels } from './catalogue/built-in-models.js'
import { Catalogue } from './catalogue/catalogue.js'
import { type Controls, createControls } from './control/controls.js'
import { FaultRules } from './faults/fault-rules.js'
import { Recorder } from './record/recorder.js'
import { createResources, type Resources } from './resources.js'
import type { Runtime } from './runtime.js'
import type { Scenario } from './scenario/scenario.js'
import { defaultSettings, type Settings } from './scenario/settings.js'
import { TimerSet } from './timer-set.js'

/** The state that both sites share. */
export interface World {
  readonly runtime: Runtime
  /** The settings, which are changed in place. */
  readonly settings: Settings
  readonly accounts: Accounts
  readonly catalogue: Catalogue
  readonly faults: FaultRules
  readonly recorder: Recorder
  readonly resources: Resources
  /** Scheduled events, such as the completion of a batch. */
  readonly timerSet: TimerSet
  readonly controls: Controls
}

/** Creates the state of a checked scenario. `onFaultsChange` is called when a fault rule is added or removed. */
export function createWorld(scenario: Scenario, runtime: Runtime, onFaultsChange: () => void): World {
  const settings: Settings = { ...defaultSettings, ...scenario.settings }
  const accounts = new Accounts(() => settings.ledgerEntries)
  for (const account of scenario.accounts) accounts.add(account)
  const models = scenario.models ?? []
  const catalogue = new Catalogue(scenario.catalogue === 'replace' ? models : [...builtInModels, ...models])
  const faults = new FaultRules(runtime.random, onFaultsChange)
  for (const rule of scenario.faults ?? []) faults.add(rule)
  const recorder = new Recorder(() => settings)
  const parts = { settings, accounts, catalogue, faults, recorder }
  const resources = createResources()
  const timerSet = new TimerSet(runtime.timers)
  return { runtime, ...parts, resources, timerSet, controls: createControls(parts) }
}
