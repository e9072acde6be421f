import { seededRandom } from '../runtime.js'

export type AudioFormat = 'mp3' | 'opus' | 'wav' | 'pcm'

export const audioTypes: Readonly<Record<AudioFormat, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
}

export interface Speech {
  format: AudioFormat
  seed: number
  /** The number of audio bytes, without any header. */
  byteCount: number
  sampleRate: number
}

const pieceBytes = 4096

/** Generates an audio file in pieces: the right header, then noise that depends on the seed. */
export function* speechPieces({ format, seed, byteCount, sampleRate }: Speech): Generator<Buffer, undefined> {
  const header = fileHeader(format, byteCount, sampleRate)
  if (header.length > 0) yield header
  const random = seededRandom(seed)
  for (let sent = 0; sent < byteCount; sent += pieceBytes) {
    const piece = Buffer.alloc(Math.min(pieceBytes, byteCount - sent))
    for (let index = 0; index < piece.length; index += 1) piece[index] = Math.floor(random() * 256)
    yield piece
  }
}

function fileHeader(format: AudioFormat, byteCount: number, sampleRate: number): Buffer {
  switch (format) {
    case 'mp3':
      return Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1')
    case 'opus':
      return Buffer.from('OggS\0\x02', 'latin1')
    case 'wav':
      return wavHeader(byteCount, sampleRate)
    case 'pcm':
      return Buffer.alloc(0)
  }
}

/** Makes the RIFF header of 16-bit mono audio. */
function wavHeader(byteCount: number, sampleRate: number): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + byteCount, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(byteCount, 40)
  return header
}
