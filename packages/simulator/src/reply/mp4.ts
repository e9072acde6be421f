/** Makes the boxes of an MP4 file without any image, enough for clients that store the file or check its type. */
export function mp4(seed: number): Buffer {
  const brand = Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1')
  const data = Buffer.alloc(256, seed % 256)
  return Buffer.concat([box('ftyp', brand), box('free', Buffer.alloc(0)), box('mdat', data)])
}

function box(type: string, content: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(content.length + 8)
  return Buffer.concat([size, Buffer.from(type, 'latin1'), content])
}
