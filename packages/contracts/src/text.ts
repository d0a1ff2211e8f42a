/** Latin letters that are drawn with a stroke or as two in one: they have no accent that Unicode could take off. */
const letters: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ł: 'l',
  ŧ: 't',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
}

/**
 * A text as people compare it by reading: in any case, with or without accents, composed or not, whichever apostrophe,
 * quotation mark or hyphen the keyboard has, and however many blanks. Two texts are the same when these are.
 */
export const asRead = (text: string): string => (plain.test(text) ? readPlain(text) : readAny(text))

/** Most texts are such: of ASCII, without the apostrophe that some keyboards have instead. */
const plain = /^[\x20-\x5f\x61-\x7e]*$/
const readPlain = (text: string) => text.toLowerCase().replace(/ {2,}/g, ' ').trim()

const readAny = (text: string) =>
  text
    // Before the rest: compatibility takes some of them for a blank with an accent.
    .replace(/[‘’‚‛ʹʻʼʽˈ`´′׳]/g, "'")
    .replace(/[“”„‟«»″״]/g, '"')
    .normalize('NFKD')
    // Other scripts' marks make other letters, as in Japanese and Hindi; but for Hebrew's points, which most people leave out.
    .replace(/[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]/g, '')
    // Case by case up and down: that makes ß ss, as people without it write.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[æœøđðħłŧþıς]/g, letter => letters[letter] ?? letter)
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .normalize('NFC')
