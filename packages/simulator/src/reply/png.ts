import { crc32, deflateSync } from 'node:zlib'
import { seededRandom } from '../runtime.js'

export interface PngOptions {
  width: number
  height: number
  seed: number
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Makes a real image of the given size: stripes in two colours that depend on the seed. */
export function png({ width, height, seed }: PngOptions): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // One bit per pixel, with colours from a palette, so that even a large image has only a few kilobytes.
  header.set([1, 3, 0, 0, 0], 8)
  const random = seededRandom(seed)
  const palette = Buffer.from(Array.from({ length: 6 }, () => Math.floor(random() * 256)))
  const stripe = 1 + Math.floor(random() * 15)
  const rowBytes = 1 + Math.ceil(width / 8)
  const pixels = Buffer.alloc(rowBytes * height)
  for (let row = 0; row < height; row += 1) {
    if (Math.floor(row / stripe) % 2 === 1) pixels.fill(0xff, row * rowBytes + 1, (row + 1) * rowBytes)
  }
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
