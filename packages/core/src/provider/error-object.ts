import { errorType } from '../errors.js'
import { isRecord, type JsonObject } from '../wire/json.js'
import { readErrorBody } from './error-body.js'
import { wordsOfPage } from './page-words.js'
import { statusWords } from './status-words.js'

/**
 * Gives an upstream's error the `error` object with a `message` that clients read: without it OpenAI's SDKs show "400
 * status code (no body)", and the AI SDK an empty message. What the upstream sent stays beside it. Undefined when the
 * body has such an object already.
 */
export function withErrorObject(body: string, status: number): string | undefined {
  const { json, code, message } = readErrorBody(body)
  const value: unknown = Array.isArray(json) ? json[0] : json
  const given = isRecord(value) ? value.error : undefined
  if (isRecord(given) && isText(given.message)) return value === json ? undefined : JSON.stringify(value)
  const error = {
    message: message ?? pageWords(body) ?? statusWords(status),
    type: errorType(status),
    code: code ?? null,
    param: null,
    ...(isRecord(given) ? withoutMessage(given) : {}),
  }
  if (typeof value === 'string') return JSON.stringify({ code: null, message: value, data: null, error })
  return JSON.stringify(isRecord(value) ? { ...value, error } : { error })
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''

const withoutMessage = ({ message: _, ...more }: JsonObject): JsonObject => more

const pageWords = (body: string): string | undefined =>
  body.trimStart().startsWith('<') ? wordsOfPage(body) : undefined
