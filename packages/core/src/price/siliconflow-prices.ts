import type { PriceList } from './price-list.js'

/** Models that cost nothing on the .cn site, from its public price page of 2026-07-21. */
export const freeModels: readonly string[] = [
  'Qwen/Qwen3.5-4B',
  'Qwen/Qwen3-8B',
  'Qwen/Qwen2.5-7B-Instruct',
  'THUDM/GLM-4-9B-0414',
  'THUDM/GLM-Z1-9B-0414',
  'deepseek-ai/DeepSeek-R1-0528-Qwen3-8B',
  'tencent/Hunyuan-MT-7B',
  'PaddlePaddle/PaddleOCR-VL-1.5',
  'deepseek-ai/DeepSeek-OCR',
  'BAAI/bge-m3',
  'BAAI/bge-large-zh-v1.5',
  'BAAI/bge-large-en-v1.5',
  'BAAI/bge-reranker-v2-m3',
  'Kwai-Kolors/Kolors',
  'FunAudioLLM/SenseVoiceSmall',
  'TeleAI/TeleSpeechASR',
]

/**
 * SiliconFlow's prices as far as they are public and certain. No API gives them and they change every month, so this
 * list is short on purpose: every other price is unknown until the operator sets a list.
 *
 * - free models: price page of the .cn site, 2026-07-21
 * - DeepSeek-V4-Flash: release note of 2026-08-25, in force since 2026-09-01, cheaper from 02:00 to 08:00 in Beijing
 * - any speech and any video on .cn: price page, the same for all models then. Images cost 0 to 0.3 each, too
 *   uncertain for a price
 * - batches: half the price of the list, guide to batch inference
 * - Qwen3-8B on .com: seen in a third party's notes of 2026-05
 */
export const siliconflowPrices: PriceList = {
  date: '2026-10-05',
  source: 'siliconflow.cn/pricing of 2026-07-21 and release notes up to 2026-10-05',
  zone: '+08:00',
  batchFactor: '0.5',
  sites: {
    cn: {
      currency: 'CNY',
      models: {
        ...Object.fromEntries(freeModels.map((name) => [name, 'free' as const])),
        'deepseek-ai/DeepSeek-V4-Flash': [
          { hours: ['02:00', '08:00'], cachedInput: '0.15', input: '1.5', output: '4.5' },
          { cachedInput: '0.3', input: '3', output: '9' },
        ],
        '*': { speech: '0.05', video: '2' },
      },
    },
    com: {
      currency: 'USD',
      models: { 'Qwen/Qwen3-8B': { input: '0.06', output: '0.06' } },
    },
  },
}
