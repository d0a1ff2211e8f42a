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
export const asRead = (text: string): string =>
  text
    // Before the rest: compatibility takes some of them for a blank with an accent.
    .replace(/[‘’‚‛ʹʻʼʽˈ`´′]/g, "'")
    .replace(/[“”„‟«»″]/g, '"')
    .normalize('NFKD')
    // Other scripts' marks make other letters, as in Japanese and Hindi.
    .replace(/[\u0300-\u036f]/g, '')
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
