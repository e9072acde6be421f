/** What a name says of its value, or a table heading of its column. */
export type NameRole = 'secret' | 'balance' | 'total' | 'other'

const secretNames = new Set(
  `secret apikey secretkey apisecret apitoken accesstoken accesskey token key sk secrets apikeys tokens keys
  authorization bearer 密钥`.split(/\s+/),
)
/** As in `GROQ_API_KEY` and `hfToken`. */
const secretEnding = /(?:key|token|secret)$/
/** The preference among several columns that may hold the secret: a list with ids may have both `key` and `secret`. */
const secretNameOrder = ['secret', 'apikey', 'secretkey', 'token', 'key']
const balanceNames = new Set(
  'balance amount credit credits money 余额 可用余额 剩余 剩余额度 额度'.split(' '),
)

/** The role of a name as in `name: value`, of a heading, or of an environment variable. */
export function nameRole(name: string): NameRole {
  const plain = plainName(name)
  if (secretNames.has(plain) || secretEnding.test(plain)) return 'secret'
  if (plain === 'totalbalance' || plain === '总余额') return 'total'
  return balanceNames.has(plain) ? 'balance' : 'other'
}

/** How well a heading fits the column of the secrets: lower is better. */
export function secretRank(name: string): number {
  const rank = secretNameOrder.indexOf(plainName(name))
  return rank === -1 ? secretNameOrder.length : rank
}

/** `API Key 1` and `api_key` are the same name. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/\d{1,9}$/, '')
}
