import { describe, expect, it } from 'vitest'
import { deepseek } from './deepseek.js'
import { generic } from './generic.js'
import { openai } from './openai.js'
import { siliconflow } from './siliconflow.js'

/*
 * Bodies as vendors send them, from their error pages and from public issue threads, read on 2026-12-01:
 * OpenAI platform.openai.com/docs/guides/error-codes and langchain-ai/langchainjs#1929; Google
 * cequence-io/openai-scala-client#109; xAI continuedev/continue#10373 (429) and warpdotdev/warp#14867 (403); Alibaba
 * tencentmusic/supersonic#1572; Moonshot MoonshotAI/kimi-code#1857 (429) and Kimi-K2#5 (403); Zhipu
 * 7836246/cursor2api#30; Volcengine coze-dev/coze-studio#2195; Groq songquanpeng/one-api#1764; Fireworks
 * pollinations/pollinations#12136; DeepSeek 666ghj/BettaFish#286; OpenRouter RooCodeInc/Roo-Code#515 and
 * anomalyco/opencode#12219; Anthropic, Azure, Mistral, Together, Novita, MiniMax: their public error references.
 */
const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

const money: readonly (readonly [string, number, unknown])[] = [
  [
    'OpenAI',
    429,
    error('You exceeded your current quota, please check your plan and billing details.', {
      type: 'insufficient_quota',
      param: null,
      code: 'insufficient_quota',
    }),
  ],
  [
    'OpenAI by type',
    429,
    error('You exceeded your current quota', { type: 'insufficient_quota', code: null }),
  ],
  [
    'Perplexity by type',
    401,
    error('You exceeded your current quota', { type: 'insufficient_quota', code: 401 }),
  ],
  [
    'OpenAI images',
    400,
    error('Billing hard limit has been reached', {
      type: 'invalid_request_error',
      code: 'billing_hard_limit_reached',
    }),
  ],
  [
    'Anthropic',
    400,
    {
      type: 'error',
      ...error(
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
        { type: 'invalid_request_error' },
      ),
    },
  ],
  ['Anthropic of 2026', 402, { type: 'error', ...error('Payment is overdue', { type: 'billing_error' }) }],
  [
    'Alibaba',
    400,
    error('Access denied, please make sure your account is in good standing.', {
      code: 'Arrearage',
      type: 'Arrearage',
      param: null,
    }),
  ],
  [
    'Alibaba’s own API',
    400,
    {
      code: 'Arrearage',
      message: 'Access denied, please make sure your account is in good standing.',
      request_id: 'x',
    },
  ],
  ['Alibaba by words', 403, error('Access denied due to overdue account')],
  [
    'xAI',
    429,
    {
      code: 'Some resource has been exhausted',
      error:
        'Your team 16f2151a-40f4-4a80-8ad0-cae00c27e8dd has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.',
    },
  ],
  [
    'xAI with a new team',
    403,
    {
      code: 'The caller does not have permission to execute the specified operation',
      error:
        "Your newly created team doesn't have any credits yet. You can purchase credits on https://console.x.ai.",
    },
  ],
  [
    'Moonshot',
    429,
    error(
      'Your account org-x <ak-x> is suspended due to insufficient balance, please recharge your account or check your plan and billing details',
      { type: 'exceeded_current_quota_error' },
    ),
  ],
  ['Moonshot of 2025', 403, error('Your account x is not active', { type: 'exceeded_current_quota_error' })],
  ['Zhipu', 429, error('余额不足或无可用资源包,请充值。', { code: '1113' })],
  ['Z.ai', 429, error('Insufficient balance or no resource package. Please recharge.', { code: '1113' })],
  ['Zhipu in debt', 429, error('您的账户已欠费，请充值后重试。', { code: '1113' })],
  [
    'Volcengine',
    403,
    error('The request failed because your account has an overdue balance. Request id: 0217', {
      code: 'AccountOverdueError',
      param: '',
      type: 'Forbidden',
    }),
  ],
  [
    'Fireworks',
    412,
    error(
      'Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.',
      { code: 'PRECONDITION_FAILED', type: 'error' },
    ),
  ],
  ['DeepSeek', 402, error('Insufficient Balance', { type: 'unknown_error', code: 'invalid_request_error' })],
  [
    'OpenRouter',
    402,
    error('Insufficient credits. Add more using https://openrouter.ai/settings/credits', { code: 402 }),
  ],
  [
    'OpenRouter’s limit of one key',
    403,
    error('Key limit exceeded (total limit). Manage it using …', { code: 403 }),
  ],
  [
    'Groq',
    400,
    error('API access is blocked', { type: 'invalid_request_error', code: 'blocked_api_access' }),
  ],
  ['a wallet', 400, error('Insufficient balance in your wallet')],
  ['a reseller', 400, error('No credits left')],
  ['a panel', 403, error('Insufficient balance, please top up')],
  ['a relay', 403, error('Insufficient funds to run this model')],
  ['a panel in brief', 400, error('Not enough credits!')],
  ['Together', 402, error('Credit limit exceeded, please navigate to billing')],
  ['Novita', 403, { code: 403, reason: 'NOT_ENOUGH_BALANCE', message: 'not enough balance', metadata: {} }],
  [
    'new-api',
    403,
    error('用户额度不足, 剩余额度: ＄0.000000', { type: 'new_api_error', code: 'insufficient_user_quota' }),
  ],
  ['one-api by words', 401, error('[sk-abc***xyz] 该令牌额度已用尽', { type: 'one_api_error' })],
  ['a relay that answers 500', 500, error('no money', { code: 'insufficient_user_quota' })],
  [
    'Google prepaid',
    429,
    [error('Your prepayment credits are depleted. Please …', { code: 429, status: 'RESOURCE_EXHAUSTED' })],
  ],
  [
    'Hugging Face',
    402,
    { error: 'You have exceeded your monthly included credits for Inference Providers.' },
  ],
  ['MiniMax', 400, { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }],
  ['SiliconFlow', 403, { code: 30001, message: 'Sorry, your account balance is insufficient', data: null }],
]

