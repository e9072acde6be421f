import { describe, expect, it } from 'vitest'
import { parseKeys } from './parse-keys.js'

const a = 'sk-fakeaaaaaaaaaaaaaaaaaaaaaaaa'
const b = 'sk-fakebbbbbbbbbbbbbbbbbbbbbbbb'
const c = 'gsk_fakecccccccc1234567890'

/** `secret`, or `secret balance`, for each key. */
const brief = (text: string): string[] =>
  parseKeys(text).keys.map(({ secret, balance }) => (balance === undefined ? secret : `${secret} ${balance}`))

/** The same, for a text in which nothing may be rejected. */
const clean = (text: string): string[] => {
  expect(parseKeys(text).rejected).toEqual([])
  return brief(text)
}

describe('keys that parseKeys finds', () => {
  it.each([
    ['lines', `${a}\n${b}\n`],
    ['lines of Windows and of old Macs', `${a}\r\n\r\n\r${b}\r`],
    ['commas', `${a},${b}, `],
    ['spaces', `  ${a}   ${b}`],
    ['semicolons', `${a}; ${b};`],
    ['tabs', `${a}\t${b}`],
    ['bars', `${a} | ${b}`],
    ['full-width separators', `${a}，${b}；`],
    ['double quotes', `"${a}","${b}"`],
    ['single quotes', `'${a}' '${b}'`],
    ['backticks', `\`${a}\`\n\`\`\`\n${b}\n\`\`\``],
    ['quotes that a word processor bent', `“${a}”, ‘${b}’, `],
    ['quotes that do not match', `“${a}"\n'${b}`],
    ['one pair of quotes around them all', `KEYS="${a},${b}"`],
    ['a list as programs write it', `const keys = ['${a}', "${b}"]`],
    ['JSON', `["${a}",\n"${b}"]`],
    ['JSON in a string', String.raw`"{\"keys\": [\"${a}\", \"${b}\"]}"`],
    ['objects', `[{"id": "0123456789abcdef01234", "key": "${a}", "label": "x y"}, {"apiKey": "${b}"}]`],
    [
      'objects over several lines',
      `{\n  "data": [\n    {\n      "token": "${a}"\n    }, {"key":\n"${b}"}\n  ]\n}`,
    ],
    ['objects one to a line', `{"key": "${a}"}\n{"key": "${b}"}`],
    ['names before them', `team one: ${a}\nSILICONFLOW_API_KEY_2=${b}`],
    ['a shell’s exports', `export SILICONFLOW_API_KEY="${a}"\nexport OTHER='${b}'`],
    ['request headers', `Authorization: Bearer ${a}\nbearer ${b}`],
    ['addresses', `https://api.example.com/v1?key=${a}&x=1#top\nhttps://example.com/${b}/models`],
    ['YAML', `keys:\n  - ${a}\n  - key: ${b}\n`],
    ['lists that people type', `1. ${a}\n- ${b}`],
    ['other lists that people type', `1) ${a}\n* ${b}.`],
    ['comments', `# ${c}\n${a} # ${c}\n  # more\n${b}#${c}`],
    ['the tags of a web page', `<td>${a}</td><td>${b}</td>`],
    ['emphasis', `**${a}** or _${b}_`],
    ['UTF-16 that was read as UTF-8', Buffer.from(`\ufeff${a}\r\n\r\n${b}\r\n`, 'utf16le').toString('utf8')],
    ['control characters', `\u0007${a}\u001b ${b.slice(0, 9)}\u007f${b.slice(9)}`],
    [
      'a byte order mark and invisible characters',
      `\ufeff${a.slice(0, 9)}\u200b${a.slice(9)}\u00a0\u2060${b}`,
    ],
  ])('parseKeys finds keys between %s', (_, text) => {
    expect(clean(text)).toEqual([a, b])
  })

  it('parseKeys finds keys of providers that use another prefix than sk-', () => {
    expect(clean(`${c}\nAIzaFake-Fake_Fake.Fake1\n123e4567-fake-12d3-a456-426614174000`)).toHaveLength(3)
    expect(clean(`https://example.com/models?key=${c}`)).toEqual([c])
  })

  it('parseKeys gives the line of each key, and a key twice when it occurs twice', () => {
    const text = `\n${a}\n# comment\r\n${b} ${a}`
    expect(parseKeys(text).keys).toEqual([
      { line: 2, secret: a },
      { line: 4, secret: b },
      { line: 4, secret: a },
    ])
  })

  it('parseKeys finds no keys in an empty text', () => {
    expect(parseKeys('')).toEqual({ keys: [], rejected: [] })
    expect(parseKeys('\n \t\n# none\n-----\n| --- |\n')).toEqual({ keys: [], rejected: [] })
  })
})

