import { onTestFinished } from 'vitest'
import { keysOf, makeScenario, type ScenarioRecipe } from '../scenario/make-scenario.js'
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator.js'

export interface Running {
  sim: Simulator
  /** `http://…/v1` of the site in China. */
  url: string
  /** Keys in order of accounts. */
  keys: readonly string[]
  /** The first of them. */
  key: string
}

/** A simulator of a made-up scenario that is stopped when the test ends. */
export async function running(recipe: ScenarioRecipe = {}, options: SimulatorOptions = {}): Promise<Running> {
  const scenario = makeScenario(recipe)
  const sim = await startSimulator({ scenario, ...options })
  onTestFinished(() => sim.close())
  const keys = keysOf(options.scenario ?? scenario)
  const [key = ''] = keys
  return { sim, url: sim.sites.cn.baseURL, keys, key }
}