const googleKey = (reason: string, message: string) => [
  error(message, { code: 400, status: 'INVALID_ARGUMENT', details: [{ '@type': 'ErrorInfo', reason }] }),
]

const badKey: readonly (readonly [string, number, unknown])[] = [
  ['Google', 400, googleKey('API_KEY_INVALID', 'API key not valid. Please pass a valid API key.')],
  ['Google by reason', 400, googleKey('API_KEY_INVALID', 'Bad request')],
  ['Google expired', 400, googleKey('API_KEY_INVALID', 'API key expired. Please renew the API key.')],
  [
    'Google leaked',
    403,
    [
      error('Your API key was reported as leaked. Please use another API key.', {
        status: 'PERMISSION_DENIED',
      }),
    ],
  ],
  [
    'xAI',
    400,
    {
      code: 'Client specified an invalid argument',
      error: 'Incorrect API key provided: xa***42. You can obtain an API key from https://console.x.ai.',
    },
  ],
  [
    'OpenAI',
    401,
    error('Incorrect API key provided: sk-x***y.', {
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    }),
  ],
  ['Groq', 401, error('Invalid API Key', { type: 'invalid_request_error', code: 'invalid_api_key' })],
  [
    'Together',
    401,
    error('Invalid API key provided. You can find your API key at …', { code: 'invalid_api_key' }),
  ],
  ['Alibaba', 400, { code: 'InvalidApiKey', message: 'Invalid API-key provided.', request_id: 'x' }],
  [
    'Azure',
    401,
    error('Access denied due to invalid subscription key or wrong API endpoint.', { code: '401' }),
  ],
  ['Azure in 403', 403, error('Access denied due to invalid subscription key or wrong API endpoint.')],
  [
    'Anthropic in 403',
    403,
    { type: 'error', ...error('invalid x-api-key', { type: 'authentication_error' }) },
  ],
  ['Moonshot', 401, error('Incorrect API key provided', { type: 'incorrect_api_key_error' })],
  ['Zhipu', 400, error('身份验证失败。', { code: '1000' })],
  [
    'Volcengine',
    401,
    error('The API key or AK/SK in the request is missing or invalid.', { code: 'AuthenticationError' }),
  ],
  ['Mistral', 401, { detail: 'Unauthorized' }],
  ['Cerebras', 400, { message: 'Wrong API Key', type: 'invalid_request_error', code: 'wrong_api_key' }],
  ['Fireworks', 403, error('The API key you provided is invalid.', { code: 'UNAUTHORIZED' })],
  ['NVIDIA', 403, { status: 403, title: 'Forbidden', detail: 'Authorization failed' }],
  ['OpenRouter', 401, error('No auth credentials found', { code: 401 })],
  ['new-api', 403, error('无效的令牌', { type: 'new_api_error' })],
  [
    'DeepSeek',
    401,
    error('Authentication Fails, Your api key: ****1234 is invalid', { type: 'authentication_error' }),
  ],
  ['a relay by words', 400, { message: 'Error code: 400 - Invalid API key' }],
  ['SiliconFlow', 401, { code: 30014, data: null, message: 'Token is invalid.' }],
]