describe('balances that parseKeys reads', () => {
  it.each([
    ['a comma', `${a},12.50`],
    ['a comma and a space', `${a}, 12.50`],
    ['dashes', `${a}----12.50`],
    ['a bar', `${a}|12.50`],
    ['a colon', `${a}:12.50`],
    ['an equals sign', `${a}=12.50`],
    ['a tab', `${a}\t12.50`],
    ['a space', `${a} 12.50`],
    ['round brackets', `${a}(12.50)`],
    ['square brackets', `${a} [12.50]`],
    ['full-width brackets', `${a}（￥12.50）`],
    ['a currency', `${a},¥12.50 CNY`],
    ['quotes', `"${a}","12.50"`],
    ['a name', `key=${a} balance=12.50`],
    ['a name that comes first', `balance=12.50 key=${a}`],
    ['a name on the next line', `key: ${a}\nbalance: 12.50`],
    ['an object', `{"key": "${a}", "balance": "12.50"}`],
    [
      'an object that begins with it',
      `{"balance": {"amount": "12.50", "at": 17}, "requests": 5, "key": "${a}"}`,
    ],
    ['an object whose key is the name', `{"${a}": 12.50}`],
    ['an object with a part and the total', `{"key":"${a}","balance":"0.88","totalBalance":"12.50"}`],
  ])('parseKeys reads a balance in the form of %s', (_, text) => {
    expect(clean(text)).toEqual([`${a} 12.50`])
  })

  it('parseKeys reads the balance of each of several keys on a line', () => {
    expect(clean(`${a},1,${b},-2.5\n${c}:007`)).toEqual([`${a} 1`, `${b} -2.5`, `${c} 007`])
  })

  it.each([
    ['an address and a password', `someone@example.com----password----${a}----12.50`],
    ['a status', `${a},valid,12.50`],
    ['words', `${a}  balance: ¥12.50 (checked by hand)`],
    ['words in Chinese', `${a} 余额 12.50元`],
    ['a word stuck to it', `${a}，余额12.50`],
    ['a date', `${a},2025-03-01,12.50`],
    ['a date and a time', `2025/3/1 12:00:01 ${a} 12.50`],
    ['a date and a time in a field of their own', `${a},2025-03-01 12:00:01,12.50`],
    ['a time between them', `${a} 12:30 12.50`],
    ['an instant', `${a},2025-03-01T12:00:01.000Z,12.50,2025-03-01T12:00:01+08:00`],
    ['tags', `<li><code>${a}</code> 12.50<br/></li>`],
  ])('parseKeys reads a balance beside %s', (_, text) => {
    expect(clean(text)).toEqual([`${a} 12.50`])
  })

  it('parseKeys reads no balance from words around it, from another key, or from another record', () => {
    expect(brief(`${a},team 7,12.5`)).toEqual([`${a} 12.5`])
    expect(brief(`${a}, 7 of us`)).toEqual([a])
    expect(brief(`${a}\n12.5`)).toEqual([a])
    expect(brief(`[{"key":"${a}"},{"balance":5},{"key":"${b}"}]`)).toEqual([a, b])
    expect(brief(`{"x":{"balance":5},"y":{"key":"${a}"}}`)).toEqual([a])
    expect(brief(`{"${a}":{"balance":1},"${b}":{"balance":2}}`)).toEqual([`${a} 1`, `${b} 2`])
    expect(brief(`- key: ${a}\n- balance: 2\n  key: ${b}`)).toEqual([a, `${b} 2`])
    expect(brief(`{"keys":["${a}","${b}"],"balance":5}`)).toEqual([a, b])
  })

  it('parseKeys reports an amount without a key, and a second amount of a key', () => {
    expect(parseKeys(`12.5\n${a},1,2`)).toEqual({
      keys: [{ line: 2, secret: a, balance: '1' }],
      rejected: [
        { line: 1, reason: 'an amount without a key before it' },
        { line: 2, reason: 'a second amount after one key was passed over' },
      ],
    })
  })
})

