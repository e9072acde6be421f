import type { KeyInput } from '@sfpool/core'
import type { PolicyName } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { environmentKeys } from '../input/environment-keys.js'
import { readKeyText } from '../input/read-key-text.js'
import { openPoolToRead } from '../pool/open-pool.js'
import { sayIgnoredSites } from '../pool/say-upstream.js'
import { conclusionOf, explanationColumns } from '../render/explanation.js'
import { sayRejectedOfFile } from '../render/say-rejected.js'
import { renderTable } from '../render/table.js'
import { type Shown, showWatching } from '../render/watching.js'

type ExplainSetting =
  | 'model'
  | 'stream'
  | 'tokens'
  | 'session'
  | 'baseUrl'
  | 'provider'
  | 'site'
  | 'sites'
  | 'keys'
  | 'watch'
  | PolicyName

/** Explains which key would serve a request now, and why the other keys would not. */
export async function explain(context: Context<ExplainSetting>): Promise<ExitCode> {
  const temporary = await temporaryKeys(context)
  sayIgnoredSites(context)
  await showWatching(context, () => explained(context, temporary))
  return exitCodes.ok
}

async function explained(context: Context<ExplainSetting>, temporary: readonly KeyInput[]): Promise<Shown> {
  const { settings, terminal, paint, say } = context
  await using pool = await openPoolToRead(context, temporary)
  const { model = '', stream, tokens, session } = settings
  const explanation = pool.explain({
    model,
    stream,
    ...(tokens === undefined ? {} : { tokens }),
    ...(session === undefined ? {} : { session }),
  })
  return {
    json: explanation,
    async *text() {
      const now = terminal.now()
      const columns = explanationColumns(explanation, { paint, now })
      yield* renderTable(explanation.keys, columns, { maxWidth: terminal.out.columns(), paint })
      say(conclusionOf(explanation, now))
    },
  }
}

/** Keys that a server has beside those of its store: of the environment, and of a key file. */
async function temporaryKeys({ settings, terminal, say }: Context<ExplainSetting>): Promise<KeyInput[]> {
  const fromEnvironment = environmentKeys(terminal.environment)
  if (settings.keys === undefined) return fromEnvironment
  const found = await readKeyText(settings.keys, terminal)
  sayRejectedOfFile(say, found)
  return [...fromEnvironment, ...found.keys.map(({ line: _, ...key }) => key)]
}
