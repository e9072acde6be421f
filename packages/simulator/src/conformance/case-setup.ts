import { errorSamples } from '../errors/error-samples.js'
import { type Fault, isModifier, phaseOf } from '../faults/fault.js'
import type { FaultSelector } from '../faults/fault-rule.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import { keysOf, makeScenario } from '../scenario/make-scenario.js'
import { type Simulator, startSimulator } from '../simulator.js'
import { type Client, type ClientBehaviour, openClient } from './client.js'
import type { ConformanceCase } from './conformance-case.js'
import { type Question, questionOf } from './questions.js'
import { type StartedTarget, type Target, targetSettings } from './target/target.js'

/** The setup of a case: a simulator with faults, and the target in front of it. */
export interface CaseSetup {
  readonly sim: Simulator
  readonly keys: readonly string[]
  readonly badKeys: ReadonlySet<string>
  readonly question: Question
  readonly target: StartedTarget
  /** The ids of the fault rules that decide the outcome of a request, without modifiers. */
  readonly faultIds: ReadonlySet<string>
  close(): Promise<void>
}

const keptResponseBytes = 4 * 1024 * 1024

/** Sets up a case. `number` is unique, because cases must not share keys and models. */
export async function setUpCase(
  subject: ConformanceCase,
  target: Target,
  number: number,
): Promise<CaseSetup> {
  const model = `conformance/model-${number}`
  const scenario = makeScenario({
    accounts: subject.pool.keys,
    idPrefix: `case${number}`,
    models: [{ id: model, type: 'text', subType: 'chat' }],
    settings: { eventMs: 1, recordedResponseBytes: keptResponseBytes, ...subject.settings },
  })
  const keys = keysOf(scenario)
  const question = questionOf(subject, model)
  const ports = target.upstreamPort === undefined ? {} : { cn: target.upstreamPort }
  const sim = await startSimulator({ scenario, ports })
  try {
    const started = await target.start({
      upstreamURL: sim.sites.cn.baseURL,
      keys,
      path: question.path,
      settings: targetSettings,
    })
    sim.clearRequests()
    const badKeys = new Set(keys.slice(0, subject.pool.bad))
    const faultIds = addFaults(subject, sim, badKeys)
    await sim.ready()
    const close = async (): Promise<void> => {
      await started.stop()
      await sim.close()
    }
    return { sim, keys, badKeys, question, target: started, faultIds, close }
  } catch (error) {
    await sim.close()
    throw error
  }
}

function addFaults({ faults }: ConformanceCase, sim: Simulator, badKeys: ReadonlySet<string>): Set<string> {
  const decisive = new Set<string>()
  for (const { fault, on = 'bad', times } of faults) {
    const limit = times === undefined ? {} : { times }
    const whens = on === 'any' ? [anyRequest(fault)] : [...badKeys].map((key) => ofBadKey(key, fault))
    for (const when of whens) {
      const id = sim.faults.add({ when, fault, ...limit })
      if (!isModifier(fault)) decisive.add(id)
    }
  }
  return decisive
}

/** Selects requests of a bad key. A refused key is refused everywhere; other faults affect calls, not lists and probes. */
function ofBadKey(key: string, fault: Fault): FaultSelector {
  const isRefused = fault.kind === 'error' && errorSamples[fault.name].class === 'key'
  return isRefused ? { key } : { key, method: 'POST' }
}

/** Selects requests of any key, except the gateway's own probes, which are not POST. A bare connection has only a site. */
function anyRequest(fault: Fault): FaultSelector {
  return phaseOf(fault) === 'connect' ? { site: 'cn' } : { method: 'POST' }
}

/** Returns the calls to the upstream. The gateway's own probes are not POST. */
export function callsOf({ sim }: CaseSetup): RecordedRequest[] {
  return sim.requests.filter(({ method }) => method === 'POST')
}

export function askFor(
  { target, question }: CaseSetup,
  patience: number,
  behaviour?: ClientBehaviour,
): Client {
  const { baseURL, headers } = target
  return openClient({ baseURL, headers, question, patienceMs: patience }, behaviour)
}
