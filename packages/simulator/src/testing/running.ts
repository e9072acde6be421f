import { onTestFinished } from 'vitest'
import { keysOf, makeScenario, type ScenarioRecipe } from '../scenario/make-scenario.js'
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator.js'

export interface Running {
  sim: Simulator
  /** The base URL of the site in China, `http://…/v1`. */
  url: string
  /** The keys, in the order of their accounts. */
  keys: readonly string[]
  /** The first key. */
  key: string
}

/** Starts a simulator with a generated scenario, and stops it when the test ends. */
export async function running(recipe: ScenarioRecipe = {}, options: SimulatorOptions = {}): Promise<Running> {
  const scenario = makeScenario(recipe)
  const sim = await startSimulator({ scenario, ...options })
  onTestFinished(() => sim.close())
  const keys = keysOf(options.scenario ?? scenario)
  const [key = ''] = keys
  return { sim, url: sim.sites.cn.baseURL, keys, key }
}
