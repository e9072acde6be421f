import type { KeyInput, KeyPool, KeyView } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { type KeyLine, type RejectedLine, readKeyLines } from '../input/key-lines.js'
import { openPool } from '../pool/open-pool.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { type InputLine, inputLinesOf, renderInputLines, summariseInputLines } from '../render/input-lines.js'

type AddSetting = 'file' | 'account' | 'label' | 'weight' | 'balance' | 'check' | 'baseUrl' | 'site'

/** Adds keys to the store. Good keys are added whatever else is in the input. Returns 1 when a line was rejected. */
export async function add(context: Context<AddSetting>): Promise<ExitCode> {
  const { settings, terminal } = context
  const { keys, rejected } = await readKeyLines({ args: context.args, file: settings.file }, terminal)
  if (keys.length + rejected.length === 0) throw new CliError('the input contains no key')
  await using pool = await openPool(context)
  if (settings.check) sayUpstream(context, pool)
  const { accepted, refused, isVerified } = settings.check
    ? await askUpstream(pool, keys, terminal.stopping)
    : { accepted: keys, refused: [], isVerified: true }
  const report = await pool.keys.add(accepted.map((key) => keyInput(key, settings)))
  const inputLines = inputLinesOf(accepted, report, [...rejected, ...refused])
  print(context, inputLines, report.added)
  if (!isVerified) return exitCodes.unverified
  return inputLines.some(({ kind }) => kind === 'rejected') ? exitCodes.shortfall : exitCodes.ok
}

function keyInput({ secret, balance }: KeyLine, settings: Pick<Settings, AddSetting>): KeyInput {
  const { account, label, weight, site } = settings
  const amount = balance ?? settings.balance
  return {
    secret,
    ...(account === undefined ? {} : { account }),
    ...(label === undefined ? {} : { label }),
    ...(weight === undefined ? {} : { weight }),
    ...(site === undefined ? {} : { site }),
    ...(amount === undefined ? {} : { balance: amount }),
  }
}

/** Verdicts of keys that are added: the upstream knows these keys, even if they cannot serve now. */
const worthAdding: ReadonlySet<string> = new Set(['valid', 'exhausted', 'restricted', 'limited'])

async function askUpstream(
  pool: KeyPool,
  keys: readonly KeyLine[],
  signal: AbortSignal,
): Promise<{ accepted: KeyLine[]; refused: RejectedLine[]; isVerified: boolean }> {
  const accepted: KeyLine[] = []
  const refused: RejectedLine[] = []
  let isVerified = true
  for await (const verdict of pool.check({ keys: keys.map(({ secret }) => secret), signal })) {
    const key = keys[verdict.index]
    if (key === undefined) continue
    if (worthAdding.has(verdict.verdict)) {
      accepted.push(key)
      continue
    }
    isVerified &&= verdict.verdict !== 'unknown'
    const { source, line } = key
    refused.push({
      source,
      line,
      reason: `${verdict.verdict}: ${verdict.reason ?? 'refused by the upstream'}`,
    })
  }
  if (signal.aborted) throw signal.reason
  accepted.sort((one, other) => keys.indexOf(one) - keys.indexOf(other))
  return { accepted, refused, isVerified }
}

function print(
  context: Context<AddSetting>,
  inputLines: readonly InputLine[],
  keys: readonly KeyView[],
): void {
  if (!context.settings.json) {
    for (const line of renderInputLines(inputLines, context.paint)) context.print(line)
    context.print(summariseInputLines(inputLines))
    return
  }
  const rejected = inputLines.filter((inputLine) => inputLine.kind === 'rejected')
  context.printJson({
    added: keys.length,
    duplicates: inputLines.filter(({ kind }) => kind === 'duplicate').length,
    rejected: rejected.map(({ line, source, reason }) => ({ line, source, reason })),
    keys,
  })
}
