/** What there are pictures of, in public/foods, and by which words of a restaurant or a dish each is chosen. */
const words = {
  pizza: /pizz|margherita|marinara|forno|calzone/,
  pasta: /pasta|spaghet|tagliatelle|trattoria|lasagn|gnocchi|ravioli/,
  noodles: /noodle|ramen|udon|soba|pho\b|laksa|pad thai/,
  sushi: /sushi|nigiri|maki|sashimi|omakase|summer roll/,
  dumplings: /dumpling|gyoza|gow\b|dim sum|momo|pierog|bao\b/,
  taco: /taco|burrito|quesadilla|maiz|tortilla|nacho/,
  curry: /curry|dal\b|thali|masala|tikka|molee|spice/,
  rice: /rice|risott|paella|bibimbap|pilaf|biryani|donburi/,
  hummus: /hummus|chickpea|tahini|masabacha|falafel|meze/,
  salad: /salad|greens?\b|bowl|garden|vegetable/,
  bread: /bread|pita|baker|boulanger|naan|sandwich|toast/,
  fish: /fish|sea\b|octopus|bream|salmon|tuna|oyster|aguachile/,
  meat: /steak|kebab|grill|lamb|duck|beef|barbecue|bbq|schnitzel/,
  dessert: /dessert|cake|gelat|ice cream|pastr|sweet|waffle|pancake/,
  burger: /burger|diner/,
} as const

type Food = keyof typeof words
const foods = Object.keys(words) as Food[]

/** What a kitchen is known for, where its own words say nothing. Others have what chance gives them, always the same. */
const ofStyles: Readonly<Record<string, readonly Food[]>> = {
  american: ['burger', 'meat'],
  chinese: ['dumplings', 'noodles', 'rice'],
  french: ['meat', 'dessert', 'bread'],
  greek: ['fish', 'salad', 'bread'],
  indian: ['curry', 'rice', 'bread'],
  israeli: ['hummus', 'salad', 'bread', 'meat'],
  italian: ['pizza', 'pasta', 'rice', 'dessert'],
  japanese: ['sushi', 'noodles', 'dumplings'],
  korean: ['rice', 'dumplings', 'meat'],
  mexican: ['taco', 'salad', 'rice'],
  thai: ['curry', 'noodles', 'rice'],
  turkish: ['meat', 'bread', 'hummus'],
  vegan: ['salad', 'burger', 'taco'],
  vietnamese: ['noodles', 'sushi', 'rice'],
}

const grounds = [
  'bg-[#c8572f]',
  'bg-[#2f6f6a]',
  'bg-[#8d3b4a]',
  'bg-[#6f7d33]',
  'bg-[#486a94]',
  'bg-[#b0702a]',
  'bg-[#7a5230]',
  'bg-[#5c4a78]',
] as const

export interface Picture {
  food: Food
  /** A class for what is behind it. */
  ground: (typeof grounds)[number]
}

interface Pictured {
  id: string
  name: string
  style: string
  description: string
  vegetarian: boolean
  /** Dishes that were looked for. */
  dishes?: readonly string[]
}

/**
 * The picture of a restaurant: of what it is found by, of what it says of itself, or of what its style is known for.
 * @param beside the pictures next to it; it is like none of them
 */
export function pictureOf(restaurant: Pictured, beside: readonly Picture[] = []): Picture {
  const { id, style, dishes = [] } = restaurant
  const chance = fnv1a(id)
  const ofStyle = turned(ofStyles[style.toLowerCase()] ?? [], chance)
  const candidates = [
    ...foodsIn(dishes.join(' ')),
    ...foodsIn(restaurant.name),
    ...foodsIn(restaurant.description),
    ...ofStyle,
    ...turned(foods, fnv1a(style)),
  ]
  const fits = (food: Food) => !restaurant.vegetarian || (food !== 'meat' && food !== 'fish')
  const food = candidates.find(each => fits(each) && beside.every(other => other.food !== each)) ?? 'salad'
  const ground = turned(grounds, chance >>> 8).find(each => beside.every(other => other.ground !== each))
  return { food, ground: ground ?? grounds[0] }
}

/** The pictures of a list that is shown in up to three columns: none is like one beside, above or below it. */
export function picturesOf(restaurants: readonly Pictured[]): Picture[] {
  const pictures: Picture[] = []
  for (const each of restaurants) pictures.push(pictureOf(each, pictures.slice(-columns)))
  return pictures
}
const columns = 3

/** In the order in which a text names them. */
function foodsIn(text: string): Food[] {
  const plain = text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
  return foods
    .map(food => ({ food, at: plain.search(words[food]) }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at)
    .map(({ food }) => food)
}

const turned = <T>(list: readonly T[], by: number): T[] => {
  const at = list.length && by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return hash >>> 0
}