describe('tables that parseKeys reads', () => {
  it.each([
    ['commas', `API Key,Balance\n${a},1.5\n${b},`],
    ['semicolons', `token;amount\n${a};1.5\n${b}`],
    ['tabs', `balance\tkey\n1.5\t${a}\n\t${b}`],
    ['bars', `| key | balance |\n|-----|--------:|\n| ${a} | 1.5 |\n| ${b} |  |`],
    ['quotes', `"id","secret","label","balance"\n"1","${a}","a, b # c","1.5"\n"2","${b}","","" `],
    ['names in Chinese', `密钥,余额\n${a},1.5\n${b},`],
  ])('parseKeys reads a table with a heading and %s', (_, text) => {
    expect(clean(text)).toEqual([`${a} 1.5`, b])
  })

  it('parseKeys reads only the columns of the key and the balance', () => {
    const text = `label,account_of_the_customer,key,requests,balance\nproduction-eu-backend-server-01,x,${a},17,"1,234.50"`
    expect(clean(text)).toEqual([`${a} 1234.50`])
  })

  it('parseKeys prefers the column of whole keys to that of masked keys', () => {
    expect(clean(`key,id,secret\nsk-fa…aaaa,1,${a}`)).toEqual([a])
  })

  it('parseKeys takes no key that ends like a heading for a heading', () => {
    expect(clean('fake_token_00001_mykey')).toEqual(['fake_token_00001_mykey'])
    expect(clean(`fake_token_00001_mykey,5\n${a},6`)).toEqual(['fake_token_00001_mykey 5', `${a} 6`])
  })

  it('parseKeys reads a table with a heading of one word', () => {
    expect(clean(`api_key\n${a}\n${b}`)).toEqual([a, b])
  })

  it('parseKeys reads a table without a heading', () => {
    expect(clean(`1,${a},2.5\n2,${b},0`)).toEqual([`${a} 2.5`, `${b} 0`])
  })

  it('parseKeys reports a table row without a key, and drops its balance', () => {
    expect(parseKeys(`name,key,balance\nx,${a},\ny,,7\nz,oops,8\n,,\n${b}`)).toEqual({
      keys: [
        { line: 2, secret: a },
        { line: 6, secret: b },
      ],
      rejected: [
        { line: 3, reason: 'no key in column 2' },
        { line: 4, reason: '"oo…" is not a key' },
      ],
    })
  })
})

describe('texts that parseKeys rejects', () => {
  it.each([
    ['a word', 'not-a-key', '"not…" is not a key'],
    ['a sentence, once', 'these are my keys', '"th…" is not a key'],
    ['a short key', 'sk-short', '"sk-…" is too short for a key: at least 16 characters follow "sk-"'],
    ['a key with a typing error', `${a}!b`, '"sk-fa…aa!b" holds a character that no key has'],
    ['a masked key', 'sk-fa…aaaa', '"sk-…" is masked; the whole key is needed'],
    [
      'a masked key in an object',
      '{"key": "sk-fake********faaa"}',
      '"sk-…" is masked; the whole key is needed',
    ],
    ['an address without a key', 'https://api.example.com/v1', '"https…m/v1" is not a key'],
    ['a setting', 'PORT=3000', '"30…" is not a key'],
    ['a very long word', 'a'.repeat(5_000), '"aaaaa…aaaa" is longer than any key (4096 characters)'],
    [
      'a key that has another name',
      `SESSION=${c}`,
      '"gsk_f…7890" stands under a name that no key has; put it alone on the line',
    ],
  ])('parseKeys rejects %s', (_, text, reason) => {
    expect(parseKeys(`${a}\n${text}`)).toEqual({
      keys: [{ line: 1, secret: a }],
      rejected: [{ line: 2, reason }],
    })
  })

  it('parseKeys rejects what looks like a key on a line with a key, but no words', () => {
    expect(parseKeys(`${a},oops,sk-short,sk-fa…aaaa,${b} # spare`)).toEqual({
      keys: [
        { line: 1, secret: a },
        { line: 1, secret: b },
      ],
      rejected: [
        { line: 1, reason: '"sk-…" is too short for a key: at least 16 characters follow "sk-"' },
        { line: 1, reason: '"sk-…" is masked; the whole key is needed' },
      ],
    })
  })

  it('parseKeys rejects a long label or an id beside a key, and does not take it for a key', () => {
    const reason = 'is taken for a note beside the key; if it is a key, put it on a line of its own'
    expect(parseKeys(`${a},550e8400-fake-41d4-a716-446655440000,12.5`)).toEqual({
      keys: [{ line: 1, secret: a, balance: '12.5' }],
      rejected: [{ line: 1, reason: `"550e8…0000" ${reason}` }],
    })
    expect(brief(`${a} key=${c}`)).toEqual([a, c])
  })

  it('parseKeys rejects no address, name or filler beside a key', () => {
    expect(clean(`https://api.example.com/v1 label=prod token ${a}`)).toEqual([a])
  })
})