const closed: readonly (readonly [string, number, unknown])[] = [
  [
    'Groq',
    400,
    error('Organization has been restricted. Please reach out to support.', {
      code: 'organization_restricted',
    }),
  ],
  [
    'OpenAI',
    401,
    error('The OpenAI account associated with this API key has been deactivated.', {
      code: 'account_deactivated',
    }),
  ],
  [
    'Anthropic',
    400,
    { type: 'error', ...error('This organization has been disabled.', { type: 'invalid_request_error' }) },
  ],
  [
    'Google',
    403,
    [
      error("Permission denied: Consumer 'api_key:x' has been suspended.", {
        details: [{ reason: 'CONSUMER_SUSPENDED' }],
      }),
    ],
  ],
  ['Zhipu', 429, error('账户已被锁定', { code: '1112' })],
]

const limited: readonly (readonly [string, number, unknown])[] = [
  [
    'Google’s free tier',
    429,
    [
      error('You exceeded your current quota, please check your plan and billing details.', {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
      }),
    ],
  ],
  [
    'Alibaba’s rate',
    429,
    error('Allocated quota exceeded, please increase your quota limit.', {
      code: 'insufficient_quota',
      type: 'insufficient_quota',
    }),
  ],
  [
    'Alibaba’s rate by its link',
    429,
    error('You exceeded your current quota. See https://x.example/error-code#token-limit', {
      code: 'insufficient_quota',
    }),
  ],
  [
    'Mistral',
    429,
    { object: 'error', message: 'Requests rate limit exceeded', type: 'rate_limited', code: '1300' },
  ],
  [
    'Groq',
    429,
    error('Rate limit reached for model x on tokens per minute (TPM): Limit 6000', {
      type: 'tokens',
      code: 'rate_limit_exceeded',
    }),
  ],
  [
    'Azure',
    429,
    error('Requests have exceeded token rate limit of your current pricing tier.', { code: '429' }),
  ],
  ['Zhipu', 429, error('您的账户已达到速率限制', { code: '1302' })],
  ['SiliconFlow', 429, { code: 50602, message: 'Details: TPM limit reached.', data: null }],
]

