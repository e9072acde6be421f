import type { AnswerMeaning } from './classify-by-status.js'

/*
 * Vendors that tell a bad key or an empty account by words alone. The words count only where a message begins: what
 * stands further in may be the caller's own text, repeated. A message is short by then (300 characters).
 */

/** What may stand before the words: the label of a relay, `Error code: 400 - `, `Sorry, `, `[sk-…] `. */
const lead = String.raw`^(?:error(?: code)?\b[:\s]*)?(?:\d{3}\b[\s:,-]*)?(?:\[[^\]"]{1,60}\]\s*)?(?:sorry,\s*)?`
/** A name of an account, a team or an organization: no quote, so that no quoted text fits. */
const name = String.raw`[^"'“‘\n]{1,120}?`

/** What may follow words that others begin with as well, as in `No credits model`: the end of the sentence, or of the text. */
const end = String.raw`(?=\s*(?:$|[.,;:!?(（，。；：！]))`

/** Or what the money is for, and where it lacks. */
const ofWhom = String.raw`(?:in|on|of|under) (?:[\w']{1,20} ){0,2}(?:account|wallet|team|organization|workspace|user|key)`
const forWhat = String.raw`(?=\s+(?:left|remaining|available|or no|and|to|for|please|because|due|${ofWhom}|[-–—])(?:\W|$))`

const words = (...patterns: readonly string[]): RegExp => new RegExp(`${lead}(${patterns.join('|')})`, 'i')

const moneyWords = words(
  // Anthropic; SiliconFlow; DeepSeek; MiniMax; OpenRouter; Zhipu; Novita.
  'your credit balance is too low',
  'your (?:account )?balance is (?:insufficient|too low|not enough)',
  `insufficient (?:account |api )?(?:balance|credits?|funds)(?:${end}|${forWhat})`,
  `(?:not enough|no) (?:account |api )?(?:balance|credits?|funds)(?:${end}|${forWhat})`,
  `(?:account )?balance (?:is )?(?:insufficient|not enough)(?:${end}|${forWhat})`,
  'this request requires more credits',
  'more credits are required',
  // OpenRouter's limit of one key; Together.
  `(?:key|credit) limit exceeded(?=\\s*(?:$|[.,;!(]))`,
  // xAI.
  `your (?:newly created )?team ${name}(?:used all available credits|doesn't have any credits|has run out of credits)`,
  "your newly created team doesn't have any credits",
  // Fireworks; Moonshot; Alibaba; Volcengine.
  `account ${name} is suspended, possibly due to reaching the monthly spending limit`,
  `your account ${name}(?:due to insufficient balance|exceeded current quota)`,
  'access denied, please make sure your account is in good standing',
  'access denied due to overdue account',
  'the request failed because your account has an overdue balance',
  // Hugging Face; Google's prepaid credits; NVIDIA.
  'you have (?:exceeded|depleted) your monthly included credits',
  'your prepayment credits are depleted',
  `account ${name}: cloud credits expired`,
  "you(?:'ve| have) run out of credits",
  'billing hard limit has been reached',
  `api access ${name}blocked (?:due to|because of) spend`,
  // Zhipu, one-api and new-api, Baidu, Tencent.
  '(?:您的|你的|该|当前|用户|账户|账号|帐户|令牌|可用|剩余|预扣费)*(?:余额不足|额度不足|额度已用尽|额度已用完|已欠费|欠费|额度失败)',
)

const keyWords = words(
  '(?:the |this |your )?(?:provided |supplied )?(?:incorrect|invalid|wrong|unknown|expired|illegal) api[ _-]?(?:key|token)\\b',
  '(?:the |this |your )?(?:provided |supplied )?api[ _-]?key (?:you provided )?(?:is |was |has )?(?:been )?(?:not valid|not found|invalid|incorrect|expired|revoked|disabled|deleted|deactivated|reported as leaked)\\b',
  `authentication fails${end}`,
  'access denied due to invalid subscription key',
  'invalid (?:authentication|api) (?:credentials|token)\\b',
  'bad credentials$',
  'authorization failed$',
  'invalid token$',
  'unauthorized$',
  '(?:无效的|该|此)?(?:令牌|密钥|api ?key)(?:无效|不存在|已过期|已被?禁用|状态不可用)',
  '无效的(?:令牌|密钥|api ?key)',
)

const closedWords = words(
  // OpenAI; Anthropic; Groq; Google.
  'the openai account associated with this api key has been deactivated',
  `(?:this|your|the) (?:account|organization|workspace) (?:has been|is|was) (?:disabled|deactivated|suspended|restricted|terminated|banned)\\b`,
  `organization has been restricted${end}`,
  `permission denied: consumer ${name} has been suspended`,
)

const placeWords = words('user location is not supported\\b', 'country, region, or territory not supported')

/** Where the word "quota" means a limit that time heals: Alibaba's and Google's names for their rates. */
const rateWords =
  /allocated quota exceeded|#token-limit|rate[ -]?limit|per (?:minute|second)\b|\b[RT]P[MS]\b/i

const byWords: readonly (readonly [RegExp, AnswerMeaning])[] = [
  [moneyWords, { kind: 'insufficient-balance', fault: 'funds' }],
  [keyWords, { kind: 'unauthorized', fault: 'key' }],
  [closedWords, { kind: 'unauthorized', fault: 'disabled' }],
  [placeWords, { kind: 'upstream-error', fault: 'ip-block' }],
]

/** What the words of an error mean. Undefined: its status decides. */
export function meaningOfWords(message: string): AnswerMeaning | undefined {
  return byWords.find(([pattern]) => pattern.test(message))?.[1]
}

/** The words that give an error its meaning, without what stands before them. */
export function tellingPhrase(message: string): string | undefined {
  for (const [pattern] of byWords) {
    const phrase = pattern.exec(message)?.[1]
    if (phrase !== undefined) return phrase
  }
  return undefined
}

/** Whether an error that names a quota speaks of a rate. */
export const isOfRate = (message: string): boolean => rateWords.test(message)
