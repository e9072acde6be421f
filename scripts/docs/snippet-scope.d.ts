/** What examples use without saying where it comes from. An example that declares one of these has its own. */
declare const pool: import('@sfpool/core').KeyPool
declare const keys: readonly string[]
declare const signal: AbortSignal
declare const OpenAI: typeof import('openai').OpenAI
declare const createServer: typeof import('node:http').createServer
