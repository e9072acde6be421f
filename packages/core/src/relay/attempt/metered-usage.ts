import { noTokens, type Units, type Usage } from '../../usage/usage.js'
import { isRecord, parseJson } from '../../wire/json.js'
import { bytesOf, type Call } from '../request/call.js'

/** Bodies of the routes below are small, unless pictures are in them; those ask for one picture. */
const readLimit = 4 * 1024 * 1024

/**
 * What a call used: what its answer reported, and what only the request tells, where the upstream began to serve it.
 * Speech is paid for by its text and films by their number; both answers say nothing of it.
 */
export function meteredUsage(
  reported: Usage | null,
  { route, method, path, body }: Pick<Call, 'route' | 'method' | 'path' | 'body'>,
  isWhole: boolean,
): Usage | null {
  switch (route.name) {
    case 'speech':
      return withUnits(reported, { speechBytes: spokenBytes(fieldsOf(body)) })
    case 'video':
      return isWhole && path.startsWith('/video/submit') ? withUnits(reported, { videos: 1 }) : reported
    case 'images':
      // An answer too large to be held is counted by what was asked for.
      return isWhole && reported?.images === undefined
        ? withUnits(reported, { images: askedImages(fieldsOf(body)) })
        : reported
    default:
      // What a batch will use is not known yet, but it will use something.
      return isWhole && method === 'POST' && batches.test(path) ? (reported ?? noTokens) : reported
  }
}

const batches = /^\/batches\/?(?:\?|$)/

const withUnits = (usage: Usage | null, units: Units): Usage => ({ ...(usage ?? noTokens), ...units })

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(body: Call['body']): Fields {
  if (body === null || !('bytes' in body) || body.bytes.length > readLimit) return {}
  const fields = parseJson(bytesOf(body).toString())
  return isRecord(fields) ? fields : {}
}

const spokenBytes = ({ input }: Fields): number => (typeof input === 'string' ? Buffer.byteLength(input) : 0)

function askedImages({ n, batch_size }: Fields): number {
  const asked = n ?? batch_size
  return typeof asked === 'number' && Number.isInteger(asked) && asked > 0 ? asked : 1
}
