import { seededRandom } from '../runtime.js'

/** Pieces of one token each, with characters of every UTF-8 length, so that wrong cuts become visible. */
const vocabulary = [
  'The', ' pool', ' answers', ' with', ' care', ',', ' and', ' the', ' key', ' rests', '.', ' 你好', '，', '世界', '。', '硅基',
  '流动', '模型', '回答', '问题', ' naïve', ' café', ' 😀', '🚀', '👩‍🔬', ' é', ' こんにちは', ' безопасно', '\n', ' one', ' two', ' three',
] // biome-ignore format: a word list reads best as a block

/** Generates `count` pieces of one token each. The same seed gives the same text. */
export function generateText(seed: number, count: number): string[] {
  const random = seededRandom(seed)
  const pieces: string[] = []
  for (let index = 0; index < count; index += 1) {
    pieces.push(vocabulary[Math.floor(random() * vocabulary.length)] ?? '')
  }
  return pieces
}

/** Cuts a text into at most `count` pieces, never inside a character. */
export function splitText(text: string, count: number): string[] {
  const characters = [...text]
  const size = Math.max(1, Math.ceil(characters.length / Math.max(1, count)))
  const pieces: string[] = []
  for (let index = 0; index < characters.length; index += size) {
    pieces.push(characters.slice(index, index + size).join(''))
  }
  return pieces
}
