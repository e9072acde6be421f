import { type AddReport, fingerprint, type KeyInput, type KeyPool, type KeyView } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { type KeyLine, type RejectedLine, readKeyLines } from '../input/key-lines.js'
import { openPool } from '../pool/open-pool.js'
import { openOrMakeStore } from '../pool/open-store.js'
import { withoutOutbound } from '../pool/outbound-options.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { count } from '../render/count.js'
import { type InputLine, inputLinesOf, renderInputLines, summariseInputLines } from '../render/input-lines.js'
import { keyChanges } from './update.js'

type AddSetting =
  | 'file'
  | 'account'
  | 'label'
  | 'weight'
  | 'balance'
  | 'check'
  | 'baseUrl'
  | 'provider'
  | 'site'
  | 'proxy'
  | 'ca'

/** Adds keys to the store. Good keys are added whatever else is in the input. Returns 1 when a line was rejected. */
export async function add(context: Context<AddSetting>): Promise<ExitCode> {
  const { settings, terminal } = context
  const { keys, rejected, omitted } = await readKeyLines(
    { args: context.args, file: settings.file },
    terminal,
  )
  if (keys.length + rejected.length + omitted === 0) throw new CliError('the input contains no key')
  const asking = settings.check ? context : withoutOutbound(context)
  await using pool = await openPool(asking, { store: () => openOrMakeStore(context) })
  if (settings.check) sayUpstream(context, pool)
  const { accepted, refused, isVerified } = settings.check
    ? await askUpstream(pool, keys, terminal.stopping)
    : { accepted: keys, refused: [], isVerified: true }
  const report = await pool.keys.add(accepted.map((key) => keyInput(key, settings)))
  const updated = await updateKnown(pool, report.duplicates, settings)
  const inputLines = inputLinesOf(accepted, { ...report, updated }, [...rejected, ...refused])
  print(context, inputLines, report.added)
  if (omitted > 0) context.say(`${count(omitted, 'more line')} without a key`)
  sayIgnoredBalances(context, accepted, report)
  sayHistory(context)
  if (!isVerified) return exitCodes.unverified
  return omitted > 0 || inputLines.some(({ kind }) => kind === 'rejected')
    ? exitCodes.shortfall
    : exitCodes.ok
}

/** Whoever types keys into a command should know who else can read them. */
function sayHistory({ args, say }: Context<AddSetting>): void {
  if (args.some((word) => word !== '-'))
    say('shells keep commands in their history; sfpool add - reads keys from standard input')
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

/** Gives known keys the settings that were asked for. Returns their ids; none when nothing was asked for. */
async function updateKnown(
  pool: KeyPool,
  known: readonly KeyView[],
  settings: Pick<Settings, AddSetting>,
): Promise<ReadonlySet<string>> {
  const changes = keyChanges(settings)
  const updated = new Set<string>()
  if (Object.keys(changes).length === 0) return updated
  for (const { id } of known) {
    if (updated.has(id)) continue
    updated.add(id)
    await pool.keys.update(id, changes)
  }
  return updated
}

/** A balance in a file may be older than what the pool knows of a key, so it changes no known key. */
function sayIgnoredBalances(
  { settings, say }: Context<AddSetting>,
  keys: readonly KeyLine[],
  { added }: AddReport,
): void {
  if (settings.balance !== undefined) return
  const fresh = new Set(added.map(({ id }) => id))
  const ignored = keys.filter(
    ({ secret, balance }) => balance !== undefined && !fresh.has(fingerprint(secret)),
  )
  if (ignored.length > 0)
    say(
      `the input gives a balance for ${count(ignored.length, 'known key')}, which was left as it is; change one with: sfpool update <id> --balance <amount>`,
    )
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
  const updated = inputLines.filter(({ kind }) => kind === 'updated')
  context.printJson({
    added: keys.length,
    duplicates: inputLines.filter(({ kind }) => kind === 'duplicate' || kind === 'updated').length,
    ...(updated.length === 0 ? {} : { updated: updated.length }),
    rejected: rejected.map(({ line, source, reason }) => ({ line, source, reason })),
    keys,
  })
}
