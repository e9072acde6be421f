/** Names that examples use without declaring them. An example that declares one of these uses its own. */
declare const pool: import('@sfpool/core').KeyPool
declare const keys: readonly string[]
declare const signal: AbortSignal
declare const OpenAI: typeof import('openai').OpenAI
declare const createServer: typeof import('node:http').createServer