/** Requests that are wrong, or repeat the caller's own words: the key is not to blame. */
const callers: readonly (readonly [string, number, unknown])[] = [
  ['a wrong parameter', 400, error('max_tokens must be positive', { type: 'invalid_request_error' })],
  [
    'words within the message',
    400,
    error('messages.0: unexpected "Your credit balance is too low to access"', {
      type: 'invalid_request_error',
    }),
  ],
  ['quoted words at its beginning', 400, error('"API key not valid" is not one of the allowed roles')],
  ['quoted Chinese words', 422, error('“余额不足” is not a valid stop word')],
  [
    'the caller’s list',
    422,
    { detail: [{ loc: ['body', 'messages'], msg: 'field required', input: 'Insufficient balance' }] },
  ],
  [
    'words in other fields',
    400,
    {
      ...error('bad request', { type: 'invalid_request_error', param: 'insufficient_quota' }),
      input: { code: 'invalid_api_key', message: 'API key not valid' },
    },
  ],
  [
    'words in the echoed request',
    400,
    { ...error('bad request'), request: error('Insufficient balance', { code: 'insufficient_quota' }) },
  ],
  ['a sentence as its code', 400, error('bad', { code: `insufficient_quota ${'x'.repeat(90)}` })],
  [
    'details that repeat the input',
    400,
    error('bad', { details: [{ reason: 'FIELD_INVALID', input: 'API_KEY_INVALID' }] }),
  ],
  ['a word that only begins alike', 400, error('Insufficient balanced brackets in grammar')],
  ['a model that is named like an empty account', 404, error('No credits model')],
  ['a list without money in it', 400, error('No balance sheet found in the document')],
  ['a list without money anywhere in it', 400, error('No balance in the document')],
  ['a text about money', 400, error('Insufficient funds handling in tool "pay"')],
  ['a field named like a balance', 400, error('Balance is insufficient_type for field x')],
  ['a limit of members', 400, error('Key limit exceeded: at most 16 keys in metadata')],
  ['tokens of a model', 400, error('Invalid token <|x|> in prompt')],
  ['an invalid key of a field', 400, error('Invalid key "api_key" in tools[0]')],
  ['plain text', 400, 'The prompt says: insufficient balance'],
]

const providers = [generic('https://x.example/v1'), openai(), deepseek(), siliconflow()]

describe.each(providers.map((provider) => [provider.name, provider] as const))(
  'as %s judges',
  (_name, provider) => {
    const faultOf = (status: number, body: unknown) =>
      provider.classify({ status, headers: [], body: typeof body === 'string' ? body : JSON.stringify(body) })
        .fault

    it.each(money)('an account of %s without money, told as %i', (_vendor, status, body) => {
      expect(faultOf(status, body)).toBe('funds')
    })

    it.each(badKey)('a bad key of %s, told as %i', (_vendor, status, body) => {
      expect(faultOf(status, body)).toBe('key')
    })

    it.each(closed)('a closed account of %s, told as %i', (_vendor, status, body) => {
      expect(faultOf(status, body)).toBe('disabled')
    })

    it.each(limited)('a limit of %s, told as %i', (_vendor, status, body) => {
      expect(faultOf(status, body)).toBe('limit')
    })

    it.each(callers)('a wrong request with %s, told as %i', (_what, status, body) => {
      expect(faultOf(status, body)).toBe('caller')
    })
  },
)

describe('what else vendors tell under statuses of their own', () => {
  const [provider] = providers as [ReturnType<typeof generic>]
  const classify = (status: number, body: unknown) =>
    provider.classify({ status, headers: [], body: JSON.stringify(body) })

  it('an overloaded engine is told from a limit', () => {
    for (const body of [
      error('The engine is currently overloaded, please try again later', {
        type: 'engine_overloaded_error',
      }),
      error('x', { code: 'ServerOverloaded' }),
      error('当前API请求过多', { code: '1305' }),
      {
        message: 'Service tier capacity exceeded for this model.',
        type: 'service_tier_capacity_exceeded',
        code: '3505',
      },
    ])
      expect(classify(429, body)).toMatchObject({ kind: 'upstream-error', fault: 'overload' })
  })

  it('a place that is not served is told from a wrong request', () => {
    const body = [error('User location is not supported for the API use.', { status: 'FAILED_PRECONDITION' })]
    expect(classify(400, body)).toMatchObject({ fault: 'ip-block' })
  })

  it('refused content is told for fallbacks', () => {
    for (const code of ['data_inspection_failed', 'content_filter', '1301'])
      expect(classify(400, error('no', { code }))).toMatchObject({ fault: 'caller', against: 'content' })
  })

  it('whoever turns an account away with 500 has run nothing', () => {
    expect(classify(500, error('x', { code: 'insufficient_user_quota' }))).not.toHaveProperty('maybeRan')
    expect(classify(500, error('x'))).toHaveProperty('maybeRan', true)
  })
})
