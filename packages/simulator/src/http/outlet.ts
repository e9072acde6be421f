import type { ServerResponse } from 'node:http'
import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  type Gzip,
} from 'node:zlib'
import type { RecordedRequest } from '../record/recorded-request.js'
import type { Recorder } from '../record/recorder.js'
import type { ContentEncoding } from '../scenario/settings.js'
import { type CutKind, cutBytes } from './cut-bytes.js'

/** Writes the bytes of an answer, and compresses or cuts them if required. */
export interface Outlet {
  /** Writes data. Returns whether the client keeps up; if not, wait for `drained`. */
  write(data: string | Buffer): boolean
  /** Resolves once the client keeps up again, or has left. */
  drained(): Promise<void>
  /** Resolves once all written data is with the operating system. */
  flushed(): Promise<void>
  end(): void
}

export interface OutletOptions {
  response: ServerResponse
  record: RecordedRequest
  recorder: Recorder
  encoding: ContentEncoding | undefined
  cut: CutKind | undefined
  random: () => number
}

export function createOutlet(options: OutletOptions): Outlet {
  return options.encoding === undefined
    ? plainOutlet(options)
    : compressingOutlet(plainOutlet(options), options.encoding)
}

function plainOutlet({ response, record, recorder, cut, random }: OutletOptions): Outlet {
  const writeOne = (data: string | Buffer): boolean => {
    recorder.keepResponse(record, data)
    corkForOneTick(response)
    return response.write(data)
  }
  return {
    write(data) {
      if (cut === undefined) return writeOne(data)
      return cutBytes(Buffer.from(data), cut, random).map(writeOne).every(Boolean)
    },
    drained: () =>
      new Promise((resolve) => {
        if (response.destroyed || !response.writableNeedDrain) return resolve()
        const go = (): void => {
          response.off('drain', go)
          response.off('close', go)
          resolve()
        }
        response.on('drain', go)
        response.on('close', go)
      }),
    flushed: () =>
      new Promise((resolve) => {
        const { socket } = response
        if (socket === null || socket.destroyed) return resolve()
        socket.write('', () => resolve())
      }),
    end: () => response.end(),
  }
}

/**
 * Sends the writes of one tick in one packet, but each write as its own chunk. From Node 24 on, a response that is not
 * corked joins the writes of a tick into one chunk, which undoes cuts, and may miss its `drain` when it gets strings.
 */
function corkForOneTick({ socket }: ServerResponse): void {
  if (socket === null || socket.writableCorked > 0) return
  socket.cork()
  process.nextTick(() => socket.uncork())
}

/** Wraps an outlet with compression. Every piece is flushed, so that events still arrive one by one. */
function compressingOutlet(inner: Outlet, encoding: ContentEncoding): Outlet {
  const compressor = createCompressor(encoding)
  compressor.on('data', (chunk: Buffer) => inner.write(chunk))
  compressor.on('end', () => inner.end())
  const flushed = async (): Promise<void> => {
    await new Promise<void>((resolve) => compressor.flush(() => resolve()))
    await inner.flushed()
  }
  return {
    write(data) {
      compressor.write(data)
      return false
    },
    async drained() {
      await flushed()
      await inner.drained()
    },
    flushed,
    end: () => compressor.end(),
  }
}

function createCompressor(encoding: ContentEncoding): Gzip | BrotliCompress {
  switch (encoding) {
    case 'gzip':
      return createGzip()
    case 'deflate':
      return createDeflate()
    case 'br':
      return createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
  }
}
