import { once } from 'node:events'
import { demoScenario, parseScenario, type Scenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { fileFailure } from '../input/file-failure.js'
import { readText } from '../input/read-text.js'
import { type SampleKey, sampleKeys, simulatorText } from '../render/simulator-text.js'

type SimulateSetting = 'simulatorPort' | 'scenario' | 'reveal'

/** Runs a simulated SiliconFlow until the user stops it. */
export async function simulate(context: Context<SimulateSetting>): Promise<ExitCode> {
  const { settings, terminal } = context
  await Promise.all([terminal.out.endure(), terminal.err.endure()])
  const scenario = settings.scenario === undefined ? demoScenario() : await readScenario(settings.scenario)
  await using simulator = await start(scenario, settings)
  // The built-in sample keys are made for pasting; the keys of a scenario file are shown only on demand.
  const keys = sampleKeys(scenario, settings.reveal || settings.scenario === undefined)
  print(context, simulator, keys)
  if (!terminal.stopping.aborted) await once(terminal.stopping, 'abort')
  return exitCodes.ok
}

async function readScenario(path: string): Promise<Scenario> {
  try {
    return parseScenario(JSON.parse(await readText(path)))
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'the file is not JSON' : fileFailure(error)
    throw new CliError(`cannot use the scenario ${path}: ${reason}`, { cause: error })
  }
}

async function start(
  scenario: Scenario,
  { simulatorPort: port }: Pick<Settings, 'simulatorPort'>,
): Promise<Simulator> {
  try {
    return await startSimulator({ scenario, ports: port === 0 ? {} : { cn: port, com: port + 1 } })
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE') {
      throw new CliError(`port ${port} or ${port + 1} is in use; choose another with --port`, {
        cause: error,
      })
    }
    throw error
  }
}

function print(context: Context<SimulateSetting>, { sites }: Simulator, keys: readonly SampleKey[]): void {
  const { cn, com } = sites
  if (context.settings.json) {
    const site = ({ baseURL, port }: typeof cn) => ({ baseURL, port })
    const line = {
      event: 'listening',
      sites: { cn: site(cn), com: site(com) },
      control: `${cn.origin}/_sim/`,
      keys,
    }
    context.print(JSON.stringify(line))
    return
  }
  context.say(
    `two sites of a simulated SiliconFlow are running; serve a pool on them with: sfpool serve --base-url ${cn.baseURL}`,
  )
  context.print(simulatorText({ cn: cn.baseURL, com: com.baseURL, control: `${cn.origin}/_sim/` }, keys))
}
