import { sayUpstream } from '../pool/say-upstream.js'
import { count, listCounts } from '../render/count.js'
import { sayRejected } from '../render/say-rejected.js'
import { scrub } from '../render/scrub.js'
import { wrap } from '../render/wrap.js'
import { type CheckContext, probeOf } from './check-context.js'
import type { CheckSubject } from './check-subject.js'
import type { SourceStats } from './key-source.js'

/** Prints what the check is about to do: what is skipped, where keys are sent, and what costs money. */
export function sayPlan(context: CheckContext, { pool, sourceStats, total }: CheckSubject): void {
  const { settings } = context
  if (total !== null) sayKeyless(context, sourceStats)
  sayUpstream(context, pool)
  const earlier = [...sourceStats.earlier.values()].reduce((sum, each) => sum + each, 0)
  if (earlier > 0)
    context.say(
      `${count(earlier, 'key')} checked by an earlier run, skipped: ${listCounts(sourceStats.earlier)}`,
    )
  if (probeOf(settings) === 'chat') {
    const model = chatModelOf(context, pool)
    const text = `each key buys one token of ${model}, which costs a very small amount of money`
    context.say(wrap(text, context.terminal.err.columns()))
  }
}

export function chatModelOf(
  { settings }: CheckContext,
  { provider }: Pick<CheckSubject['pool'], 'provider'>,
): string {
  return scrub(settings.probeModel ?? provider.chatProbe?.(provider.site).model ?? 'a model')
}

/** Lists the first lines that hold no key, and the number of further ones. */
export function sayKeyless({ say }: Pick<CheckContext, 'say'>, { listed, rejected }: SourceStats): void {
  sayRejected(say, { listed, total: rejected, as: (line, reason) => `line ${line} skipped: ${reason}` })
}
