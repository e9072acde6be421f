import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { WholeReply } from '../reply/reply.js'
import type { ContentEncoding, Settings } from '../scenario/settings.js'

export function compressWhole(reply: WholeReply, encoding: ContentEncoding): WholeReply {
  const bytes = Buffer.from(reply.body)
  return {
    ...reply,
    body: compress(bytes, encoding),
    headers: { ...reply.headers, 'content-encoding': encoding },
  }
}

function compress(bytes: Buffer, encoding: ContentEncoding): Buffer {
  switch (encoding) {
    case 'gzip':
      return gzipSync(bytes)
    case 'deflate':
      return deflateSync(bytes)
    case 'br':
      return brotliCompressSync(bytes)
  }
}

const preferred: readonly ContentEncoding[] = ['br', 'gzip', 'deflate']

/** Chooses the compression of an answer: the one in the settings, or the best one that the client accepts. */
export function chooseEncoding(
  setting: Settings['compression'],
  acceptEncoding: string | undefined,
): ContentEncoding | undefined {
  if (setting === 'off') return undefined
  if (setting !== 'negotiate') return setting
  return preferred.find((encoding) => new RegExp(`\\b${encoding}\\b`).test(acceptEncoding ?? ''))
}
