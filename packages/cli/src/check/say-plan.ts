import { sayUpstream } from '../pool/say-upstream.js'
import { count, listCounts } from '../render/count.js'
import { scrub } from '../render/scrub.js'
import { wrap } from '../render/wrap.js'
import { type CheckContext, probeOf } from './check-context.js'
import type { CheckSubject } from './check-subject.js'
import type { SourceStats } from './key-source.js'

/** Lines without a key that are told one by one. */
const maxListedLines = 10

/** Says what is about to happen: what is left out, where keys are sent, and above all what costs money. */
export function sayPlan(context: CheckContext, { pool, sourceStats, total }: CheckSubject): void {
  const { settings } = context
  if (total !== null) sayRejected(context, sourceStats)
  sayUpstream(context, pool)
  const earlier = [...sourceStats.earlier.values()].reduce((sum, each) => sum + each, 0)
  if (earlier > 0)
    context.say(`${count(earlier, 'key')} judged before, not asked again: ${listCounts(sourceStats.earlier)}`)
  if (probeOf(settings) === 'chat') {
    const model = chatModelOf(context, pool)
    const text = `each key buys one token of ${model}: this costs money, very little of it`
    context.say(wrap(text, context.terminal.err.columns()))
  }
}

export function chatModelOf(
  { settings }: CheckContext,
  { provider }: Pick<CheckSubject['pool'], 'provider'>,
): string {
  return scrub(settings.probeModel ?? provider.chatProbe?.(provider.site).model ?? 'a model')
}

/** Names lines that hold no key, as many as a person wants to read. */
export function sayRejected({ say }: Pick<CheckContext, 'say'>, { listed, rejected }: SourceStats): void {
  for (const { line, reason } of listed.slice(0, maxListedLines)) say(`line ${line} skipped: ${reason}`)
  if (rejected > maxListedLines) say(`and ${count(rejected - maxListedLines, 'line')} more that hold no key`)
}
