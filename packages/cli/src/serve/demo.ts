import type { KeyInput } from '@sfpool/core'
import { demoScenario, type Simulator, startSimulator } from '@sfpool/simulator'

/** A simulated upstream with sample accounts, for `serve --demo`. */
export interface Demo extends AsyncDisposable {
  /** The base URL of the simulated site. */
  readonly baseURL: string
  /** The sample keys, each labelled with its account. */
  readonly keys: readonly KeyInput[]
  /** Returns a command to paste, and what to expect from it. */
  introduction(given: { origin: string; command: string; isGuarded: boolean }): string
}

export async function startDemo(): Promise<Demo> {
  const scenario = demoScenario()
  const simulator: Simulator = await startSimulator({ scenario })
  const accounts = scenario.accounts.filter(({ site }) => site !== 'com')
  const { baseURL } = simulator.sites.cn
  const samples = accounts.flatMap(({ id, keys }) =>
    keys.map((key) => ({ secret: typeof key === 'string' ? key : key.secret, account: id, label: id })),
  )
  return {
    baseURL,
    keys: samples,
    introduction: (given) => introduction({ ...given, baseURL, keyCount: samples.length }),
    [Symbol.asyncDispose]: () => simulator.close(),
  }
}

/** A paid model: with a free model, accounts without money would serve too. */
const sampleModel = 'deepseek-ai/DeepSeek-V3'

function introduction(given: {
  origin: string
  command: string
  isGuarded: boolean
  baseURL: string
  keyCount: number
}): string {
  const { origin, command, isGuarded, baseURL, keyCount } = given
  const body = { model: sampleModel, messages: [{ role: 'user', content: 'Hello' }] }
  const guide = isGuarded
    ? 'Paste this, in a shell whose SFPOOL_CLIENT_KEY holds the client key:'
    : 'Paste this:'
  const authorization = isGuarded ? ` -H "authorization: Bearer $SFPOOL_CLIENT_KEY"` : ''
  return `demo: ${keyCount} sample keys on a simulated upstream, ${baseURL}

${guide}

curl -i ${origin}/v1/chat/completions${authorization} -H 'content-type: application/json' -d '${JSON.stringify(body)}'

It answers 200. The keys of healthy, voucher-only and low-rpm answer in turn.
The keys of empty, disabled and revoked-key are refused once, which you do not
see, and then cool down. The header x-sfpool-attempts counts the keys that were
tried. Watch the keys with:

${command} stats --watch --url ${origin}
`
}
