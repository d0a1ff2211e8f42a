/** Brands by how their numbers begin (ISO/IEC 7812). */
const brands: readonly (readonly [name: string, begins: RegExp])[] = [
  ['Visa', /^4/],
  ['Mastercard', /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/],
  ['American Express', /^3[47]/],
  ['Discover', /^(?:6011|64[4-9]|65)/],
  ['Diners Club', /^3(?:0[0-5]|[689])/],
  ['JCB', /^35(?:2[89]|[3-8])/],
  ['UnionPay', /^62/],
]

/** Whose card it is, as far as the first digits tell; empty where they do not. */
export const cardBrand = (card: string): string =>
  brands.find(([, begins]) => begins.test(card.replace(/\D/g, '')))?.[0] ?? ''
