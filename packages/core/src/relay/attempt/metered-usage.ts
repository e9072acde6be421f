import { noTokens, type Units, type Usage } from '../../usage/usage.js'
import { isRecord, parseJson } from '../../wire/json.js'
import { bytesOf, type Call } from '../request/call.js'

/** The largest body that is read: on the routes below only a body with images is larger, and it asks for one image. */
const readLimit = 4 * 1024 * 1024

/**
 * The usage of a call that the upstream began to serve: the usage that its answer reported, and units that only the
 * request shows. Speech is charged by its text and videos by their number, and neither answer reports that.
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
      // An answer that is too large to hold is counted by the images that the request asked for.
      return isWhole && reported?.images === undefined
        ? withUnits(reported, { images: askedImages(fieldsOf(body)) })
        : reported
    default:
      // The usage of a batch is not known yet, but it is not nothing.
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
