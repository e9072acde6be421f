import { describe, expect, it } from 'vitest'
import { openaiBilling } from './openai-billing.js'

describe('openaiBilling', () => {
  it('an OpenAI-style balance is the limit in dollars less the usage in cents, exactly', () => {
    const bodies = ['{"object":"billing_subscription","hard_limit_usd":100.30}', '{"total_usage":1234.567}']
    expect(openaiBilling.read(bodies, '')).toEqual({ amount: '87.95433', currency: 'USD' })
    expect(openaiBilling.read(['{}', '{}'], '')).toBeUndefined()
  })

  it('the usage of an OpenAI-style balance covers the longest span that the endpoint allows', () => {
    const paths = openaiBilling.paths((fromToday) => `day${fromToday}`)
    expect(paths).toEqual([
      '/dashboard/billing/subscription',
      '/dashboard/billing/usage?start_date=day-99&end_date=day1',
    ])
  })
})
